"""PSNR and SSIM against scikit-image and torchmetrics, and their laws."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import correlate
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from repix import metrics
from repix.errors import WrongShape, WrongUse
from tests.metrics.scenes import noisy, scene

WANG = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
PAIRS = [(scene(seed=s), noisy(scene(seed=s), sigma)) for s, sigma in [(0, 3.0), (1, 15.0), (2, 60.0)]]


def gray(picture):
    return picture[:, :, 0]


def as_torch(picture):
    """1×C×H×W."""
    return torch.from_numpy(np.atleast_3d(picture).transpose(2, 0, 1)[None].copy())


@pytest.mark.parametrize(("truth", "result"), PAIRS)
def test_rgb_is_scikit_images_psnr_of_bytes(truth, result):
    levels = [np.rint(255 * a).astype(np.uint8) for a in (truth, result)]
    assert metrics.psnr_rgb(result, truth) == pytest.approx(peak_signal_noise_ratio(*levels), rel=1e-12)


def test_rgb_rounds_and_clips_to_bytes():
    truth = scene()
    assert metrics.psnr_rgb(truth + 0.4 / 255, truth) == math.inf
    white = np.ones((3, 3, 3))
    assert metrics.psnr_rgb(7 * white, white) == math.inf


@pytest.mark.parametrize(("truth", "result"), PAIRS)
def test_gray_is_scikit_images_and_torchmetrics_psnr_of_fractions(truth, result):
    from torchmetrics.functional.image import peak_signal_noise_ratio as torch_psnr

    shifted = gray(result) * 1.01 - 0.02  # between the levels, and below black
    value = metrics.psnr_gray(shifted, gray(truth))
    assert value == pytest.approx(peak_signal_noise_ratio(gray(truth), shifted, data_range=1), rel=1e-12)
    assert value == pytest.approx(torch_psnr(as_torch(shifted), as_torch(gray(truth)), data_range=1.0).item())


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_psnr_y_is_psnr_of_scikit_images_luma_inside_the_border(scale):
    truth, result = PAIRS[1]
    first, second = (rgb2ycbcr(a)[scale:-scale, scale:-scale, 0] for a in (truth, result))
    expected = peak_signal_noise_ratio(first, second, data_range=255)
    assert metrics.psnr_y(result, truth, scale=scale) == pytest.approx(expected, rel=1e-9)


def test_psnr_y_does_not_see_the_border():
    truth, result = PAIRS[0]
    spoiled = result.copy()
    spoiled[:3], spoiled[-3:], spoiled[:, :3], spoiled[:, -3:] = 0, 0, 0, 0
    assert metrics.psnr_y(spoiled, truth, scale=3) == metrics.psnr_y(result, truth, scale=3)
    assert metrics.psnr_y(spoiled, truth, scale=2) < metrics.psnr_y(result, truth, scale=2)


@pytest.mark.parametrize(("truth", "result"), PAIRS)
def test_ssim_wang_is_scikit_images_and_torchmetrics_gaussian_ssim(truth, result):
    from torchmetrics.functional.image import structural_similarity_index_measure

    value = metrics.ssim_wang(gray(result), gray(truth))
    assert value == pytest.approx(structural_similarity(gray(truth), gray(result), data_range=1, **WANG), abs=1e-12)
    both = as_torch(gray(result)), as_torch(gray(truth))
    _, theirs = structural_similarity_index_measure(*both, data_range=1.0, return_full_image=True)
    inside = theirs[..., 5:-5, 5:-5]  # torchmetrics reflects the borders and averages them in; Wang does not
    assert value == pytest.approx(inside.mean().item(), abs=1e-9)


@pytest.mark.parametrize("border", [0, 3])
def test_ssim_wang_of_color_is_that_of_its_luma(border):
    truth, result = PAIRS[1]
    first, second = (rgb2ycbcr(a)[border : 200 - border, border : 180 - border, 0] for a in (truth, result))
    expected = structural_similarity(first, second, data_range=255, **WANG)
    assert metrics.ssim_wang(result, truth, border=border) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("truth", "result"), PAIRS)
def test_ssim_skimage_is_scikit_images_default(truth, result):
    expected = structural_similarity(truth, result, data_range=1, channel_axis=2)
    assert metrics.ssim_skimage(result, truth) == pytest.approx(expected, abs=1e-12)
    expected = structural_similarity(gray(truth), gray(result), data_range=1)
    assert metrics.ssim_skimage(gray(result), gray(truth)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("size", [(7, 7), (11, 40), (43, 11), (44, 75), (33, 17)])
def test_ssim_at_sizes_where_strips_begin_and_end(size):
    truth, result = scene(*size, 1)[:, :, 0], noisy(scene(*size, 1), 20.0)[:, :, 0]
    expected = structural_similarity(truth, result, data_range=1)
    assert metrics.ssim_skimage(result, truth) == pytest.approx(expected, abs=1e-12)
    if min(size) >= 11:
        expected = structural_similarity(truth, result, data_range=1, **WANG)
        assert metrics.ssim_wang(result, truth) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("size", "sigma"), [((192, 208), 3.0), ((192, 208), 60.0), ((191, 207), 15.0)])
def test_ms_ssim_is_made_of_torchmetrics_parts_on_scipys_halves(size, sigma):
    from torchmetrics.functional.image import structural_similarity_index_measure as theirs

    truth = gray(scene(*size, 1))
    both, parts = [noisy(truth, sigma), truth], []
    expected = metrics.ms_ssim(*both)
    for _ in range(4):
        _, contrast = theirs(*map(as_torch, both), data_range=1.0, return_contrast_sensitivity=True)
        parts.append(contrast.item())
        both = [correlate(a, np.full((2, 2), 0.25), mode="reflect", origin=-1)[::2, ::2] for a in both]
    _, coarsest = theirs(*map(as_torch, both), data_range=1.0, return_full_image=True)
    parts.append(coarsest[..., 5:-5, 5:-5].mean().item())
    assert expected == pytest.approx(np.prod(np.power(parts, [0.0448, 0.2856, 0.3001, 0.2363, 0.1333])), abs=1e-9)


def test_ms_ssim_of_a_negative_is_zero():
    truth = scene(180, 180, 1)
    assert metrics.ms_ssim(1 - truth, truth) == 0.0


@pytest.mark.parametrize(
    ("name", "least"), [("ssim_wang", 11), ("ssim_skimage", 7), ("ms_ssim", 176)]
)  # fmt: skip
def test_pictures_smaller_than_the_windows_are_refused(name, least):
    measure = getattr(metrics, name)
    small = np.zeros((least - 1, 300))
    with pytest.raises(WrongShape, match=f"{least - 1}×300 .* at least {least}×{least}"):
        measure(small, small)
    enough = np.zeros((least, 300))
    assert measure(enough, enough) == 1.0


def test_borders_and_scales_that_leave_nothing_are_refused():
    small = np.zeros((8, 8, 3))
    with pytest.raises(WrongShape, match="too small to cut 4 pixels at each side"):
        metrics.psnr_y(small, small, scale=4)
    with pytest.raises(WrongUse, match="scale is 0; it must be at least 1"):
        metrics.psnr_y(small, small, scale=0)
    with pytest.raises(WrongUse, match=r"scale is 2\.0; it must be a whole number"):
        metrics.psnr_y_bicubic(small, scale=2.0)
    with pytest.raises(WrongUse, match="border is -1; it must be at least 0"):
        metrics.ssim_wang(small, small, border=-1)
    with pytest.raises(WrongShape, match="not a multiple of the scale 3; cut it to 6×6 first"):
        metrics.psnr_y_bicubic(small, scale=3)


def test_color_and_gray_metrics_refuse_each_others_pictures():
    with pytest.raises(WrongShape, match="this metric needs color pictures"):
        metrics.psnr_rgb(scene(channels=1), scene(channels=1))
    with pytest.raises(WrongShape, match="this metric needs gray pictures"):
        metrics.psnr_gray(scene(), scene())


PLANES = arrays(np.float64, (12, 13), elements=st.floats(0, 1))


@settings(max_examples=25)
@given(PLANES, PLANES)
def test_psnr_and_ssim_are_symmetric_and_bounded(first, second):
    for measure in (metrics.ssim_wang, metrics.ssim_skimage):
        value = measure(first, second)
        assert value == pytest.approx(measure(second, first), abs=1e-12)
        assert -1 - 1e-9 <= value <= 1 + 1e-9
    assert metrics.psnr_gray(first, second) == metrics.psnr_gray(second, first)
    assert metrics.psnr_gray(first, second) >= 0


@settings(max_examples=25)
@given(PLANES, st.floats(0.001, 0.5), st.floats(1.1, 4))
def test_psnr_falls_by_20_log10_of_the_errors_growth(truth, error, growth):
    sign = np.where(np.indices(truth.shape).sum(axis=0) % 2, 1, -1)
    small, large = (metrics.psnr_gray(truth + e * sign, truth) for e in (error, growth * error))
    assert small == pytest.approx(-20 * math.log10(error), abs=1e-6)
    assert small - large == pytest.approx(20 * math.log10(growth), abs=1e-6)
