"""A small SVG writer: boxes, text and grids of numbers, laid out in rows and columns on a white canvas."""

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from repix.explanation.array_text import format_value
from repix.explanation.planes import Mask, Plane

INK, QUIET, LINE, PAPER = "#1b1f24", "#59636e", "#b8c0c8", "#ffffff"
SHORTEST_TITLE = 16
"""The shortest line, in letters, into which the title of a narrow grid is broken."""

FONT = "'DejaVu Sans', Verdana, Arial, sans-serif"


class Canvas:
    """SVG elements in drawing order."""

    def __init__(self) -> None:
        self._elements: list[str] = []

    def box(
        self, x: float, y: float, size: tuple[float, float], fill: str = "none", stroke: str = LINE, width: float = 1
    ) -> None:
        """Draw a rectangle with its upper left corner at (x, y)."""
        self._elements.append(
            f'<rect x="{x:g}" y="{y:g}" width="{size[0]:g}" height="{size[1]:g}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="{width:g}"/>'
        )

    def text(self, x: float, y: float, text: str, size: float = 14, ink: str = INK, style: str = "") -> None:
        """Draw one line of text; `style` may contain "bold" and "middle" (centered on x)."""
        weight = ' font-weight="bold"' if "bold" in style else ""
        anchor = ' text-anchor="middle"' if "middle" in style else ""
        self._elements.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{ink}"{weight}{anchor}>{escape(text)}</text>'
        )

    def picture(self, x: float, y: float, size: tuple[float, float], url: str) -> None:
        """Draw a picture from a data URL; its pixels are squares."""
        self._elements.append(
            f'<image x="{x:g}" y="{y:g}" width="{size[0]:g}" height="{size[1]:g}" preserveAspectRatio="none" '
            f'style="image-rendering:pixelated" href="{url}"/>'
        )

    def ring(self, x: float, y: float, radius: float) -> None:
        """Draw a ring around a point, visible on light and on dark pixels."""
        for color, width in ((PAPER, 4), ("#d55e00", 2)):
            self._elements.append(
                f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="none" stroke="{color}" stroke-width="{width}"/>'
            )

    def link(self, x: float, y: float, size: tuple[float, float], text: str, target: str) -> None:
        """Draw a button that goes to the element `target`; without a target it is gray."""
        ink = INK if target else LINE
        self._elements += [f'<a href="#{target}">'] if target else []
        self.box(x, y, size, PAPER, ink)
        self.text(x + size[0] / 2, y + size[1] * 0.66, text, 14, ink, "middle")
        self._elements += ["</a>"] if target else []

    def body(self) -> str:
        """Return the elements as text."""
        return "\n".join(self._elements)

    def finish(self, width: float, height: float, title: str, description: str) -> str:
        """Return the SVG document, with a title and a description for screen readers."""
        return document(self.body(), (width, height), title, description)


def document(body: str, size: tuple[float, float], title: str, description: str, style: str = "") -> str:
    """Return an SVG document of elements, with a white background. One with a style sheet may hold links."""
    width, height = size
    kind = 'role="document" preserveAspectRatio="xMinYMin"' if style else 'role="img"'
    sheet = f"<style>{style}</style>\n" if style else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" {kind} aria-labelledby="title description" '
        f'font-family="{escape(FONT)}">\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="description">{escape(description)}</desc>\n'
        f'{sheet}<rect width="100%" height="100%" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )


@dataclass(frozen=True)
class Item:
    """Something with a size that can be drawn at a position."""

    size: tuple[float, float]
    draw: Callable[[Canvas, float, float], None]


@dataclass(frozen=True, eq=False)
class Outline:
    """A frame around a region of a grid; the inset separates overlapping frames."""

    region: Mask
    color: str
    inset: float = 0


@dataclass(frozen=True, eq=False)
class Grid:
    """A plane as a grid of cells with numbers."""

    plane: Plane
    fills: dict[tuple[int, int], str] = field(default_factory=dict)
    outlines: Sequence[Outline] = ()
    bold: Mask | None = None
    scale: float = 1.0
    letters: int = 0
    """The least number of letters that a cell has room for."""

    def item(self) -> Item:
        """Return the grid with its title above it."""
        rows, columns = self.plane.numbers.shape
        texts = [[format_value(value) for value in row] for row in self.plane.numbers.tolist()]
        longest = max(self.letters, *(len(text) for row in texts for text in row))
        cell = (cell_width(longest) * self.scale, 32 * self.scale)
        letter, line = 7.6 * self.scale, 16 * self.scale
        words = _broken(self.plane.title, max(int(columns * cell[0] / letter), SHORTEST_TITLE))
        title = line * max(len(words), 1) + 6 * self.scale
        width = max(columns * cell[0], *(letter * len(part) for part in words), 0)

        def draw(canvas: Canvas, x: float, y: float) -> None:
            for number, part in enumerate(words):
                canvas.text(x, y + 13 * self.scale + line * number, part, 13 * self.scale, QUIET)
            for row, column in np.ndindex(rows, columns):
                self._cell(canvas, x + column * cell[0], y + title + row * cell[1], cell, (row, column), texts)
            for outline in self.outlines:
                _frame(canvas, x, y + title, cell, outline)

        return Item((width, title + rows * cell[1]), draw)

    def _cell(
        self,
        canvas: Canvas,
        x: float,
        y: float,
        size: tuple[float, float],
        place: tuple[int, int],
        texts: list[list[str]],
    ) -> None:
        canvas.box(x, y, size, self.fills.get(place, PAPER))
        if self.plane.decided[place]:
            style = "middle bold" if self.bold is not None and self.bold[place] else "middle"
            canvas.text(x + size[0] / 2, y + size[1] * 0.66, texts[place[0]][place[1]], 14 * self.scale, INK, style)


def cell_width(letters: int) -> float:
    """Return the width of a cell for a number of letters."""
    return max(34.0, 9.0 * letters + 14)


def _broken(title: str, letters: int) -> list[str]:
    """Return a title broken into lines of at most `letters` letters; a number stays with the word before it.

    >>> _broken("kernel, channel 0, filter 0", 16)
    ['kernel,', 'channel 0,', 'filter 0']
    """
    kept = re.sub(r" (?=\d)", "\u00a0", title)
    return [line.replace("\u00a0", " ") for line in textwrap.wrap(kept, letters)]


def _frame(canvas: Canvas, x: float, y: float, cell: tuple[float, float], outline: Outline) -> None:
    """Draw a frame around each connected part of a region that consists of whole rows and columns."""
    for top, bottom in _runs(np.any(outline.region, axis=1)):
        for left, right in _runs(np.any(outline.region, axis=0)):
            size = (
                (right - left) * cell[0] - 2 * outline.inset,
                (bottom - top) * cell[1] - 2 * outline.inset,
            )
            corner = x + left * cell[0] + outline.inset, y + top * cell[1] + outline.inset
            canvas.box(*corner, size, stroke=outline.color, width=3)


def _runs(marks: Mask) -> list[tuple[int, int]]:
    """Return the start and end of each run of marks: [0 1 1 0 1] gives (1, 3), (4, 5)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def operator(text: str, scale: float = 1.0) -> Item:
    """Return an operator between grids, as high as the title and one row of a grid."""
    size = (12 * scale * len(text) + 6, 54 * scale)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.text(x + size[0] / 2, y + 45 * scale, text, 20 * scale, INK, "middle")

    return Item(size, draw)


def text_line(text: str, size: float = 14, ink: str = INK, swatch: str | None = None, style: str = "") -> Item:
    """Return a line of text, after a color swatch if one is given."""
    indent = 0 if swatch is None else size * 1.5

    def draw(canvas: Canvas, x: float, y: float) -> None:
        if swatch is not None:
            canvas.box(x, y + 2, (size, size), swatch, LINE if swatch == PAPER else swatch)
        canvas.text(x + indent, y + size, text, size, ink, style)

    return Item((indent + len(text) * size * 0.57, size * 1.5), draw)


def heading(name: str, idea: str, letters: int) -> Item:
    """Return the heading of a picture: a name, and its explanation in lines of at most `letters` letters."""
    lines = [text_line(line, 14, QUIET) for line in textwrap.wrap(idea, letters)]
    return column([text_line(name, 22, style="bold"), *lines], 4)


def sized(item: Item, size: tuple[float, float]) -> Item:
    """Return an item in the upper left corner of a larger area."""
    return Item((max(item.size[0], size[0]), max(item.size[1], size[1])), item.draw)


def row(items: Sequence[Item], gap: float = 18, top: bool = False) -> Item:
    """Return items side by side, vertically centered or aligned at the top."""
    height = max(item.size[1] for item in items)
    width = sum(item.size[0] for item in items) + gap * (len(items) - 1)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for item in items:
            item.draw(canvas, x, y if top else y + (height - item.size[1]) / 2)
            x += item.size[0] + gap

    return Item((width, height), draw)


def column(items: Sequence[Item], gap: float = 18) -> Item:
    """Return items below each other."""
    width = max(item.size[0] for item in items)
    height = sum(item.size[1] for item in items) + gap * (len(items) - 1)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for item in items:
            item.draw(canvas, x, y)
            y += item.size[1] + gap

    return Item((width, height), draw)


def wrap(items: Sequence[Item], room: float, gap: float = 18) -> Item:
    """Return items side by side, wrapped to as many lines as they need."""
    lines: list[list[Item]] = []
    used = room + 1.0
    for item in items:
        if used + gap + item.size[0] > room:
            lines.append([])
            used = -gap
        lines[-1].append(item)
        used += gap + item.size[0]
    return column([row(line, gap) for line in lines], gap)
