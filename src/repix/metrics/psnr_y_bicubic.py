"""PSNR of the bicubic baseline in super-resolution papers, from the truth alone."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.errors import WrongShape
from repix.metrics import Metric
from repix.metrics._pair import cut, luma, picture
from repix.metrics._psnr import pooled_psnr, psnr
from repix.parameters import Bounds, checked


@checked
def psnr_y_bicubic(truth: Array, scale: Annotated[int, "scale factor", Bounds(2)]) -> float:
    """Return the PSNR of the truth's luma after bicubic downsampling and upsampling as in MATLAB.

    The small picture is not rounded, the upsampled one is; `scale` pixels are cut at each side.

    Args:
        truth: floats in [0, 1], gray or RGB.
        scale: scale factor.

    Returns:
        PSNR in dB.

    Raises:
        WrongShape: height or width is not a multiple of the scale.

    >>> row = np.linspace(0, 1, 24) ** 2
    >>> round(psnr_y_bicubic(np.outer(row, row), scale=2), 2)
    59.68
    """
    original = np.rint(luma(picture(truth, "truth")))
    height, width = original.shape
    if height % scale or width % scale:
        raise WrongShape(
            f"truth is {height}×{width} (height × width), which is not a multiple of the scale {scale}; "
            f"cut it to {height - height % scale}×{width - width % scale} first."
        )
    small = resize_picture(original, scale=1 / scale, method="bicubic", antialias=True)
    large = np.rint(np.clip(resize_picture(small, original.shape, method="bicubic"), 0, 255))
    return psnr(cut(large, scale), cut(original, scale), 255)


METRIC = Metric(psnr_y_bicubic, unit="dB", best=float("inf"), note="of the truth alone", pool=pooled_psnr)
