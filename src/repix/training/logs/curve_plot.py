"""Plot of the loss and the first metric over the steps, as an SVG."""

import math
from collections.abc import Sequence
from html import escape

from repix.training.logs import Record
from repix.training.run_folder import RunFolder

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 360, 70, 70, 40, 46
LOSS, METRIC, INK, LINE = "#b35900", "#0b62a8", "#1b1f24", "#d0d6dc"

LEAST, MOST = 1e-30, 1e100
"""Smaller ranges are drawn as a flat line; larger values are left out."""

Points = Sequence[tuple[float, float]]


class CurvePlot:
    """Writes curve.svg."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def write(self, record: Record) -> None:
        """Write the plot."""
        metric = record.metrics[0] if record.metrics else ""
        losses = [(row["step"], row["loss"]) for row in record.rows]
        points = [(row["step"], row[metric]) for row in record.rows if metric in row]
        self.folder.write(self.folder.curve, curve_plot(losses, points, metric, record.title).encode())

    def close(self) -> None:
        """Nothing is open."""


def curve_plot(losses: Points, metrics: Points, metric: str, title: str) -> str:
    """Return an SVG with the loss on the left axis and the metric on the right one.

    >>> picture = curve_plot([(1, 0.5), (2, 0.25)], [(2, 31.0)], "gray (dB)", "denoise")
    >>> picture.count("<polyline"), "gray (dB)" in picture
    (2, True)
    """
    last = max([x for x, _ in (*losses, *metrics)], default=1)
    parts = [_words(WIDTH / 2, 22, title, INK, "middle", 15)]
    parts += [_words(_across(x, last), HEIGHT - BOTTOM + 20, f"{x:g}", INK, "middle") for x in _ticks(0, last)]
    parts.append(_words(WIDTH / 2, HEIGHT - 8, "steps", INK, "middle"))
    for points, color, side, name in ((losses, LOSS, "left", "loss"), (metrics, METRIC, "right", metric)):
        parts += _axis(points, last, color, side, name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" font-family="\'DejaVu Sans\', Verdana, Arial, sans-serif" font-size="12">\n'
        f"<title>{escape(title)}</title>\n"
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _axis(points: Points, last: float, color: str, side: str, name: str) -> list[str]:
    """Return a curve with its own axis at one side, in the same color."""
    known = [(x, y) for x, y in points if abs(y) < MOST]
    if not known:
        return []
    low, high = min(y for _, y in known), max(y for _, y in known)
    span = high - low if high - low > abs(high) * 1e-9 else abs(high)
    margin = span * 0.05 if span * 0.05 > LEAST else 1.0
    low, high = low - margin, high + margin
    at, anchor = (LEFT - 8, "end") if side == "left" else (WIDTH - RIGHT + 8, "start")
    parts = []
    for value in _ticks(low, high):
        y = _up(value, low, high)
        if side == "left":
            parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{LINE}" stroke-width="1"/>')
        parts.append(_words(at, y + 4, f"{value:g}", color, anchor))
    parts.append(_words(at, TOP - 8, name, color, "start" if side == "left" else "end"))
    line = " ".join(f"{_across(x, last):.1f},{_up(y, low, high):.1f}" for x, y in known)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
    if side == "right":
        parts += [
            f'<circle cx="{_across(x, last):.1f}" cy="{_up(y, low, high):.1f}" r="3" fill="{color}"/>' for x, y in known
        ]
    return parts


def _across(x: float, last: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * x / last


def _up(y: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (y - low) / (high - low)


def _ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers between two.

    >>> _ticks(0, 2440)
    [0.0, 500.0, 1000.0, 1500.0, 2000.0]
    """
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return [round(k * step, 10) for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _words(x: float, y: float, text: str, color: str, anchor: str, size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'
    )
