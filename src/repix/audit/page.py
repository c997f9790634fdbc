"""The page of an audit: one HTML file with the verdict, tables, spectra, and amplified pictures."""

from pathlib import Path

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.audit.amplification import amplified, spectrum_picture
from repix.audit.measurement import KindMeasurement, Measurement
from repix.audit.probes import Probe
from repix.audit.report import GRADIENT_HEADER, HEADER, KIND_HEADER, KNOWN, Audit
from repix.pictures.atomic import check_free
from repix.report import Embedded, Figure, Section, embedded, page
from repix.report.plots import Axes, Line, curves

ENLARGED = 6
"""By how much crops are enlarged."""
CROP = 48
"""The side of crops, in pixels."""
LEAST_POWER = 1e-16
"""The least power in plots."""
READING = (
    "Every number with the unit dB is the power of a pattern over that of its spectral neighborhood. Up to 10 dB it is "
    "no checkerboard: on a flat area, that is ±0.1 gray levels (8-bit). Predictions come from the weights alone."
)


def require_page(path: Path, overwrite: bool) -> None:
    """Refuse a page that cannot be written, before the audit."""
    check_free(path, overwrite)
    registry.require_libraries("matplotlib")


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
    return page(f"Checkerboard audit: {found.model.name}", "", kept, answer=[found.verdict, *found.notes])


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


def _spectrum_figure(found: KindMeasurement) -> Figure:
    """Return the power spectrum as a picture."""
    gray = spectrum_picture(found.spectrum.power).repeat(ENLARGED, 0).repeat(ENLARGED, 1)
    row, column = found.strength.frequency
    text = f"{found.strength.score:.1f} dB at {row} cycles per pixel down and {column} across"
    return Figure(KNOWN[found.kind].capitalize(), _embedded(gray[..., None]), text)


def _curve_figure(found: KindMeasurement) -> Figure:
    """Return the power by frequency as a plot."""
    powers = {"result": found.azimuthal} | ({} if found.truth is None else {"truth": found.truth})
    lines = [Line(label, _points(power)) for label, power in powers.items()]
    title = KNOWN[found.kind].capitalize()
    return Figure(title, curves(Axes("", "cycles per pixel", "power, dB"), lines))


def _points(power: Array) -> list[tuple[float, float]]:
    """Return the points of a curve: frequency, and power in dB."""
    decibels = 10 * np.log10(np.maximum(power, LEAST_POWER))
    return [(at / (2 * (len(power) - 1)), float(one)) for at, one in enumerate(decibels)]


def _amplified_figures(measured: Measurement) -> list[Figure]:
    """Return the middle of a result of each kind, and the same amplified."""
    made: list[Figure] = []
    low, high = min(float(y.min()) for _, y in measured.samples), max(float(y.max()) for _, y in measured.samples)
    for probe, y in measured.samples:
        crop = _middle(y)
        plain = (crop - low) / (high - low) if high > low else np.full_like(crop, 0.5)
        larger, gain = amplified(crop, float(np.sqrt((y**2).mean())) or 1.0, is_constant=probe.kind == "constant")
        title = KNOWN[probe.kind].capitalize()
        text = _named(probe)
        made.append(Figure(title, _embedded(_enlarged(plain)), text))
        made.append(Figure(f"{title}, amplified {gain:.3g} times", _embedded(_enlarged(larger)), text))
    return made


def _named(probe: Probe) -> str:
    return probe.name or "the first of these inputs"


def _middle(y: Array) -> Array:
    """Return a crop of up to three channels around the middle."""
    height, width = y.shape[-2:]
    top, left = max(0, (height - CROP) // 2), max(0, (width - CROP) // 2)
    return y[: 3 if len(y) >= 3 else 1, top : top + CROP, left : left + CROP]


def _enlarged(planes: Array) -> Array:
    """Return planes C×H×W as a picture of large pixels."""
    return np.moveaxis(planes, 0, -1).repeat(ENLARGED, 0).repeat(ENLARGED, 1)


def _embedded(colors: Array) -> Embedded:
    """Return a picture H×W×C in [0, 1], inside the page."""
    return embedded(np.rint(255 * np.clip(colors, 0, 1)).astype(np.uint8))
