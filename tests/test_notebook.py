"""What notebooks show: pictures as PNG, traces as SVG, trainings and evaluations as tables."""

import xml.etree.ElementTree as ET
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import repix
from repix.arithmetic import max_pool2d
from repix.conversion import Contract
from repix.pictures.picture import SHOWN


def shown(picture) -> np.ndarray:
    with Image.open(BytesIO(picture._repr_png_())) as image:
        assert image.format == "PNG"
        return np.asarray(image)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_picture_is_shown_as_it_is(channels):
    pixels = np.random.default_rng(0).integers(0, 255, (7, 9, channels), np.uint8)
    np.testing.assert_array_equal(shown(repix.Picture(pixels)).reshape(7, 9, channels), pixels)


@pytest.mark.parametrize(("dtype", "white"), [(np.uint16, 65535), (np.float32, 1.0)])
def test_more_bits_are_shown_with_eight(dtype, white):
    pixels = (np.linspace(0, 1, 256)[np.newaxis] * white).astype(dtype)
    found = shown(repix.Picture(pixels))
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found[0], np.arange(256), atol=1)


def test_a_large_picture_is_shown_smaller_by_the_mean_of_blocks():
    pixels = np.random.default_rng(0).integers(0, 255, (2 * SHOWN + 1, 40, 3), np.uint8)
    found = shown(repix.Picture(pixels))
    assert found.shape == (683, 13, 3)
    assert abs(int(found[0, 0, 0]) - pixels[:3, :3, 0].mean()) <= 1
    assert shown(repix.Picture(np.zeros((1, 5 * SHOWN), np.uint8))).shape == (1, SHOWN)


def test_a_mask_keeps_its_levels_and_colors():
    pixels = np.zeros((2 * SHOWN, 4), np.uint8)
    pixels[::2] = 2
    mask = repix.Picture(pixels, palette=(0x000000, 0xFF0000, 0x00FF00))
    with Image.open(BytesIO(mask._repr_png_())) as image:
        assert image.mode == "P"
        assert set(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3)[:, 1])) == {255}


def test_what_a_file_carries_of_its_owner_is_not_put_into_the_notebook():
    picture = repix.Picture(np.zeros((2, 2), np.uint8), exif=b"Exif\0\0secret", xmp=b"<x>secret</x>")
    assert b"secret" not in picture._repr_png_()


def test_a_trace_is_shown_as_its_drawing():
    trace = max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)
    assert ET.fromstring(trace._repr_svg_()).tag.endswith("svg")  # noqa: S314 (we wrote it)


def test_a_trace_that_is_too_large_to_draw_is_not_shown():
    assert max_pool2d.trace(np.ones((100, 100)), 2)._repr_svg_() is None


@pytest.mark.parametrize("complete", [True, False])
def test_a_training_is_shown_as_its_models_card(tmp_path, complete):
    from repix.training import Trained

    model = tmp_path / "model.onnx"
    model.write_bytes(bytes(2_000_000))
    contract = Contract("denoise", metrics=({"metric": "psnr-rgb", "value": 30.5},))
    html = Trained(model, contract, None, complete)._repr_html_()
    assert f"{model}{'' if complete else ', stopped before its end'}</caption>" in html
    assert "<td>Task</td><td>denoise</td>" in html
    assert "rgb: 30.5" in html
    assert "2 MB" in html
