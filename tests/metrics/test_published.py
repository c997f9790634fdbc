"""The baselines that papers publish, on their own pictures."""

import numpy as np
import pytest

from repix import metrics
from repix.arithmetic.resampling import resize, resize_picture
from repix.pictures import read

SET5 = ("baby", "bird", "butterfly", "head", "woman")


@pytest.fixture(scope="module")
def set5(shared):
    """Truths and enlarged LR files of a scale."""

    def load(scale):
        for name in SET5:
            truth = read(shared / "set5" / f"{name}_x{scale}_HR.png").colors()
            small = read(shared / "set5" / f"{name}_x{scale}_LR.png").colors()
            yield resize_picture(small, truth.shape[:2], method="bicubic"), truth

    return load


@pytest.mark.parametrize(("scale", "published"), [(2, 33.66), (3, 30.39), (4, 28.42)])
def test_r01_the_published_bicubic_row_of_set5(set5, scale, published):
    values = [metrics.psnr_y_bicubic(truth, scale=scale) for _, truth in set5(scale)]
    assert np.mean(values) == pytest.approx(published, abs=0.01)


@pytest.mark.parametrize(("scale", "measured"), [(2, 33.679), (3, 30.406), (4, 28.432)])
def test_r01_bicubic_from_the_distributed_files_lies_a_little_above(set5, scale, measured):
    values = [metrics.psnr_y(result, truth, scale=scale) for result, truth in set5(scale)]
    assert np.mean(values) == pytest.approx(measured, abs=0.002)


@pytest.mark.parametrize(("scale", "published"), [(2, 0.9299), (3, 0.8682), (4, 0.8104)])
def test_r01_the_published_bicubic_ssim_of_set5(set5, scale, published):
    values = []
    for _, truth in set5(scale):
        levels = np.rint(255 * (16 / 255 + truth @ [65.481 / 255, 128.553 / 255, 24.966 / 255]))
        small = resize(levels, scale_factor=1 / scale, mode="bicubic", antialias=True)
        large = np.rint(np.clip(resize(small, levels.shape, mode="bicubic"), 0, 255))
        values.append(metrics.ssim_wang(large / 255, levels / 255, border=scale))
    assert np.mean(values) == pytest.approx(published, abs=0.0003)


@pytest.mark.parametrize("sigma", [15, 25, 50])
def test_d01_noisy_set12_lies_where_theory_puts_it(shared, sigma):
    values = []
    for seed, file in enumerate(sorted((shared / "set12").glob("*.png"))):
        truth = read(file).colors().astype(np.float64)
        noise = np.random.default_rng(seed).normal(0, sigma / 255, truth.shape)
        values.append(metrics.psnr_gray(truth + noise, truth))
    assert len(values) == 12
    assert np.mean(values) == pytest.approx(20 * np.log10(255 / sigma), abs=0.01)
