"""JPEG compression is named as such: not as noise, and not as motion blur."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from repix.arithmetic.blur import blur, motion_kernel
from repix.degradations import camera, gaussian
from repix.inspection import inspect
from repix.inspection.advice import advice
from repix.pictures import Picture
from repix.pictures.jpeg import jpeg_round_trip
from tests.inspection.cases import PHOTOS, drawn_scene, eight_bit, full_size, photo

DEJPEG = "repix denoise --model dejpeg"


def jpeg_file(picture: np.ndarray, quality: int) -> bytes:
    file = BytesIO()
    Image.fromarray(eight_bit(picture)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def saved_as_png(picture: np.ndarray, quality: int) -> Picture:
    return Picture(jpeg_round_trip(eight_bit(picture), quality, "4:2:0"))


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("quality", [10, 20, 28, 35, 50, 70])
def test_a_compressed_photo_needs_only_the_repair_of_compression(name, quality):
    """Coffee at quality 28 to 35 looked like noise of 7 levels, rocket at 20 like noise of 3."""
    found = inspect(jpeg_file(photo(name), quality))
    assert [one.command for one in advice(found)] == [DEJPEG]


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("quality", [28, 35, 60])
def test_pixels_of_a_compressed_photo_tell_it_too(name, quality):
    found = inspect(saved_as_png(photo(name), quality))
    assert abs(found.jpeg_quality - quality) <= 5
    assert [one.command for one in advice(found)] == [DEJPEG]


@pytest.mark.parametrize("quality", [10, 15, 20])
def test_flat_halves_of_blocks_are_no_motion(quality):
    """Runs of 4 pixels have the dark lines of a motion of 4 pixels: chelsea at its full size showed them."""
    assert inspect(jpeg_file(full_size("chelsea.png"), quality)).blur.kind == "none"
    assert inspect(saved_as_png(full_size("chelsea.png"), quality)).blur.kind == "none"


@pytest.mark.parametrize("angle", [0, 30, 90])
def test_motion_is_seen_in_a_compressed_picture(angle):
    found = inspect(jpeg_file(blur(photo("motorcycle_left.png"), motion_kernel(12, angle)), 50)).blur
    assert (found.kind, found.angle) == ("motion", angle)
    assert found.extent == pytest.approx(12, abs=1.5)


@pytest.mark.parametrize("quality", [10, 20, 30])
def test_areas_that_jpeg_has_emptied_tell_no_noise(quality):
    """Noise of half a step leaves nothing in them; that is no reason to believe in it."""
    assert not inspect(jpeg_file(drawn_scene(5), quality)).is_noisy


def test_strong_noise_is_seen_through_strong_compression():
    noisy = gaussian(drawn_scene(0), np.random.default_rng(0), 20)
    assert inspect(jpeg_file(noisy, 40)).is_noisy


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_weak_noise_of_a_camera_is_seen_after_compression(seed):
    """Noise reduction leaves it correlated; the same picture without noise has none."""
    sharp = drawn_scene(seed)
    noisy = camera(sharp, np.random.default_rng(seed), shot=0.002, read=0.002, noise_reduction=0.8)
    assert inspect(jpeg_file(noisy, 80)).is_noisy
    assert not inspect(jpeg_file(sharp, 80)).is_noisy


def test_real_noise_is_seen_and_means_of_many_shots_are_not_noisy(shared):
    """PolyU: in most of the others, the noise of flat areas is about one level, or there are no flat areas."""
    noisy = [inspect(path).is_noisy for path in sorted((shared / "real-noise/noisy").iterdir())]
    clean = [inspect(path).is_noisy for path in sorted((shared / "real-noise/clean").iterdir())]
    assert sum(noisy) >= 20
    assert sum(clean) <= 1  # a plush toy


def test_compression_of_varied_photos_is_neither_noise_nor_motion(shared):
    wrong = []
    for path in sorted((shared / "photos/varied").iterdir())[1::5]:
        picture = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
        found = inspect(jpeg_file(picture, 20))
        wrong += [path.name] if found.is_noisy or found.blur.kind == "motion" else []
    assert len(wrong) <= 1, wrong
