"""The page of an audit: one HTML file with the verdict, tables, spectra, and amplified pictures."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.audit.measurement import KindMeasurement, Measurement
from repix.audit.probes import Probe
from repix.audit.report import GRADIENT_HEADER, HEADER, KIND_HEADER, KNOWN, Audit
from repix.pictures import Picture, write
from repix.pictures.atomic import atomic_file
from repix.report import Figure, Section, page

ENLARGED = 6
"""By how much crops are enlarged."""
CROP = 48
"""The side of crops, in pixels."""
WIDTH, HEIGHT = 560, 300
MARGINS = (56, 12, 40, 16)
"""The margins of a plot: left, right, bottom, top."""
COLORS = ("#0072b2", "#d55e00")
"""Blue and orange of Okabe and Ito, which color-blind people can distinguish."""
DASHES = ("", "6 4")
READING = (
    "Every number with the unit dB is the power of a pattern over that of its spectral neighborhood. Up to 10 dB it is "
    "no checkerboard: on a flat area, that is ±0.1 gray levels (8-bit). Predictions come from the weights alone."
)


@dataclass(frozen=True)
class EmbeddedFigure(Figure):
    """A picture inside the page: `file` is its data URI."""

    def html(self) -> str:
        """Return the HTML figure."""
        text = f"<p>{escape(self.text)}</p>" if self.text else ""
        return (
            f'<figure><div class="figure"><img src="{self.file}" alt="{escape(self.title)}"></div>'
            f"<figcaption><strong>{escape(self.title)}</strong>{text}</figcaption></figure>"
        )


def write_page(found: Audit, path: Path, *, overwrite: bool = False) -> None:
    """Write the page of an audit."""
    content = audit_page(found).encode()
    with atomic_file(path, overwrite=overwrite) as file:
        file.write(content)


def audit_page(found: Audit) -> str:
    """Return the page of an audit, as HTML."""
    sections = [
        Section("Layers", READING, header=HEADER, rows=found.rows()),
        Section("Inputs", "What was measured for each kind of input.", header=KIND_HEADER, rows=found.kind_rows()),
    ]
    if found.measurement is not None:
        measured = found.measurement
        sections += [
            Section("Spectra", SPECTRA, items=[_spectrum_figure(one) for one in measured.kinds]),
            Section("Mean over all directions", AZIMUTHAL, items=[_curve_figure(one) for one in measured.kinds]),
            Section("Pictures", PICTURES, items=_amplified_figures(measured)),
        ]
    if found.prediction.gradients:
        header, rows = GRADIENT_HEADER, found.gradient_rows()
        sections.append(Section("Gradients of strided convolutions", GRADIENTS, header=header, rows=rows))
    kept = [one for one in sections if one.rows or one.items]
    return page(f"Checkerboard audit: {found.model.name}", found.verdict, kept)


SPECTRA = (
    "The power spectrum of the results: frequency 0 is in the middle, 1/2 cycle per pixel at the edges; each gray "
    "level is a power, on a logarithmic scale of 90 dB. A pattern is a bright dot at an edge, a corner, or halfway."
)
AZIMUTHAL = "The power of the results by frequency, in dB, and that of the truths where they are known."
PICTURES = (
    "The part of a result around the middle, enlarged, and the same with its deviation from the mean of its "
    "neighborhood amplified, as far as it needs to be seen."
)
GRADIENTS = (
    "The gradient of a strided convolution is a transposed convolution with the same kernel: where its phase sums "
    "differ, training changes some pixels more than their neighbors."
)


def _spectrum_figure(found: KindMeasurement) -> EmbeddedFigure:
    """Return the power spectrum as a picture."""
    power = np.fft.fftshift(found.spectrum.power)
    decibels = 10 * np.log10(np.maximum(power / max(power.max(), 1e-30), 1e-9))
    gray = np.repeat(np.repeat(1 + decibels / 90, ENLARGED, 0), ENLARGED, 1)
    row, column = found.strength.frequency
    text = f"{found.strength.score:.1f} dB at {row} cycles per pixel down and {column} across"
    return EmbeddedFigure(KNOWN[found.kind].capitalize(), _png(gray[..., None]), text)


def _curve_figure(found: KindMeasurement) -> EmbeddedFigure:
    """Return the power by frequency as a plot."""
    lines = [("result", found.azimuthal)] + ([] if found.truth is None else [("truth", found.truth)])
    return EmbeddedFigure(KNOWN[found.kind].capitalize(), _svg_uri(_plot(lines)))


def _plot(lines: Sequence[tuple[str, Array]]) -> str:
    """Return an SVG plot of powers by frequency, in dB."""
    values = [10 * np.log10(np.maximum(power, 1e-16)) for _, power in lines]
    low, high = (float(round_to(pick(map(pick, values)))) for pick, round_to in ((min, _down), (max, _up)))
    left, right, bottom, top = MARGINS

    def place(across: float, up: float) -> tuple[float, float]:
        width, height = WIDTH - left - right, HEIGHT - top - bottom
        return left + width * across, top + height * (1 - (up - low) / (high - low))

    parts = []
    for level in np.arange(low, high + 1, 20):
        _, y = place(0, float(level))
        parts.append(f'<path d="M{left} {y:.1f}H{WIDTH - right}" stroke="#ccc"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{level:.0f}</text>')
    for tick in ("0", "1/8", "1/4", "3/8", "1/2"):
        above, _, below = tick.partition("/")
        x, y = place(2 * int(above) / int(below or 1), low)
        parts.append(f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{tick}</text>')
    for number, ((label, _), line) in enumerate(zip(lines, values, strict=True)):
        points = (place(at / (len(line) - 1), float(one)) for at, one in enumerate(line))
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        style = f'stroke="{COLORS[number]}" stroke-dasharray="{DASHES[number]}"'
        parts.append(f'<polyline points="{drawn}" fill="none" stroke-width="2" {style}/>')
        y = top + 14 + 18 * number
        parts.append(f'<path d="M{WIDTH - 110} {y - 4}h28" stroke-width="2" {style}/>')
        parts.append(f'<text x="{WIDTH - 76}" y="{y}">{label}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 6}" text-anchor="middle">cycles per pixel</text>')
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    style = 'font-family="sans-serif" font-size="12" fill="#222"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(parts)}</svg>'


def _down(level: float) -> float:
    return 20 * float(np.floor(level / 20))


def _up(level: float) -> float:
    return 20 * float(np.floor(level / 20) + 1)


def _amplified_figures(measured: Measurement) -> list[Figure]:
    """Return the middle of a result of each kind, and the same amplified."""
    made: list[Figure] = []
    for probe, y in measured.samples:
        crop = _middle(y)
        low, high = float(y.min()), float(y.max())
        plain = (crop - low) / (high - low) if high > low else np.full_like(crop, 0.5)
        deviation = crop - crop.mean(axis=(1, 2), keepdims=True) if probe.kind == "constant" else crop - _blurred(crop)
        largest = float(np.abs(deviation).max())
        reference = float(np.sqrt((y**2).mean())) or 1.0
        gain = min(1000.0, 0.5 * reference / largest) if largest > 0 else 1.0
        title = KNOWN[probe.kind].capitalize()
        text = _named(probe)
        made.append(EmbeddedFigure(title, _png(_enlarged(plain)), text))
        amplified = 0.5 + deviation * gain / reference
        made.append(EmbeddedFigure(f"{title}, amplified {gain:.3g} times", _png(_enlarged(amplified)), text))
    return made


def _named(probe: Probe) -> str:
    return probe.name or "the first of these inputs"


def _middle(y: Array) -> Array:
    """Return a crop of up to three channels around the middle."""
    height, width = y.shape[-2:]
    top, left = max(0, (height - CROP) // 2), max(0, (width - CROP) // 2)
    return y[: 3 if len(y) >= 3 else 1, top : top + CROP, left : left + CROP]


def _blurred(planes: Array, reach: int = 4) -> Array:
    """Return the mean of a square neighborhood of each pixel."""
    side = 2 * reach + 1
    padded = np.pad(planes, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    under = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    mean: Array = under.mean(axis=(-2, -1))
    return mean


def _enlarged(planes: Array) -> Array:
    """Return planes C×H×W as a picture of large pixels."""
    return np.moveaxis(planes, 0, -1).repeat(ENLARGED, 0).repeat(ENLARGED, 1)


def _png(colors: Array) -> str:
    """Return a picture H×W×C in [0, 1] as a data URI."""
    file = io.BytesIO()
    pixels: NDArray[Any] = np.rint(255 * np.clip(colors, 0, 1)).astype(np.uint8)
    write(Picture(np.ascontiguousarray(pixels)), file, format="png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _svg_uri(text: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}"
