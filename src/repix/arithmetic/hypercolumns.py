"""Hypercolumns: feature maps of several depths, resized to one size and stacked along the channels."""

from collections.abc import Sequence

import numpy as np

from repix.arithmetic.arrays import Array, require_dimensions, require_floats, require_same_dtype
from repix.arithmetic.resampling import Mode, resize
from repix.errors import WrongShape, WrongUse


def hypercolumns(
    maps: Sequence[Array], size: int | tuple[int, int], *, mode: Mode = "bilinear", align_corners: bool = False
) -> Array:
    """Return maps (N×)C×H×W resized to one size, with their channels stacked.

    Mix the channels with a 1×1 convolution: `conv2d(stack, weights)` with weights of shape (classes, channels, 1, 1).

    Args:
        maps: feature maps C×H×W or N×C×H×W of any sizes.
        size: the size to resize to; one number or (rows, columns).
        mode: the interpolation, as in `resize`.
        align_corners: whether to align the centers of the corner pixels.

    Returns:
        The stacked maps, (N×)C'×H×W.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> hypercolumns([np.ones((2, 4, 4)), np.ones((3, 2, 2))], 4).shape
    (5, 4, 4)
    """
    if not maps:
        raise WrongUse("There are no maps to stack; give at least one.")
    for i, one in enumerate(maps):
        require_floats(one, f"map {i}")
        require_dimensions(one, f"map {i}", 3, 4)
        require_same_dtype(one, f"map {i}", maps[0], "map 0")
        if one.shape[:-3] != maps[0].shape[:-3]:
            raise WrongShape(f"map {i} has shape {one.shape} but map 0 {maps[0].shape}; use one batch size.")
    resized = [resize(one, size, mode=mode, align_corners=align_corners) for one in maps]
    return np.concatenate(resized, axis=-3)
