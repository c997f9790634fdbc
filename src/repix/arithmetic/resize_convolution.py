"""Resize-convolution as a transposed convolution: the composed kernel of interpolation and convolution."""

from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array, require_dimensions, require_finite, require_floats, whole
from repix.arithmetic.taps import Resampling, taps, weighted_columns
from repix.arithmetic.transposed import conv_transpose2d
from repix.errors import WrongShape, WrongUse


def resize_convolution_kernel(
    kernel: Array, scale_factor: int, mode: Literal["nearest", "bilinear"] = "nearest"
) -> Array:
    """Return the kernel of the transposed convolution that equals `resize` followed by `conv2d` with zero padding.

    The kernel K×L or O×C×K×L has odd sides. The result is for `conv_transpose2d` with stride `scale_factor` and padding
    (side - scale_factor) / 2. For nearest the two are equal everywhere. For bilinear they are equal except at the
    border, where `resize` repeats the last pixel.

    Args:
        kernel: the kernel of the convolution, K×L or O×C×K×L, with odd sides.
        scale_factor: the scale factor of the interpolation.
        mode: "nearest" or "bilinear".

    Returns:
        The kernel, K×L or C×O×K×L.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> resize_convolution_kernel(np.array([[1.0]]), 2, "bilinear")[0].tolist()
    [0.0625, 0.1875, 0.1875, 0.0625]
    """
    require_floats(kernel, "kernel")
    require_dimensions(kernel, "kernel", 2, 4)
    require_finite(kernel, "kernel")
    if any(side % 2 == 0 for side in kernel.shape[-2:]):
        raise WrongShape(f"kernel has shape {kernel.shape}; its height and width must be odd.")
    if mode not in ("nearest", "bilinear"):
        raise WrongUse(f"There is no composed kernel for {mode!r}; choose 'nearest' or 'bilinear'.")
    spread = _spread(whole(scale_factor, "scale_factor", 1), mode).astype(
        kernel.dtype
    )  # the response to one pixel, along an axis
    filters, channels = kernel.shape[:2] if kernel.ndim == 4 else (1, 1)
    mirrored = kernel.reshape(1, filters * channels, *kernel.shape[-2:])[..., ::-1, ::-1]
    composed: Array = conv_transpose2d(np.outer(spread, spread)[np.newaxis], mirrored)
    if kernel.ndim == 4:
        composed = composed.reshape(filters, channels, *composed.shape[1:]).swapaxes(0, 1)
    return composed.reshape(composed.shape[-2:] if kernel.ndim == 2 else composed.shape)


def _spread(scale: int, mode: str) -> Array:
    """Return the response to a single 1 on an axis that is interpolated by `scale`."""
    pixel = np.zeros((1, 5))
    pixel[0, 2] = 1.0
    longer: Array = weighted_columns(pixel, taps(Resampling(5, 5 * scale, 5), mode, antialias=False, a=-0.5))[0]
    response: Array = longer[longer > 0]
    return response
