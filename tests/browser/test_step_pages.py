"""Pages that step, used with mouse and keyboard."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from repix.explanation.operations import OPERATIONS
from repix.report.step_page import write_step_page

LABEL = "Step 1 of 4"


@pytest.fixture
def opened(page, tmp_path):
    """The page of a transposed convolution."""
    file = tmp_path / "conv-transpose.html"
    write_step_page("conv-transpose", {}, file, overwrite=False)
    page.goto(file.as_uri())
    page.wait_for_function("location.hash.startsWith('#step')")  # now the page listens to the keyboard
    return page


def result(page):
    """The numbers of the last array that is shown."""
    return page.locator("table.grid").last.locator("td").all_inner_texts()


def test_buttons_and_keys_step(opened):
    expect(opened.get_by_text("Start", exact=True)).to_be_visible()
    opened.get_by_role("button", name="Forward").click()
    expect(opened.get_by_text(LABEL)).to_be_visible()
    opened.keyboard.press("ArrowRight")
    expect(opened.get_by_text("Step 2 of 4")).to_be_visible()
    opened.keyboard.press("End")
    expect(opened.get_by_text("Step 4 of 4")).to_be_visible()
    expect(opened.get_by_role("button", name="Forward")).to_be_disabled()
    opened.keyboard.press("Home")
    opened.get_by_role("slider", name="Step").fill("3")
    expect(opened.get_by_text("Step 3 of 4")).to_be_visible()


def test_it_plays_to_the_end(opened):
    opened.keyboard.press("End")
    opened.keyboard.press("ArrowLeft")
    opened.get_by_role("button", name="Play").click()
    expect(opened.get_by_text("Step 4 of 4")).to_be_visible()
    expect(opened.get_by_role("button", name="Play")).to_be_visible()


def test_changed_numbers_are_computed_and_are_in_the_link(opened):
    opened.keyboard.press("End")
    before = result(opened)
    opened.get_by_label("picture, row 1, column 1").fill("10")
    opened.keyboard.press("Tab")
    expect(opened.get_by_text("The programs have the original numbers.")).to_be_visible()
    after = result(opened)
    assert after != before
    assert after[-1] == "−1"  # 10 · −0.1
    expect(opened).to_have_url(re.compile("picture="))
    opened.reload()
    assert result(opened) == after
    opened.get_by_role("button", name="Reset the numbers").click()
    assert result(opened) == before


def test_the_keyboard_alone_is_enough(opened):
    for _ in range(9):
        opened.keyboard.press("Tab")
        if opened.evaluate("document.activeElement.getAttribute('aria-label')") == "picture, row 0, column 0":
            break
    opened.keyboard.press("Control+A")
    opened.keyboard.type("7")
    opened.keyboard.press("Enter")
    expect(opened.get_by_label("picture, row 0, column 0")).to_have_value("7")
    expect(opened).to_have_url(re.compile("picture="))


def test_programs_are_shown_by_library(opened):
    opened.get_by_role("button", name="torch").click()
    expect(opened.get_by_text(re.compile("conv_transpose2d"))).to_be_visible()


def test_a_phone_shows_every_page_without_scrolling_sideways(page, tmp_path):
    widths = {}
    for name in OPERATIONS:
        file = tmp_path / f"{name}.html"
        write_step_page(name, {}, file, overwrite=False)
        page.goto(f"{file.as_uri()}#step=2")
        widths[name] = page.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in widths.items() if width > 420} == {}


@pytest.mark.parametrize("name", ["conv", "lanczos", "output-size"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_follows_the_guidelines_for_accessibility(page, tmp_path, name, scheme):
    """WCAG 2.1 AA, as far as axe can check it."""
    page.emulate_media(color_scheme=scheme)
    file = tmp_path / f"{name}.html"
    write_step_page(name, {}, file, overwrite=False)
    page.goto(f"{file.as_uri()}#step=2")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found.response["violations"]] == []
