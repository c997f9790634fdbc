"""The tables of the documentation are what docs/make_reference.py writes, and every link leads somewhere; the site has
every page."""

import re
import runpy
from pathlib import Path

import pytest

from marked_tables import marked

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
SCRIPT = runpy.run_path(str(DOCS / "make_reference.py"))
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_what_the_script_writes(page):
    """Written again by `python docs/make_reference.py`."""
    text = page.read_text(encoding="utf-8")
    assert text == SCRIPT["written"](text)


def test_every_table_is_on_one_page():
    marks = [mark for page in PAGES for _, mark, _, _ in marked("generated").findall(page.read_text(encoding="utf-8"))]
    assert sorted(marks) == sorted(SCRIPT["TABLES"])


def test_a_table_that_was_changed_by_hand_is_written_anew():
    page = "before\n<!-- generated: losses -->\n\nold\n\n<!-- end -->\nafter\n"
    filled = SCRIPT["written"](page)
    assert filled != page
    assert "`charbonnier`" in filled
    assert "old" not in filled
    assert (filled.startswith("before\n"), filled.endswith("after\n")) == (True, True)


def test_every_page_is_in_the_menu_of_the_site():
    """mkdocs.yml, read without mkdocs, which only `make docs` needs."""
    lines = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"^ +- [^\n]+: ([\w/-]+\.md)$", lines, re.MULTILINE)
    inside = [page for page in listed if not page.startswith("repository/")]
    assert sorted(inside) == sorted(page.relative_to(DOCS).as_posix() for page in PAGES)
    outside = [page.removeprefix("repository/") for page in listed if page not in inside]
    families = [page for page in outside if page.startswith("python/")]
    assert all((ROOT / "src" / "repix" / Path(page).stem / "_functions.pyi").exists() for page in families)
    assert all((ROOT / page).exists() for page in outside if page not in families)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.stem)
def test_every_link_leads_to_a_file_and_heading(page):
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_the_index_has_one_line_for_each_page():
    linked = re.findall(
        r"^\| \[[^\]]+\]\(([\w/-]+\.md)\) \| .+ \|$", (DOCS / "index.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(linked) == sorted(page.relative_to(DOCS).as_posix() for page in PAGES if page.name != "index.md")
