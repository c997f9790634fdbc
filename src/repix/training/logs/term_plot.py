"""Plot of the parts of the loss over the steps, one below the other, as an SVG."""

from collections.abc import Mapping, Sequence
from html import escape

from repix.training.logs import Record
from repix.training.logs.curve_plot import INK, LINE, LOSS, MOST, Points
from repix.training.run_folder import RunFolder

WIDTH, LEFT, RIGHT, TOP, ROW, MARGIN = 760, 190, 20, 40, 76, 12
"""Sizes; each part has a row with its own scale, whose ends are its lowest and highest value."""


class TermPlot:
    """Writes terms.svg, if the objective returns more than the loss."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def write(self, record: Record) -> None:
        """Write the plot."""
        curves = {
            name: [(row["step"], row[name]) for row in record.rows if name in row]
            for name in ("loss", *record.all_terms)
        }
        if len(curves) > 1:
            self.folder.write(self.folder.terms, term_plot(curves, record.title).encode())

    def close(self) -> None:
        """Nothing is open."""


def term_plot(curves: Mapping[str, Points], title: str) -> str:
    """Return an SVG with a row for each curve.

    >>> term_plot({"loss": [(1, 0.5), (2, 0.25)], "real": [(2, 1.5)]}, "denoise").count("<polyline")
    2
    """
    last = max([x for points in curves.values() for x, _ in points], default=1)
    height = TOP + ROW * len(curves) + 10
    parts = [_words(WIDTH / 2, 22, title, "middle", 15)]
    for number, (name, points) in enumerate(curves.items()):
        parts += _row(TOP + ROW * number, name, points, last)
    parts.append(_words(WIDTH - RIGHT, height - 4, f"step {last:g}", "end"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" font-family="\'DejaVu Sans\', Verdana, Arial, sans-serif" font-size="12">\n'
        f"<title>{escape(title)}</title>\n"
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _row(top: float, name: str, points: Points, last: float) -> Sequence[str]:
    """Return a curve between its lowest and its highest value, which are written at its left."""
    bottom = top + ROW - MARGIN
    known = [(x, y) for x, y in points if abs(y) < MOST]
    parts = [
        f'<path d="M{LEFT} {top}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="{LINE}" stroke-width="1"/>',
        _words(10, (top + bottom) / 2 + 4, name, "start"),
    ]
    if not known:
        return parts
    low, high = min(y for _, y in known), max(y for _, y in known)
    span = (high - low) or 1.0
    line = " ".join(
        f"{LEFT + (WIDTH - LEFT - RIGHT) * x / last:.1f},{bottom - 4 - (bottom - top - 8) * (y - low) / span:.1f}"
        for x, y in known
    )
    return [
        *parts,
        _words(LEFT - 8, top + 10, f"{high:.4g}", "end"),
        _words(LEFT - 8, bottom, f"{low:.4g}", "end"),
        f'<polyline points="{line}" fill="none" stroke="{LOSS}" stroke-width="2"/>',
    ]


def _words(x: float, y: float, text: str, anchor: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'
