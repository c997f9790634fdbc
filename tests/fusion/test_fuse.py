"""Fusing beats enlarging one shot, and keeps what it must keep."""

import numpy as np
import pytest

import repix
from repix.arithmetic.color import luma
from repix.arithmetic.resampling import resize
from repix.errors import WrongUse
from repix.fusion import Registration, register
from tests.fusion.scenes import drawn, psnr, shots_of


def gain(scene, **camera):
    """By how many dB the fused picture is better than the first shot enlarged by bicubic interpolation."""
    shots, _ = shots_of(scene, **camera)
    return psnr(repix.fuse(shots, scale=2), scene) - psnr(resize(shots[0], scale_factor=2, mode="bicubic"), scene)


@pytest.mark.parametrize("camera", ["box", "cubic", "gaussian"])
@pytest.mark.parametrize("noise", [2, 5])
def test_r02_eight_shots_of_a_drawn_scene_beat_bicubic_by_two_decibels(camera, noise):
    assert gain(drawn(), camera=camera, noise=noise, seed=1) > 2


@pytest.mark.parametrize("name", ["baby", "bird", "butterfly", "head", "woman"])
def test_r02_eight_shots_of_a_set5_picture_beat_bicubic_by_two_decibels(shared, name):
    pixels = repix.read(shared / "set5" / f"{name}_x2_HR.png").colors().astype(np.float64)
    scene = luma(pixels)[:256, :256, 0]
    gains = [gain(scene, camera=camera, noise=5, seed=1) for camera in ("box", "cubic")]
    assert min(gains) > 2


def test_the_lens_blur_counts_where_it_is_known():
    shots, _ = shots_of(drawn(), camera="gaussian", noise=2, seed=1)
    known = (0.5**2 - 1 / 12) ** 0.5  # what remains of the test camera's blur beside the pixel's own square
    assert psnr(repix.fuse(shots, blur=known), drawn()) > psnr(repix.fuse(shots), drawn()) + 2


def test_noise_is_averaged_and_not_sharpened():
    """Eight shots for four fine pixels allow 3 dB by averaging alone; back-projection must not spend them."""
    assert gain(drawn(), noise=40, seed=2) > 5


def test_two_shots_without_a_shift_and_a_flat_scene_are_no_problem():
    flat = np.full((20, 24), 0.25)
    still = Registration(np.zeros((2, 2)), np.ones(2), ("a", "b"))
    np.testing.assert_allclose(repix.fuse([flat, flat], scale=3, registration=still), 0.25, atol=1e-12)
    shot = drawn(60, 64)
    assert psnr(repix.fuse([shot, shot], scale=1), shot) > 30


def test_three_equal_channels_are_one_gray():
    shots, _ = shots_of(drawn(), count=4)
    gray = repix.fuse(shots)
    colored = repix.fuse([np.stack([shot] * 3, axis=2) for shot in shots])
    for channel in range(3):
        np.testing.assert_allclose(colored[:, :, channel], gray, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_shape_and_type(dtype, channels):
    shots = [
        np.broadcast_to(s[..., *([None] * len(channels))], s.shape + channels).astype(dtype)
        for s in shots_of(drawn(80, 96), count=3)[0]
    ]
    fused = repix.fuse(shots, scale=3)
    assert fused.shape == (120, 144, *channels)
    assert fused.dtype == dtype


def test_shifts_that_are_known_are_taken():
    shots, shifts = shots_of(drawn(), count=4)
    known = Registration(shifts, np.ones(4), ("a", "b", "c", "d"))
    np.testing.assert_allclose(repix.fuse(shots, registration=known), repix.fuse(shots), atol=0.1)
    wrong = Registration(shifts[::-1], np.ones(4), ("a", "b", "c", "d"))
    assert (
        psnr(repix.fuse(shots, registration=known), drawn()) > psnr(repix.fuse(shots, registration=wrong), drawn()) + 3
    )


def test_bad_settings_are_refused():
    shots, _ = shots_of(drawn(), count=3)
    with pytest.raises(WrongUse, match="scale is 0; it must be a whole number from 1 to 8"):
        repix.fuse(shots, scale=0)
    with pytest.raises(WrongUse, match=r"scale is 1\.5"):
        repix.fuse(shots, scale=1.5)
    with pytest.raises(WrongUse, match="blur is -1 pixels"):
        repix.fuse(shots, blur=-1)
    with pytest.raises(WrongUse, match=r"Shot 3: no match for Shot 1 \(correlation"):
        repix.fuse([*shots[:2], np.rot90(shots[0], 2)])
    with pytest.raises(WrongUse, match="No shot matches Shot 1"):
        repix.fuse([np.rot90(shots[0], 2), *shots])
    with pytest.raises(WrongUse, match="3 names for 2 shots"):
        repix.fuse(shots[:2], registration=register(shots))
