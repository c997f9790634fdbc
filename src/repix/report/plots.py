"""Plots as vector graphics, by matplotlib: curves, and values with their spread.

Colors are those of Okabe and Ito, which color-blind people can distinguish, without the pale yellow; markers and dashes
distinguish lines too.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from repix import registry
from repix.printable import printable
from repix.report.embedded import Embedded, embedded_svg

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
MARKERS = "osD^vPX"
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)))
INK = "#1b1f24"
OPTIONS = {"svg.fonttype": "none", "svg.hashsalt": "repix", "text.parse_math": False}
"""Options of matplotlib: text stays text, equal plots have equal bytes, and a dollar sign is a dollar sign."""
WIDTH, HEIGHT = 5.4, 3.4
"""Size of a plot, in inches."""


@dataclass(frozen=True)
class Axes:
    """The title of a plot and the names of its axes."""

    title: str
    across: str
    up: str


@dataclass(frozen=True)
class Line:
    """A line of a plot; lines of one label have one color, and one entry in the legend."""

    label: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Values:
    """The values of a label, a point each, and their mean."""

    label: str
    values: Sequence[float]
    quiet: bool = False
    """Drawn in gray, such as a baseline."""


def curves(axes: Axes, lines: Sequence[Line]) -> Embedded:
    """Return a plot of lines."""
    labels = list(dict.fromkeys(line.label for line in lines))
    with _plot(axes, HEIGHT + 0.2 * (len(labels) // 2)) as (figure, drawn, file):
        for line in lines:
            number = labels.index(line.label)
            is_first = next(one for one in lines if one.label == line.label) is line
            drawn.plot(
                *zip(*line.points, strict=True),
                color=COLORS[number % len(COLORS)],
                marker=MARKERS[number % len(MARKERS)],
                linestyle=DASHES[number // len(COLORS) % len(DASHES)],
                label=printable(line.label) if is_first else None,
                markersize=4,
                linewidth=1.4,
            )
        figure.legend(loc="outside lower center", ncols=min(2, len(labels)), frameon=False, fontsize=9)
    return embedded_svg(file.getvalue())


def spreads(axes: Axes, rows: Sequence[Values]) -> Embedded:
    """Return a plot with a row of points for each label, and a bar at their mean."""
    with _plot(axes, 1.2 + 0.32 * len(rows)) as (_, drawn, file):
        for number, row in enumerate(rows):
            color = "#777777" if row.quiet else COLORS[0]
            up = len(rows) - 1 - number
            drawn.plot(row.values, [up] * len(row.values), "o", color=color, markersize=6, alpha=0.7)
            drawn.plot([sum(row.values) / len(row.values)], [up], "|", color=color, markersize=18, markeredgewidth=2)
        drawn.set_ylim(-0.6, len(rows) - 0.4)
        drawn.set_yticks(range(len(rows)), [printable(row.label) for row in reversed(rows)])
    return embedded_svg(file.getvalue())


@contextmanager
def _plot(axes: Axes, height: float) -> Iterator[tuple[Any, Any, io.StringIO]]:
    """Yield a figure, its axes to draw on, and the file in which its SVG is after the `with` block."""
    file = io.StringIO()
    with registry.library("matplotlib").rc_context(OPTIONS):
        figure = registry.library("matplotlib.figure").Figure(figsize=(WIDTH, height), layout="constrained")
        drawn = figure.subplots()
        drawn.set_title(axes.title, fontsize=11, color=INK)
        drawn.set(xlabel=axes.across, ylabel=axes.up)
        drawn.grid(alpha=0.3)
        drawn.spines[["top", "right"]].set_visible(False)
        yield figure, drawn, file
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Title": axes.title})
