"""Pages: well-formed, escaped, and complete."""

import math
import re
from html.parser import HTMLParser

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from repix.report import Colored, Comparison, Figure, Number, Section, View, Views, embedded, page, table

VOID = {"meta", "img", "input"}


class Reader(HTMLParser):
    """Reads a page back: its texts, its pictures, and whether every tag closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.sources += [value for name, value in attributes if name == "src"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


@given(WORDS, WORDS, WORDS)
def test_any_text_comes_back_as_it_was(title, words, command):
    item = Comparison(title, "a.png", "b.png", text=words, command=command)
    texts = read(page(title, words, [Section(title, words, [item])])).texts
    assert texts.count(title) >= 3
    assert texts.count(words) >= 3
    assert command in texts


def test_pictures_are_named_relative_to_the_page():
    sections = [Section("S", items=[Comparison("C", "über 1.png", "b.png"), Figure("F", "c#.svg")])]
    assert read(page("T", "", sections)).sources == ["%C3%BCber%201.png", "b.png", "c%23.svg"]


def test_a_table_has_its_header_and_rows():
    reader = read(page("T", "", [Section("S", header=["name", "dB"], rows=[["median", "27.10"]])]))
    assert [text for text in reader.texts if text in {"name", "dB", "median", "27.10"}] == [
        "name",
        "dB",
        "median",
        "27.10",
    ]


def test_a_page_needs_nothing_from_elsewhere():
    assert "http" not in page("T", "", [Section("S", items=[Figure("F", "a.png")])])


def views(*labels: str) -> Views:
    return Views("V", [View(label, embedded(np.full((2, 3, 3), 9, np.uint8))) for label in labels], first=(1, 2))


def test_views_embed_each_picture_once_and_choose_two_of_them():
    html = page("T", "", [Section("S", items=[views("source", "truth", "A & B")])])
    reader = read(html)
    assert len(reader.sources) == 3
    assert all(source.startswith("data:image/png;base64,") for source in reader.sources)
    assert html.count("<option selected>") == 2
    assert html.count("<option selected>truth</option>") == html.count("<option selected>A &amp; B</option>") == 1
    assert html.count('class="pair" hidden') == 1  # the script shows it


def test_the_answer_stands_above_the_text():
    texts = [text for text in read(page("T", "introduction", [], ["First.", "Second."])).texts if text.strip()]
    assert texts.index("First.") < texts.index("Second.") < texts.index("introduction")


def test_numbers_are_sorted_by_their_value_not_their_text():
    cells = [Number("9", 9), Number("10", 10), Number("∞", math.inf), Number("–", math.nan), Colored("car", "#d55e00")]
    html = table(["x"], [[cell] for cell in cells], sortable=True)
    assert re.findall(r'data-value="([^"]+)"', html) == ["9", "10", "Infinity"]
    assert html.startswith('<table class="sortable">')
    assert html.count('<button type="button">x</button>') == 1
    assert '<span class="color" style="background: #d55e00"></span>car' in html


def test_style_and_script_are_in_the_page_and_load_nothing():
    html = page("T", "", [Section("S", items=[views("a", "b", "c")], header=["x"], rows=[["1"]])])
    assert html.count("<script>") == html.count("<style>") == 1
    assert not re.search(r"""(src|href)=["'](?!data:)|url\(|@import|import\(|fetch\(""", html)
    assert "@media print" in html
