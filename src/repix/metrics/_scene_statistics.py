"""Natural scene statistics of blocks of a picture: the 36 features of NIQE (Mittal, Soundararajan and Bovik, 2013)."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from repix.arithmetic import color
from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.errors import WrongShape
from repix.metrics._pair import eight_bits

BLOCK = 96
"""Side of a block, in pixels; half of it at the second scale."""
FEWEST_BLOCKS = 4
"""A covariance of fewer blocks says nothing."""
FEATURES = 36
"""18 at each scale: 2 of the normalized luma, 4 of each of four products of neighbors."""
HALF_WINDOW, SIGMA = 3, 7 / 6
"""The Gaussian window: 7×7 pixels with this standard deviation."""
STABILIZER = 1.0
"""Added to the local deviation, in gray levels (8-bit)."""
NEIGHBORS = ((0, 1), (1, 0), (1, 1), (-1, 1))
"""Shifts (rows, columns) of the products: horizontal, vertical, and the two diagonals."""
SHAPES = np.arange(200, 10001) / 1000
"""Shape parameters of the generalized Gaussian; others are replaced by the nearest end."""


@dataclass(frozen=True)
class BlockStatistics:
    """Features of the blocks of a picture."""

    features: Array
    """Blocks × 36; NaN where a block is constant."""
    sharpness: Array
    """Mean local deviation of each block at the first scale, in gray levels (8-bit)."""


def block_statistics(picture: Array) -> BlockStatistics:
    """Return the features of the blocks of a picture H×W×C with values in [0, 1].

    It is rounded to 8 bits and converted to luma (BT.601, full range), rounded again. Rows and columns that do not
    fill a block are cut at the bottom and at the right. The second scale is half the first, by antialiased bicubic
    interpolation.

    Raises:
        WrongShape: fewer than four blocks.
    """
    height, width = (side // BLOCK * BLOCK for side in picture.shape[:2])
    if height * width < FEWEST_BLOCKS * BLOCK**2:
        raise WrongShape(
            f"the picture is {picture.shape[0]}×{picture.shape[1]} (height × width); niqe needs at least "
            f"{FEWEST_BLOCKS} blocks of {BLOCK}×{BLOCK} pixels, such as {2 * BLOCK}×{2 * BLOCK}."
        )
    levels = eight_bits(picture[:height, :width])
    luma = levels[:, :, 0] if levels.shape[2] == 1 else np.rint(255 * color.luma(levels / 255)[:, :, 0])
    fine, sharpness = _scale(luma, BLOCK)
    coarse, _ = _scale(resize_picture(luma, scale=0.5, method="bicubic", antialias=True), BLOCK // 2)
    return BlockStatistics(np.hstack([fine, coarse]), sharpness)


def normalized(plane: Array) -> tuple[Array, Array]:
    """Return mean-subtracted contrast-normalized (MSCN) coefficients, and the local deviation.

    The plane H×W has 3 more pixels on each side, which the results have not.
    """
    mean = _smooth(plane)
    deviation = np.sqrt(np.abs(_smooth(plane * plane) - mean * mean))
    center = plane[HALF_WINDOW:-HALF_WINDOW, HALF_WINDOW:-HALF_WINDOW]
    return (center - mean) / (deviation + STABILIZER), deviation


def generalized_gaussian(samples: Array) -> tuple[Array, Array, Array]:
    """Return shape, left scale and right scale of asymmetric generalized Gaussians, fitted to each row by moments.

    NaN where a row has no negative or no positive sample.

    >>> normal = np.random.default_rng(0).standard_normal((1, 100_000))
    >>> [round(value.item(), 1) for value in generalized_gaussian(normal)]
    [2.0, 1.4, 1.4]
    """
    below, above = np.minimum(samples, 0), np.maximum(samples, 0)
    squares = [np.einsum("np,np->n", part, part) for part in (below, above)]
    counts = [np.count_nonzero(part, axis=1) for part in (below, above)]
    valid = (counts[0] > 0) & (counts[1] > 0)
    left, right = (
        np.sqrt(np.divide(s, n, out=np.full(len(s), np.nan), where=valid)) for s, n in zip(squares, counts, strict=True)
    )
    size = samples.shape[1]
    magnitude = (above.sum(1) - below.sum(1)) / size
    energy = np.where(valid, squares[0] + squares[1], np.nan) / size
    ratio = left / right
    wanted = magnitude**2 / energy * (ratio**3 + 1) * (ratio + 1) / (ratio**2 + 1) ** 2
    shape = np.interp(wanted, _moment_ratios(), SHAPES)
    scale = np.sqrt(_gamma(1 / shape) / _gamma(3 / shape))
    return shape, left * scale, right * scale


def _scale(plane: Array, block: int) -> tuple[Array, Array]:
    """Return 18 features of each block of a scale, and the sharpness of the blocks."""
    padded = np.pad(plane, HALF_WINDOW, mode="edge")
    features, sharpness = [], []
    for top in range(0, len(plane), block):  # a row of blocks at a time fits into the processor's cache
        coefficients, deviation = normalized(padded[top : top + block + 2 * HALF_WINDOW])
        features.append(_features(_blocks(coefficients, block)))
        sharpness.append(_blocks(deviation, block).mean((1, 2)))
    return np.concatenate(features), np.concatenate(sharpness)


def _blocks(strip: Array, block: int) -> Array:
    """Return a row of blocks as count × side × side."""
    return np.ascontiguousarray(strip.reshape(block, -1, block).swapaxes(0, 1))


def _features(blocks: Array) -> Array:
    """Return 18 features of each block; a block's products wrap around its border."""
    shape, left, right = generalized_gaussian(blocks.reshape(len(blocks), -1))
    columns = [shape, (left + right) / 2]
    for shift in NEIGHBORS:
        products = blocks * np.roll(blocks, shift, (1, 2))
        shape, left, right = generalized_gaussian(products.reshape(len(blocks), -1))
        mean = (right - left) * _gamma(2 / shape) / _gamma(1 / shape)
        columns += [shape, mean, left, right]
    return np.stack(columns, 1)


def _smooth(plane: Array) -> Array:
    """Return means under the Gaussian window, inside the plane."""
    taps = np.exp(-0.5 * (np.arange(-HALF_WINDOW, HALF_WINDOW + 1) / SIGMA) ** 2)
    taps /= taps.sum()
    height, width = (side - 2 * HALF_WINDOW for side in plane.shape)
    rows = sum(tap * plane[k : k + height] for k, tap in enumerate(taps))
    total: Array = sum(tap * rows[:, k : k + width] for k, tap in enumerate(taps))
    return total


@cache
def _moment_ratios() -> Array:
    """Return (mean magnitude)² / mean square of a generalized Gaussian of each shape."""
    return _gamma(2 / SHAPES) ** 2 / (_gamma(1 / SHAPES) * _gamma(3 / SHAPES))


def _gamma(values: Array) -> Array:
    """Return the gamma function; NaN stays NaN."""
    return np.array([math.gamma(value) for value in values.tolist()])
