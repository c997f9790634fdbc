"""A self-contained HTML page with before/after sliders, figures and tables; only the pictures are separate files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from repix.report.tables import table

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
.cards { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)) }
figure { margin: 0; border: 1px solid var(--line); border-radius: .5rem; overflow: hidden }
figcaption { padding: .6rem .9rem } figcaption p { margin: .2rem 0 }
pre { margin: .4rem 0 0; padding: .5rem .7rem; background: var(--soft); border-radius: .3rem;
      font-size: .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
.slider { position: relative; display: block; line-height: 0; --at: 50% }
.slider img { width: 100%; image-rendering: auto }
.slider .after { position: absolute; inset: 0; height: 100%; clip-path: inset(0 0 0 var(--at)) }
.slider::after { content: ""; position: absolute; inset: 0 auto 0 var(--at); border-left: 2px solid #fff;
                 box-shadow: 0 0 3px #000; pointer-events: none }
.slider input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize }
.slider:focus-within { outline: 3px solid Highlight }
.slider span { position: absolute; bottom: .4rem; padding: 0 .4rem; background: #000a; color: #fff; font-size: .75rem;
               line-height: 1.5; border-radius: .2rem; pointer-events: none }
.slider .left { left: .4rem } .slider .right { right: .4rem }
.figure { background: #fff; padding: .7rem; line-height: 0; text-align: center }
.figure img { max-width: 100%; max-height: 34rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .8rem; border-bottom: 1px solid var(--line) }
td.number { text-align: right; font-variant-numeric: tabular-nums }
"""

SCRIPT = """
for (const slider of document.querySelectorAll(".slider")) {
  const range = slider.querySelector("input");
  range.addEventListener("input", () => slider.style.setProperty("--at", range.value + "%"));
}
"""


@dataclass(frozen=True)
class Comparison:
    """Two pictures of one size with a before/after slider."""

    title: str
    before: str
    """File of the left picture, relative to the page."""
    after: str
    labels: tuple[str, str] = ("before", "after")
    text: str = ""
    command: str = ""

    def html(self) -> str:
        """Return the comparison as an HTML figure."""
        left, right = (escape(label) for label in self.labels)
        title = escape(self.title)
        return (
            f'<figure><label class="slider"><img src="{quote(self.before)}" alt="{title}: {left}">'
            f'<img class="after" src="{quote(self.after)}" alt="{title}: {right}">'
            f'<span class="left">{left}</span><span class="right">{right}</span>'
            f'<input type="range" min="0" max="100" value="50" step="0.5" aria-label="{title}: {left} to {right}">'
            f"</label>{_caption(self.title, self.text, self.command)}</figure>"
        )


@dataclass(frozen=True)
class Figure:
    """One picture with a caption."""

    title: str
    file: str
    text: str = ""
    command: str = ""

    def html(self) -> str:
        """Return the HTML figure."""
        picture = f'<div class="figure"><img src="{quote(self.file)}" alt="{escape(self.title)}"></div>'
        return f"<figure>{picture}{_caption(self.title, self.text, self.command)}</figure>"


@dataclass(frozen=True)
class Section:
    """A section with a heading, text, an optional table, and pictures."""

    title: str
    text: str = ""
    items: Sequence[Comparison | Figure] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default=())

    def html(self) -> str:
        """Return the HTML section."""
        text = f"<p>{escape(self.text)}</p>" if self.text else ""
        cards = f'<div class="cards">{"".join(item.html() for item in self.items)}</div>' if self.items else ""
        return f"<section><h2>{escape(self.title)}</h2>{text}{table(self.header, self.rows)}{cards}</section>"


def page(title: str, text: str, sections: Sequence[Section]) -> str:
    """Return a page as HTML.

    Args:
        title: heading of the page.
        text: introductory text.
        sections: the sections.

    >>> page("A & B", "", [Section("One")]).count("A &amp; B")
    2
    """
    body = "".join(section.html() for section in sections)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1><p>{escape(text)}</p>{body}<script>{SCRIPT}</script></body></html>\n"
    )


def _caption(title: str, text: str, command: str) -> str:
    words = f"<p>{escape(text)}</p>" if text else ""
    shown = f"<pre>{escape(command)}</pre>" if command else ""
    return f"<figcaption><strong>{escape(title)}</strong>{words}{shown}</figcaption>"
