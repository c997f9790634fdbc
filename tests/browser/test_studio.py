"""The studio's page with a real server: drop a picture, convert it, compare, download."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import repix
from repix.cli._app import run


@pytest.fixture
def studio(local_page: Page, address: str) -> Page:
    local_page.goto(address)
    return local_page


@pytest.fixture
def photo(tmp_path):
    """A small noisy photo."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:90, :120]
    values = np.stack([x, y, 120 - x], 2) + 60 + rng.normal(0, 18, (90, 120, 3))
    file = tmp_path / "my photo.png"
    repix.write(repix.Picture(np.clip(values, 0, 255).astype(np.uint8)), file)
    return file


def test_a_picture_is_inspected_converted_compared_and_downloaded(studio, photo, tmp_path):
    studio.get_by_label("Pictures").set_input_files(photo)
    expect(studio.get_by_role("heading", name="my photo.png")).to_be_visible()
    expect(studio.get_by_text("looks like")).to_be_visible()
    model = studio.get_by_label("Model").input_value()
    studio.get_by_role("button", name="Convert").click()
    expect(studio.get_by_role("img", name="before and after")).to_be_visible(timeout=60_000)
    studio.get_by_role("button", name="100 %").click()
    studio.get_by_role("slider", name="Border").fill("20")
    with studio.expect_download() as download:
        studio.get_by_role("link", name=re.compile("Download")).click()
    made = tmp_path / "made.png"
    download.value.save_as(made)
    assert download.value.suggested_filename == "my photo-denoise.png"
    assert repix.read(made).size == (90, 120)
    studio.get_by_text("Show me the command").click()
    expect(studio.get_by_text(f"repix denoise 'my photo.png' --model {model}")).to_be_visible()


def test_a_file_that_is_no_picture_gets_a_sentence(studio, tmp_path):
    file = tmp_path / "notes.png"
    file.write_text("no picture")
    studio.get_by_label("Pictures").set_input_files(file)
    expect(studio.get_by_role("alert")).to_contain_text("The picture is not an image")
    studio.get_by_role("button", name="Remove").click()
    expect(studio.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_guidelines_for_accessibility(studio, photo, scheme):
    studio.emulate_media(color_scheme=scheme)
    studio.get_by_label("Pictures").set_input_files(photo)
    expect(studio.get_by_text("looks like")).to_be_visible()
    found = Axe().run(studio, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found.response["violations"]] == []
    assert studio.evaluate("document.documentElement.scrollWidth") <= 420


def test_operations_are_a_click_away(studio):
    studio.get_by_role("link", name="Operations, step by step").click()
    studio.get_by_role("link", name="Transposed convolution (up").click()
    studio.get_by_role("button", name="Forward").click()
    expect(studio.get_by_text("Step 1 of 4")).to_be_visible()


def test_an_operation_takes_other_options_and_changed_numbers_and_is_saved(studio, address, tmp_path, capsys):
    studio.goto(f"{address}/explain/conv-transpose")
    studio.get_by_text("Options", exact=True).click()
    studio.get_by_role("textbox", name="stride").fill("two")
    studio.get_by_role("button", name="Show with these options").click()
    expect(studio.get_by_role("alert")).to_contain_text("--stride two: give one whole number")
    studio.get_by_label("picture, row 1, column 1").fill("-2.5")
    studio.get_by_role("textbox", name="stride").fill("2")
    studio.get_by_role("button", name="Show with these options").click()
    expect(studio.get_by_text("--data '1 2; 3 -2.5' --stride 2 --page")).to_be_visible()
    studio.get_by_label("kernel, row 0, column 0").fill("7")
    studio.keyboard.press("Tab")
    for form, name in (("SVG", "conv-transpose.svg"), ("animated GIF", "conv-transpose.gif")):
        with studio.expect_download() as download:
            studio.get_by_role("button", name=form, exact=True).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
        words = ["conv-transpose", "--data", "1 2; 3 -2.5", "--kernel", "7 -0.2; 0.3 -0.1", "--stride", "2"]
        file = tmp_path / f"made{name[-4:]}"
        assert run(["explain", *words, f"--{name[-3:]}", str(file)]) == 0
        assert (tmp_path / name).read_bytes() == file.read_bytes()
    studio.get_by_role("link", name="All operations").click()
    expect(studio.get_by_role("heading", name="Operations, step by step")).to_be_visible()
