"""The measured tables of the pages are what docs/make_results.py writes from the benchmarks' data."""

import re
import runpy
from pathlib import Path

import pytest

from marked_tables import marked

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCRIPT = runpy.run_path(str(DOCS / "make_results.py"))
PAGES = {name: (DOCS / name).read_text(encoding="utf-8") for name in SCRIPT["PAGES"]}


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_what_the_script_writes(page):
    assert SCRIPT["written"](page, PAGES[page]) == PAGES[page]


@pytest.mark.parametrize("page", PAGES)
def test_every_table_is_on_the_page(page):
    assert sorted(mark for _, mark, _, _ in marked("measured").findall(PAGES[page])) == sorted(SCRIPT["PAGES"][page])


@pytest.mark.parametrize("page", PAGES)
def test_a_changed_figure_is_written_anew(page):
    for _, _, table, _ in marked("measured").findall(PAGES[page]):
        changed = re.sub(r"\d\d\.\d\d", "99.99", table, count=1)
        assert SCRIPT["written"](page, PAGES[page].replace(table, changed)) == PAGES[page]


def test_the_pictures_of_photographs_are_those_that_the_page_shows():
    """Each is shown, and none is missing; together they stay small."""
    files = {file.name: file.stat().st_size for file in (DOCS / "pictures").glob("real-*.jpg")}
    assert set(re.findall(r"pictures/(real-[\w-]+\.jpg)", PAGES["real-photos.md"])) == set(files)
    assert sum(files.values()) < 1_200_000
