"""SSIM as its authors compute it: luma, Gaussian windows of 11×11 pixels and σ 1.5, those inside the picture."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.metrics import Protocol
from repix.metrics._pair import cut, luma_pictures
from repix.metrics._ssim import gaussian_window, similarity
from repix.parameters import Bounds, checked


@checked
def ssim_wang(
    result: Array,
    truth: Array,
    border: Annotated[
        int, "pixels cut at each side first; super-resolution papers cut as many as the scale", Bounds(0)
    ] = 0,
) -> float:
    """Mean SSIM on the levels 0–255 of grey, or of the BT.601 luma of colour; K1 0.01, K2 0.03.

    >>> import numpy as np
    >>> round(ssim_wang(np.full((16, 16), 0.4), np.full((16, 16), 0.5)), 4)
    0.9748
    """
    first, second = luma_pictures(result, truth)
    return similarity(cut(first, border), cut(second, border), gaussian_window(), 255).whole


PROTOCOL = Protocol(ssim_wang)
