"""The studio's tabs Measure and Checkerboards with a real server."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import repix
from tests.audit.zoo import content


@pytest.fixture
def studio(local_page: Page, address: str) -> Page:
    local_page.goto(f"{address}/#/measure")
    return local_page


@pytest.fixture
def pair(tmp_path):
    """A truth, and a result with noise."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:200, :240]
    values = np.stack([x * 0.8, y, 200 - x * 0.6], 2) + 20
    files = tmp_path / "my result.png", tmp_path / "truth.png"
    for file, noise in zip(files, (8, 0), strict=True):
        noisy = values + rng.normal(0, 1, values.shape) * noise
        repix.write(repix.Picture(np.clip(noisy, 0, 255).astype(np.uint8)), file)
    return files


def violations(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found.response["violations"]]


def test_two_pictures_are_measured_and_their_errors_shown(studio, pair, tmp_path):
    studio.get_by_label("Result", exact=True).set_input_files(pair[0])
    expect(studio.get_by_role("button", name="Measure")).to_be_disabled()
    studio.get_by_label("Truth", exact=True).set_input_files(pair[1])
    studio.get_by_label("Scale factor").fill("2")
    studio.get_by_role("button", name="Measure").click()
    row = studio.get_by_role("row", name=re.compile("^psnr-rgb"))
    expect(row).to_contain_text("Higher is better", timeout=60_000)
    value = repix.metrics.psnr_rgb(*(repix.read(one).colors().astype(float) for one in pair))
    expect(row).to_contain_text(f"{value:.2f} dB")
    expect(studio.get_by_role("row", name=re.compile("^psnr-y "))).to_contain_text("dB")
    expect(studio.get_by_role("row", name=re.compile("^niqe"))).to_contain_text("Lower is better")
    expect(studio.get_by_text("Not measured: psnr-gray")).to_be_visible()
    expect(studio.get_by_role("slider", name=re.compile("Border"))).to_be_visible()
    errors = studio.get_by_alt_text(re.compile("errors"))
    assert errors.evaluate("one => one.decode().then(() => one.naturalWidth)") == 240
    with studio.expect_download() as download:
        studio.get_by_role("link", name="Save as a page").click()
    download.value.save_as(tmp_path / "page.html")
    assert "Results against their truths" in (tmp_path / "page.html").read_text(encoding="utf-8")
    studio.get_by_text("Show me the command").click()
    expect(
        studio.get_by_text("repix measure 'my result.png' truth.png --all --scale 2 --page measured.html")
    ).to_be_visible()
    for scheme in ("light", "dark"):
        studio.emulate_media(color_scheme=scheme)
        assert violations(studio) == []
    assert studio.evaluate("document.documentElement.scrollWidth") <= 420


def test_the_pattern_follows_the_sliders_and_a_model_is_audited(local_page, address, pair, tmp_path):
    page = local_page
    page.goto(f"{address}/#/checkerboards")
    layer = page.get_by_role("article", name="The layer")
    expect(layer).to_contain_text("Uneven. The phase sums differ, from 0.444 to 1.78", timeout=30_000)
    before = page.get_by_alt_text("Result", exact=True).get_attribute("src")
    page.get_by_role("slider", name="Kernel").press("ArrowRight")
    expect(layer).to_contain_text("Even. All phase sums are equal")
    expect(page.get_by_alt_text("Result", exact=True)).not_to_have_attribute("src", before or "")
    page.get_by_label("Weights").select_option("random")
    expect(layer).to_contain_text("Uneven")
    page.get_by_label("Weights").select_option("random, made even")
    expect(layer).to_contain_text("Even. All")
    page.get_by_role("slider", name="Kernel").fill("1")
    expect(page.get_by_role("alert")).to_contain_text("There is no such kernel")
    page.get_by_label("Upsampler").select_option("Bilinear, then convolution")
    expect(page.get_by_role("alert")).to_have_count(0)
    drawn = page.get_by_alt_text("Input", exact=True).get_attribute("src")
    page.get_by_label("Photo").set_input_files(pair[1])
    expect(page.get_by_alt_text("Input", exact=True)).not_to_have_attribute("src", drawn or "")
    (tmp_path / "net.onnx").write_bytes(content("random 3x3"))
    page.get_by_label("ONNX file").set_input_files(tmp_path / "net.onnx")
    audit = page.get_by_role("article", name="Audit")
    expect(audit).to_contain_text("net.onnx has a checkerboard of period 2", timeout=120_000)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_pictures_that_do_not_fit_get_a_sentence(studio, pair, tmp_path):
    other = tmp_path / "other.png"
    repix.write(repix.Picture(np.zeros((10, 10), np.uint8)), other)
    studio.get_by_label("Result", exact=True).set_input_files(other)
    studio.get_by_label("Truth", exact=True).set_input_files(pair[1])
    studio.get_by_role("button", name="Measure").click()
    expect(studio.get_by_role("alert")).to_contain_text("the sizes are 10×10 and 200×240", timeout=60_000)
