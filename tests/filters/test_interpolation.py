"""Enlarging: nearest, bilinear, bicubic and Lanczos beside torch and OpenCV, and what they refuse."""

import cv2
import numpy as np
import pytest
import torch

from repix import filters
from repix.arithmetic.resampling import resize
from repix.errors import WrongUse

METHODS = ("nearest", "bilinear", "bicubic", "lanczos")


@pytest.mark.parametrize("method", METHODS)
def test_R01_every_channel_is_resized_by_the_arithmetic(method):
    picture = np.random.default_rng(0).random((5, 7, 3)).astype(np.float32)
    enlarged = getattr(filters, method)(picture, 3)
    assert enlarged.shape == (15, 21, 3)
    for channel in range(3):
        expected = resize(picture[:, :, channel], scale_factor=3, mode=method)
        np.testing.assert_allclose(enlarged[:, :, channel], expected, atol=1e-6)


@pytest.mark.parametrize("scale", [2, 3, 2.5])
@pytest.mark.parametrize(("method", "settings"), [("bilinear", {}), ("bicubic", {"a": -0.75})])
def test_R01_torch_enlarges_alike(method, settings, scale):
    picture = np.random.default_rng(1).random((8, 10))
    tensor = torch.from_numpy(picture)[None, None]
    expected = torch.nn.functional.interpolate(tensor, scale_factor=scale, mode=method, align_corners=False)
    enlarged = getattr(filters, method)(picture, scale, **settings)
    np.testing.assert_allclose(enlarged, expected[0, 0].numpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("method", "flag", "settings"),
    [
        ("nearest", cv2.INTER_NEAREST_EXACT, {}),
        ("bilinear", cv2.INTER_LINEAR, {}),
        ("bicubic", cv2.INTER_CUBIC, {"a": -0.75}),
    ],
)
def test_R01_opencv_enlarges_alike(method, flag, settings):
    picture = np.random.default_rng(2).random((9, 6, 3)).astype(np.float32)
    expected = cv2.resize(picture, None, fx=2, fy=2, interpolation=flag)
    np.testing.assert_allclose(getattr(filters, method)(picture, 2, **settings), expected, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [0.5, 0, -1, 33, float("nan")])
def test_scales_that_do_not_enlarge_are_refused(method, scale):
    with pytest.raises(WrongUse, match="scale is"):
        getattr(filters, method)(np.zeros((6, 6)), scale)
