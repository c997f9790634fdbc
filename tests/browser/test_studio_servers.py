"""The studio's page with several browsers, with very large files, and with a server that ends."""

import re
import signal

import numpy as np
import pytest
import tifffile
from playwright.sync_api import Browser, Page, expect

import repix
from tests.browser.serving import free_port, studio_of

PLACES = (0.05, 0.95)
"""Of the width and of the height."""


def noisy(seed, height=60, width=80):
    y, x = np.mgrid[:height, :width]
    values = np.stack([x, y, x], 2) + 60 + np.random.default_rng(seed).normal(0, 18, (height, width, 3))
    return repix.Picture(np.clip(values, 0, 255).astype(np.uint8))


def test_two_browsers_convert_at_once_and_each_gets_its_own(browser: Browser, address: str, tmp_path):
    contexts = [browser.new_context() for _ in range(2)]
    pages: list[Page] = [one.new_page() for one in contexts]
    for number, page in enumerate(pages):
        repix.write(noisy(number), tmp_path / f"photo {number}.png")
        page.goto(address)
        page.get_by_label("Pictures").set_input_files(tmp_path / f"photo {number}.png")
        expect(page.get_by_role("button", name="Convert", exact=True)).to_be_visible(timeout=60_000)
    for page in pages:
        page.get_by_role("button", name="Convert", exact=True).click()
    made = []
    for number, page in enumerate(pages):
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("link", name=re.compile("Download")).click(timeout=60_000)
        assert download.value.suggested_filename == f"photo {number}-denoise.png"
        download.value.save_as(tmp_path / f"made {number}.png")
        made.append(repix.read(tmp_path / f"made {number}.png").pixels)
        expect(page.get_by_role("heading", level=2)).to_have_count(1)  # nothing of the other one
    assert not np.array_equal(*made)
    for one in contexts:
        one.close()


def test_the_page_says_that_a_job_is_gone_when_its_server_was_killed(browser: Browser, tmp_path):
    page, port = browser.new_page(), free_port()
    repix.write(noisy(0, 1500, 2000), tmp_path / "photo.png")  # takes seconds
    with studio_of(port=port, end=signal.SIGKILL) as address:
        page.goto(address)
        page.get_by_label("Pictures").set_input_files(tmp_path / "photo.png")
        page.get_by_role("button", name="Convert", exact=True).click(timeout=120_000)
        expect(page.get_by_label("Progress", exact=True)).to_be_visible(timeout=60_000)
    with studio_of(port=port):
        told = re.compile("The server was started again, so this job is gone|The server does not answer")  # as soon as
        expect(page.get_by_role("alert").first).to_contain_text(told, timeout=60_000)
        page.get_by_role("button", name="Convert", exact=True).click()
        expect(page.get_by_label("Progress", exact=True)).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Cancel").click()
    page.close()


@pytest.mark.long
def test_a_tiff_of_120_megapixels_is_shown_and_a_part_of_it_converted(local_page: Page, address: str, tmp_path):
    """It is drawn in rows, by tifffile: its smallest and its largest place have known colors."""
    height, width = 10_000, 12_000

    def strips():
        for top in range(0, height, 100):
            values = np.full((100, width, 3), 90, np.uint8)
            values[:, :, 0] = np.linspace(20, 230, width).astype(np.uint8)
            values[:, :, 1] = np.linspace(20, 230, height).astype(np.uint8)[top : top + 100, None]
            yield values

    tifffile.imwrite(
        tmp_path / "large.tif", strips(), shape=(height, width, 3), dtype=np.uint8, rowsperstrip=100, photometric="rgb"
    )
    local_page.goto(address)
    local_page.get_by_label("Pictures").set_input_files(tmp_path / "large.tif")
    canvas = local_page.get_by_role("img", name="large.tif")
    expect(canvas).to_be_visible(timeout=300_000)
    local_page.get_by_role("button", name="Preview").click(timeout=300_000)
    expect(local_page.get_by_text("Preview of 384×384 pixels")).to_be_visible(timeout=300_000)
    seen = local_page.evaluate(
        """places => {
            const canvas = document.querySelector(".stage canvas"), context = canvas.getContext("2d");
            const pixel = (at) => [Math.round(at * canvas.width), Math.round(at * canvas.height)];
            return places.map((at) => [...context.getImageData(...pixel(at), 1, 1).data]);
        }""",
        list(PLACES),
    )
    for place, color in zip(PLACES, seen, strict=True):
        np.testing.assert_allclose(color, [20 + 210 * place, 20 + 210 * place, 90, 255], atol=6)
