"""Pages: well-formed, escaped, and complete."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from repix.report import Comparison, Figure, Section, page

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
