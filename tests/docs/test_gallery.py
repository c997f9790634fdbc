"""The gallery's page is what its script writes, and its pictures are halves of what the commands make."""

from io import BytesIO

import numpy as np
import pytest
from benchmarks import best_and_worst
from PIL import Image

import repix
from docs import make_gallery, make_studio_film


def test_the_page_is_what_the_script_writes_and_every_picture_is_there():
    page = (make_gallery.FOLDER / "gallery.md").read_text(encoding="utf-8")
    assert page == make_gallery.page()
    for model in best_and_worst.models():
        assert (make_gallery.FOLDER / make_gallery.picture(model)).is_file()


@pytest.mark.parametrize("model", ["denoise-gray", "upscale-x3-clean"])
def test_a_picture_is_half_degraded_and_half_restored(model, tmp_path, monkeypatch):
    shown = best_and_worst.first(model)
    rng = np.random.default_rng(0)
    smooth = np.add.outer(np.arange(48), np.arange(60)) + rng.integers(0, 40, (48, 60))
    repix.write(repix.Picture(smooth.astype(np.uint8)[:, :, None]), tmp_path / make_gallery.photo(shown))
    monkeypatch.setattr(best_and_worst, "PHOTOS", tmp_path)
    (tmp_path / "made").mkdir()
    drawn = make_gallery.draw(shown, tmp_path / "made")
    before, after, _ = best_and_worst.pictures(model, make_gallery.photo(shown), tmp_path / "made")
    np.testing.assert_array_equal(drawn[:, :28], repix.read(before).colors()[:, :28])
    np.testing.assert_array_equal(drawn[:, 32:], repix.read(after).colors()[:, 32:])
    assert (drawn[:, 29:32] == 1).all()


def test_a_gray_half_gets_the_channels_of_the_colored_one():
    assert make_gallery.halves(np.zeros((4, 8, 1)), np.ones((4, 8, 3))).shape == (4, 8, 3)


class Painted:
    """A page of one color after the other."""

    def __init__(self):
        self.colors = iter([(255, 0, 0), (0, 255, 0), (0, 0, 255)])

    def screenshot(self):
        kept = BytesIO()
        size = (make_studio_film.WIDTH, make_studio_film.HEIGHT)
        Image.new("RGB", size, next(self.colors)).save(kept, "PNG")
        return kept.getvalue()


def test_a_film_shows_each_frame_for_its_time(tmp_path):
    film = make_studio_film.Film(Painted())
    for milliseconds in (500, 200, 1000):
        film.keep(milliseconds)
    film.write(tmp_path / "film.webp", 96)
    assert times_of(tmp_path / "film.webp") == [500, 200, 1000]
    with Image.open(tmp_path / "film.webp") as made:
        assert made.size == (96, 72)
        made.seek(1)
        np.testing.assert_allclose(made.convert("RGB").getpixel((40, 40)), (0, 255, 0), atol=6)


def test_the_film_of_the_studio_is_short_and_small():
    assert make_studio_film.FILE.stat().st_size <= 1_500_000
    assert 10_000 <= sum(times_of(make_studio_film.FILE)) <= 25_000


def times_of(file):
    """The times of a film's frames, from its chunks: byte 12 of an ANMF chunk has three bytes of milliseconds."""
    content, at, times = file.read_bytes(), 12, []
    while at < len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        if content[at : at + 4] == b"ANMF":
            times.append(int.from_bytes(content[at + 20 : at + 23], "little"))
        at += 8 + size + size % 2
    return times
