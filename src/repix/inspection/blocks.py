"""Blocks of 8×8 pixels, as in JPEG, their discrete cosine transform (DCT-II), and their energy."""

from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 8
"""Side of a block."""


@cache
def dct_matrix() -> NDArray[np.float32]:
    """Return the orthonormal transform of a block, 64×64: rows are frequencies, in the order of a block's pixels.

    >>> bool(np.allclose(dct_matrix() @ np.ones(64), [8] + 63 * [0], atol=1e-6))
    True
    """
    place = np.arange(BLOCK)
    waves = np.cos(np.pi * (2 * place + 1) * place[:, np.newaxis] / (2 * BLOCK)) / 2
    waves[0] /= np.sqrt(2)
    return np.kron(waves, waves).astype(np.float32)


def sliding_blocks(plane: NDArray[Any], stride: int) -> NDArray[Any]:
    """Return blocks of a plane H×W, N×64, at a distance from one to the next; none for a plane smaller than a block.

    >>> sliding_blocks(np.zeros((16, 12)), 4).shape
    (6, 64)
    """
    if min(plane.shape) < BLOCK:
        return np.empty((0, BLOCK**2), plane.dtype)
    windows = np.lib.stride_tricks.sliding_window_view(plane, (BLOCK, BLOCK))[::stride, ::stride]
    return windows.reshape(-1, BLOCK**2)


def energy_quantile(freedom: Any, share: float) -> Any:
    """Return a quantile of a chi-squared variable, relative to its mean (Wilson and Hilferty's approximation).

    >>> round(float(energy_quantile(50.0, 0.1)), 2)
    0.75
    """
    spread = 2 / (9 * freedom)
    return np.maximum(1 - spread + NormalDist().inv_cdf(share) * spread**0.5, 0) ** 3
