"""Noise as cameras leave it: correlated, and compressed by JPEG."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from repix.arithmetic.blur import blur, gaussian_kernel
from repix.inspection import inspect
from repix.inspection.advice import advice, unsuitable
from repix.inspection.jpeg_tables import steps_of
from repix.inspection.quantization import quantized
from repix.pictures import Picture
from repix.pictures.jpeg import jpeg_round_trip
from repix.tasks import Domain
from tests.inspection.cases import drawn_scene, eight_bit

FILTERED = 0.69
"""Correlation of neighbors in white noise after a Gaussian of 0.8 pixels."""


def smooth_noise(shape, sigma):
    noise = blur(np.random.default_rng(0).standard_normal(shape), gaussian_kernel(0.8))
    return sigma / 255 * noise / noise.std()


def photo_file(sigma: float, quality: int = 75) -> bytes:
    """A JPEG file of a drawn scene, with the same correlated noise in all channels."""
    sharp = drawn_scene(3)
    file = BytesIO()
    noisy = eight_bit(sharp + smooth_noise((*sharp.shape[:2], 1), sigma))
    Image.fromarray(noisy).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return file.getvalue()


@pytest.mark.parametrize("sigma", [3, 4, 6])
def test_compressed_noise_is_seen_and_denoised_first(sigma):
    found = inspect(photo_file(sigma))
    assert found.luma_noise.sigma == pytest.approx(sigma, rel=0.3)
    assert not found.luma_noise.is_white
    assert advice(found)[0].command == "repix denoise"


def test_compression_alone_is_no_noise():
    assert not inspect(photo_file(0)).is_noisy
    assert not inspect(photo_file(0, quality=30)).is_noisy


def test_a_model_for_filtered_noise_takes_it():
    found = inspect(photo_file(4))
    assert not unsuitable(found, Domain(removes=("noise",), filtered=True))
    assert "only partly" in unsuitable(found, Domain(removes=("noise",), filtered=False))


def test_blur_of_a_noisy_picture_is_not_held_against_a_model():
    assert not unsuitable(inspect(photo_file(4)), Domain(removes=("noise",), blur=0.0, motion=0.0, defocus=0.0))


@pytest.mark.parametrize("quality", [60, 75, 90])
@pytest.mark.parametrize("sigma", [1.5, 3, 6])
def test_noise_before_quantization_is_what_was_compressed(quality, sigma):
    flat = np.rint(120 + 255 * smooth_noise((256, 256, 1), sigma)).astype(np.uint8)
    left = jpeg_round_trip(np.repeat(flat, 3, axis=2), quality, "4:2:0")[:, :, 1].astype(float)
    blocks = left.reshape(16, 16, 16, 16).transpose(0, 2, 1, 3).reshape(-1, 256)
    found = quantized(steps_of(quality), FILTERED).sigma(float(np.quantile(blocks.std(axis=1), 0.1)), 0.1)
    assert found == pytest.approx(sigma, rel=0.15)


def test_a_pattern_of_eight_pixels_is_not_called_motion():
    """The lines of JPEG's blocks look like those of a motion of 8 pixels along an axis."""
    pixels = jpeg_round_trip(eight_bit(blur(drawn_scene(3), gaussian_kernel(1.8))), 40, "4:2:0")
    assert inspect(Picture(pixels)).blur.kind != "motion"
