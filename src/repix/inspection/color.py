"""Color: whether a picture is gray, nearly gray, or colored."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.inspection.blocks import BLOCK

Color = Literal["gray", "nearly gray", "color"]

EXACT = 1.0
"""Largest difference of red, green and blue that is still gray, in gray levels: rounding."""
NEARLY, SHARE = 5.0, 0.98
"""This share of the 8×8 blocks has a mean chroma of at most so many gray levels in a nearly gray picture."""


def color(chroma: Sequence[Array], pixels: Array) -> Color:
    """Return how colorful a picture is.

    Args:
        chroma: Cb and Cr of the crops, H×W×2, where 0 is gray; none for a picture of one channel.
        pixels: scattered pixels N×C.

    >>> color([], np.zeros((9, 1)))
    'gray'
    """
    if pixels.shape[1] == 1 or all(float(np.abs(pixels[:, i] - pixels[:, 1]).max()) <= EXACT for i in (0, 2)):
        return "gray"
    means = np.concatenate([_block_means(one) for one in chroma])
    colorful = np.hypot(means[:, 0], means[:, 1]) > NEARLY
    return "color" if colorful.mean() > 1 - SHARE else "nearly gray"


def _block_means(chroma: Array) -> Array:
    """Return the mean of each block, N×2, so that noise does not count as color."""
    rows, columns = (max(side // BLOCK, 1) for side in chroma.shape[:2])
    high, wide = min(BLOCK, chroma.shape[0]), min(BLOCK, chroma.shape[1])
    parts = chroma[: rows * high, : columns * wide].reshape(rows, high, columns, wide, 2)
    means: Array = parts.mean(axis=(1, 3)).reshape(-1, 2)
    return means
