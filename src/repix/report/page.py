"""A self-contained HTML page with before/after sliders, figures and sortable tables.

Style and script are part of the page. Pictures are files beside it, or `Embedded` in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from repix.pictures.atomic import atomic_file
from repix.report.embedded import Embedded
from repix.report.tables import Cell, table

Source = str | Embedded
"""A file, relative to the page, or a picture inside the page."""


@dataclass(frozen=True)
class Comparison:
    """Two pictures of one size with a before/after slider."""

    title: str
    before: Source
    """The left picture."""
    after: Source
    labels: tuple[str, str] = ("before", "after")
    text: str = ""
    command: str = ""

    def html(self) -> str:
        """Return the comparison as an HTML figure."""
        left, right = (escape(label) for label in self.labels)
        title = escape(self.title)
        return (
            f'<figure><label class="slider"><img src="{_url(self.before)}" alt="{title}: {left}">'
            f'<img class="after" src="{_url(self.after)}" alt="{title}: {right}">'
            f'<span class="left">{left}</span><span class="right">{right}</span>'
            f'<input type="range" min="0" max="100" value="50" step="0.5" aria-label="{title}: {left} to {right}">'
            f"</label>{_caption(self.title, self.text, self.command)}</figure>"
        )


@dataclass(frozen=True)
class View:
    """One of several pictures of the same thing, with a label and a line of text."""

    label: str
    picture: Source
    text: str = ""


@dataclass(frozen=True)
class Views:
    """Pictures of the same thing side by side, and a slider between any two of them."""

    title: str
    views: Sequence[View]
    text: str = ""
    first: tuple[int, int] = (0, 1)
    """The two views that the slider shows first."""

    def html(self) -> str:
        """Return the views as an HTML figure; without a script, or on paper, the slider is hidden."""
        title = escape(self.title)
        shown = "".join(
            f'<div><img src="{_url(one.picture)}" alt="{escape(one.label)}">{escape(one.label)}'
            f"{f'<small>{escape(one.text)}</small>' if one.text else ''}</div>"
            for one in self.views
        )
        choices = "".join(self._choice(at, side) for at, side in zip(self.first, ("left", "right"), strict=True))
        return (
            f'<figure class="views wide">{_caption(self.title, self.text, "")}<div class="body">'
            f'<div class="pair" hidden><div class="choice">{choices}</div><label class="slider"><img alt="">'
            '<img class="after" alt=""><span class="left"></span><span class="right"></span>'
            f'<input type="range" min="0" max="100" value="50" step="0.5" aria-label="{title}: left to right"></label>'
            f'</div><div class="strip">{shown}</div></div></figure>'
        )

    def _choice(self, at: int, side: str) -> str:
        options = "".join(
            f"<option{' selected' if number == at else ''}>{escape(one.label)}</option>"
            for number, one in enumerate(self.views)
        )
        return f'<select aria-label="{side} picture of {escape(self.title)}" autocomplete="off">{options}</select>'


@dataclass(frozen=True)
class Figure:
    """One picture with a caption."""

    title: str
    file: Source
    text: str = ""
    command: str = ""

    def html(self) -> str:
        """Return the HTML figure."""
        picture = f'<div class="figure"><img src="{_url(self.file)}" alt="{escape(self.title)}"></div>'
        return f"<figure>{picture}{_caption(self.title, self.text, self.command)}</figure>"


@dataclass(frozen=True)
class Section:
    """A section with a heading, text, an optional table, and pictures."""

    title: str
    text: str = ""
    items: Sequence[Comparison | Figure | Views] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = field(default=())
    legend: str = ""
    """HTML above the pictures that explains their colors."""

    def html(self) -> str:
        """Return the HTML section."""
        text = f"<p>{escape(self.text)}</p>" if self.text else ""
        shown = table(self.header, self.rows, sortable=bool(self.header))
        rows = f'<div class="scroll">{shown}</div>' if shown else ""
        cards = f'<div class="cards">{"".join(item.html() for item in self.items)}</div>' if self.items else ""
        return f"<section><h2>{escape(self.title)}</h2>{text}{rows}{self.legend}{cards}</section>"


def page(title: str, text: str, sections: Sequence[Section], answer: Sequence[str] = ()) -> str:
    """Return a page as HTML.

    Args:
        title: heading of the page.
        text: introductory text.
        sections: the sections.
        answer: sentences in a box at the top; the first one is large.

    >>> page("A & B", "", [Section("One")]).count("A &amp; B")
    2
    """
    body = "".join(section.html() for section in sections)
    said = f'<div class="answer">{"".join(f"<p>{escape(one)}</p>" for one in answer)}</div>' if answer else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_part('page.css')}</style></head>"
        f"<body><h1>{escape(title)}</h1>{said}<p>{escape(text)}</p>{body}<script>{_part('page.js')}</script></body></html>\n"
    )


def page_bytes(html: str) -> bytes:
    r"""Return a page as the bytes of its file; bytes of file names that are not UTF-8 become escape sequences.

    >>> page_bytes("caf\u00e9 \udc9b")
    b'caf\xc3\xa9 \\udc9b'
    """
    return html.encode(errors="backslashreplace")


def write_page(html: str, path: Path, *, overwrite: bool = False) -> None:
    """Write a page; the file appears complete or not at all."""
    with atomic_file(path, overwrite) as file:
        file.write(page_bytes(html))


@cache
def _part(name: str) -> str:
    return files("repix.report").joinpath(name).read_text(encoding="utf-8")


def _url(source: Source) -> str:
    return source.uri if isinstance(source, Embedded) else quote(source)


def _caption(title: str, text: str, command: str) -> str:
    words = f"<p>{escape(text)}</p>" if text else ""
    shown = f"<pre>{escape(command)}</pre>" if command else ""
    return f"<figcaption><strong>{escape(title)}</strong>{words}{shown}</figcaption>"
