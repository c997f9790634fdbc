"""Conversion to gray (BT.601 luma)."""

from repix.arithmetic.arrays import Array
from repix.arithmetic.color import luma
from repix.degradations import Degradation
from repix.parameters import checked


@checked
def gray(picture: Array) -> Array:
    """Convert colors H×W×3 to luma H×W×1: 0.299 red + 0.587 green + 0.114 blue. Gray is returned unchanged.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.

    Returns:
        The luma.

    >>> import numpy as np
    >>> gray(np.array([[[1.0, 0.0, 0.0]]])).tolist()
    [[[0.299]]]
    """
    return luma(picture)


DEGRADATION = Degradation(gray, gray=True)
