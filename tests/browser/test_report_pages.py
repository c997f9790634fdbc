"""Pages of reports, used as a reader does: sliders, sortable tables, pictures to choose."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from repix.report import Comparison, Number, Section, View, Views, embedded, write_page
from repix.report import page as html_of


def picture(value):
    return embedded(np.full((40, 60, 3), value, np.uint8))


@pytest.fixture
def opened(page, tmp_path):
    """A page with a slider, three views and a table."""
    views = Views("Views", [View(f"view {n}", picture(60 * n)) for n in range(3)])
    rows = [["b", Number("9.5", 9.5)], ["a", Number("30.0", 30)], ["c", Number("–", float("nan"))]]
    sections = [
        Section("Pictures", items=[Comparison("Pair", picture(50), picture(200)), views]),
        Section("Numbers", header=("name", "dB"), rows=rows),
    ]
    file = tmp_path / "page.html"
    write_page(html_of("Report", "Three things.", sections), file)
    page.goto(file.as_uri())
    return page


def first_column(page):
    return page.locator("table.sortable tbody tr td:first-child").all_inner_texts()


def test_a_slider_moves_the_border_between_two_pictures(opened):
    slider = opened.get_by_role("slider", name="Pair")
    slider.focus()
    opened.keyboard.press("Home")
    assert opened.locator(".slider").first.evaluate("one => one.style.getPropertyValue('--at')") == "0%"
    opened.keyboard.press("End")
    assert opened.locator(".slider").first.evaluate("one => one.style.getPropertyValue('--at')") == "100%"


def test_a_table_is_sorted_by_the_column_that_is_clicked(opened):
    opened.get_by_role("button", name="dB").click()
    assert first_column(opened) == ["b", "a", "c"]  # as numbers, not as text; what is missing comes last
    opened.get_by_role("button", name="dB").click()
    assert first_column(opened) == ["a", "b", "c"]
    opened.get_by_role("button", name="name").click()
    assert first_column(opened) == ["a", "b", "c"]


def test_views_are_chosen_for_both_sides(opened):
    left = opened.get_by_label("left picture of Views")
    left.select_option("view 2")
    shown = opened.locator(".views .pair img").first
    assert shown.get_attribute("alt") == "view 2"
    assert shown.get_attribute("src") == opened.locator(".strip img").nth(2).get_attribute("src")


def test_a_report_follows_the_guidelines_for_accessibility(opened):
    found = Axe().run(opened, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found.response["violations"]] == []
