"""PSNR of luma with cropped borders, as in super-resolution papers."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.metrics import Metric
from repix.metrics._pair import cut, luma_pictures
from repix.metrics._psnr import pooled_psnr, psnr
from repix.parameters import Bounds, checked


@checked
def psnr_y(
    result: Array,
    truth: Array,
    scale: Annotated[int, "scale factor; this many pixels are cut at each side", Bounds(1)],
) -> float:
    """Return the PSNR in dB of BT.601 luma (16–235, not rounded, from 8-bit RGB), with `scale` pixels cut at each side.

    Args:
        result: floats in [0, 1], gray or RGB.
        truth: floats in [0, 1], gray or RGB.
        scale: scale factor.

    >>> import numpy as np
    >>> round(psnr_y(np.full((9, 9, 3), 0.4), np.full((9, 9, 3), 0.5), scale=2), 2)
    21.15
    """
    first, second = luma_pictures(result, truth)
    return psnr(cut(first, scale), cut(second, scale), 255)


METRIC = Metric(psnr_y, unit="dB", best=float("inf"), pool=pooled_psnr)
