"""The measured tables of docs/results.md are what docs/make_results.py writes from the benchmarks' data."""

import runpy
from pathlib import Path

from marked_tables import marked

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCRIPT = runpy.run_path(str(DOCS / "make_results.py"))
TEXT = (DOCS / "results.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_script_writes():
    assert SCRIPT["written"](TEXT) == TEXT


def test_every_table_is_on_the_page():
    assert sorted(mark for _, mark, _, _ in marked("measured").findall(TEXT)) == sorted(SCRIPT["TABLES"])


def test_a_changed_figure_is_written_anew():
    assert SCRIPT["written"](TEXT.replace("| 30.00 |", "| 31.00 |")) == TEXT
