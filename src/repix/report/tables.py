"""HTML tables for pages and notebooks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Number:
    """A cell with a number: its text, and the value by which rows are sorted."""

    text: str
    value: float


@dataclass(frozen=True)
class Colored:
    """A cell with a text and its color in the pictures."""

    text: str
    color: str
    """Such as "#d55e00"."""


Cell = str | Number | Colored


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]], caption: str = "", *, sortable: bool = False) -> str:
    """Return an HTML table; empty without rows.

    Args:
        header: titles of the columns.
        rows: cells; a `Number` is sorted by its value.
        caption: text above the table.
        sortable: a page's script sorts the rows by the column whose title is clicked.

    >>> table(["model", "PSNR"], [["a < b", "30.1"]])
    '<table><thead><tr><th>model</th><th>PSNR</th></tr></thead><tbody><tr><td>a &lt; b</td><td class="number">30.1</td></tr></tbody></table>'
    """  # noqa: E501 (the output is one line)
    if not rows:
        return ""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    heads = [_head(cell, isinstance(first, Number), sortable) for cell, first in zip(header, rows[0], strict=False)]
    head = f"<thead><tr>{''.join(heads)}</tr></thead>" if header else ""
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    kind = ' class="sortable"' if sortable else ""
    return f"<table{kind}>{title}{head}<tbody>{body}</tbody></table>"


def swatch(color: str) -> str:
    """Return a small square of a color as HTML.

    >>> swatch("#d55e00")
    '<span class="color" style="background: #d55e00"></span>'
    """
    return f'<span class="color" style="background: {color}"></span>'


def _head(text: str, number: bool, sortable: bool) -> str:
    kind = ' class="number"' if number else ""
    return (
        f'<th{kind}><button type="button">{escape(text)}</button></th>'
        if sortable
        else f"<th{kind}>{escape(text)}</th>"
    )


def _cell(cell: Cell) -> str:
    if isinstance(cell, Colored):
        return f"<td>{swatch(cell.color)}{escape(cell.text)}</td>"
    if isinstance(cell, Number):
        sorted_by = "" if math.isnan(cell.value) else f' data-value="{_javascript(cell.value)}"'
        return f'<td class="number"{sorted_by}>{escape(cell.text)}</td>'
    number = ' class="number"' if cell.replace(".", "", 1).removeprefix("-").isdigit() else ""
    return f"<td{number}>{escape(cell)}</td>"


def _javascript(value: float) -> str:
    """Return a number as JavaScript reads it.

    >>> _javascript(1.5), _javascript(-math.inf)
    ('1.5', '-Infinity')
    """
    return f"{value:.9g}" if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"
