"""The measured tables of the docs are what docs/make_results.py writes from the benchmarks' data."""

import runpy
from pathlib import Path

from marked_tables import marked

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCRIPT = runpy.run_path(str(DOCS / "make_results.py"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in SCRIPT["PAGES"]}
TEXT = TEXTS["results.md"]


def test_the_page_is_what_the_script_writes():
    for text in TEXTS.values():
        assert SCRIPT["written"](text) == text


def test_every_table_is_on_the_page():
    marks = [mark for text in TEXTS.values() for _, mark, _, _ in marked("measured").findall(text)]
    assert sorted(marks) == sorted(SCRIPT["TABLES"])


def test_a_changed_figure_is_written_anew():
    assert SCRIPT["written"](TEXT.replace("| 30.00 |", "| 31.00 |")) == TEXT
