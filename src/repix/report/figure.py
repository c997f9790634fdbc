"""Figures of pictures with titles, as SVG with the pixels inside, or as PNG."""

import base64
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.explanation.svg import QUIET, Canvas, Item, column, row, text_line
from repix.pictures import Picture, write
from repix.pictures.atomic import atomic_file, check_free
from repix.pictures.rasterize import svg_to_png

MARGIN = 24.0


def plane_item(plane: Array, title: str, width: float, mark: tuple[float, float] | None = None) -> Item:
    """Return a plane H×W of values from 0 to 1 below its title, `width` wide; pixels are shown as squares.

    Args:
        plane: the values; what is below 0 or above 1 is clipped.
        title: the title; a line break separates its lines.
        width: the width in the figure.
        mark: a point (column, row), as fractions of the size, that a ring is drawn around.
    """
    words = column([text_line(line, 13, QUIET) for line in title.split("\n")], 0)
    height = width * plane.shape[0] / plane.shape[1]
    content = _png(plane)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        words.draw(canvas, x, y)
        top = y + words.size[1] + 4
        canvas.picture(x, top, (width, height), content)
        if mark is not None:
            canvas.ring(x + mark[0] * width, top + mark[1] * height, 6)

    return Item((max(width, words.size[0]), words.size[1] + 4 + height), draw)


def _png(plane: Array) -> str:
    """Return a plane as a PNG in a data URL."""
    file = BytesIO()
    pixels = (np.clip(plane, 0, 1) * 255).round().astype(np.uint8)
    write(Picture(pixels), file, format="png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def figure(title: str, text: Sequence[str], rows: Sequence[Sequence[Item]]) -> str:
    """Return a figure as SVG: a title, lines of text, and rows of items."""
    head = [text_line(title, 22, style="bold"), *(text_line(line, 14, QUIET) for line in text)]
    page = column([column(head, 4), *(row(list(items), 18, top=True) for items in rows)], 20)
    canvas = Canvas()
    page.draw(canvas, MARGIN, MARGIN)
    return canvas.finish(page.size[0] + 2 * MARGIN, page.size[1] + 2 * MARGIN, title, " ".join(text))


def check_figure_file(path: Path, overwrite: bool) -> None:
    """Refuse a file that exists, or whose name ends neither in .svg nor in .png."""
    if path.suffix.lower() not in (".svg", ".png"):
        raise WrongUse(f"{path}: the name of a figure must end in .svg or .png.")
    check_free(path, overwrite)


def write_figure(drawing: str, path: Path, overwrite: bool) -> None:
    """Write a figure as SVG or as PNG, by the suffix of the file's name."""
    content = drawing.encode() if path.suffix.lower() == ".svg" else svg_to_png(drawing, 1.0)
    with atomic_file(path, overwrite) as file:
        file.write(content)
