"""Taps of a resampling: the old pixels and weights that each new pixel is computed from, and the weighted sums."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array, Integers
from repix.arithmetic.kernels import LOBES, cubic, lanczos, linear, normalized
from repix.arithmetic.trace import Rule

SUPPORT = {"bilinear": 1.0, "bicubic": 2.0, "lanczos": float(LOBES)}
"""The support of each kernel, in pixels to either side. Nearest copies one pixel and has no kernel."""

BLOCK = 32
"""The number of neighboring outputs that share one small dense matrix; the fastest of 8 to 64 on photos."""


@dataclass(frozen=True)
class Resampling:
    """The resampling of one axis to another length."""

    size: int
    new_size: int
    span: float
    """The part of the old axis that the new one covers: its size, unless the scale gives a fractional size."""
    align_corners: bool = False
    """True if the centers of the first and last pixels are aligned; otherwise pixels have half-pixel centers."""

    @property
    def spacing(self) -> float:
        """The distance between two new pixels, in old pixels."""
        if self.align_corners:
            return (self.size - 1) / (self.new_size - 1) if self.new_size > 1 else 0.0
        return self.span / self.new_size

    def positions(self) -> Array:
        """Return the positions of the new pixels on the old axis; 0 is the center of its first pixel.

        >>> Resampling(2, 4, 2.0).positions().tolist()
        [-0.25, 0.25, 0.75, 1.25]
        """
        new = np.arange(self.new_size)
        if self.align_corners:
            return new * (self.size - 1) / max(self.new_size - 1, 1)
        return (2 * new + 1) * self.span / (2 * self.new_size) - 0.5


@dataclass(frozen=True)
class Taps:
    """For each new pixel, (out, taps): the indices of the old pixels it reads, their distances and their weights."""

    positions: Array
    indices: Integers
    """Not clipped: an index outside the axis reads the border pixel."""
    distances: Array
    """In units of the kernel, which antialiasing stretches so that shrinking skips no pixel."""
    weights: Array
    rule: Rule
    """The rule of a trace that computes the weights from the distances."""
    kernel_args: dict[str, float]
    """The other arguments of that rule: `a` of Keys' kernel, or the number of lobes."""


def taps(line: Resampling, method: str, antialias: bool, a: float) -> Taps:
    """Return the taps of a resampling.

    >>> taps(Resampling(2, 4, 2.0), "bilinear", antialias=False, a=-0.5).weights.tolist()
    [[0.25, 0.75], [0.75, 0.25], [0.25, 0.75], [0.75, 0.25]]
    """
    positions = line.positions()
    if method == "nearest":
        nearest = np.floor(positions + 0.5).astype(np.intp)[:, np.newaxis]
        distances = nearest - positions[:, np.newaxis]
        return Taps(positions, nearest, distances, np.ones_like(distances), "copy", {})
    stretch = max(1.0, line.spacing) if antialias else 1.0
    support = SUPPORT[method] * stretch
    first = np.floor(positions - support).astype(np.intp) + 1
    indices = first[:, np.newaxis] + np.arange(math.ceil(2 * support))
    distances = (indices - positions[:, np.newaxis]) / stretch
    if method == "bicubic":
        return Taps(positions, indices, distances, normalized(cubic(distances, a)), "cubic-weights", {"a": a})
    if method == "lanczos":
        weights = normalized(lanczos(distances))
        return Taps(positions, indices, distances, weights, "lanczos-weights", {"lobes": LOBES})
    return Taps(positions, indices, distances, normalized(linear(distances)), "linear-weights", {})


def weighted_rows(planes: Array, made_of: Taps) -> Array:
    """Return new rows as weighted sums of old rows: (..., H, W) to (..., out, W).

    >>> weighted_rows(np.array([[1.0], [5.0]]), taps(Resampling(2, 4, 2.0), "bilinear", False, -0.5))[:, 0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """
    size, new_size = planes.shape[-2], len(made_of.positions)
    indices = np.clip(made_of.indices, 0, size - 1)
    if indices.shape[1] == 1:
        return np.take(planes, indices[:, 0], axis=-2)
    out = np.empty((*planes.shape[:-2], new_size, planes.shape[-1]), planes.dtype)
    for start in range(0, new_size, BLOCK):
        stop = min(start + BLOCK, new_size)
        low, matrix = _dense(indices[start:stop], made_of.weights[start:stop], planes.dtype)
        old = planes[..., low : low + matrix.shape[1], :]
        np.matmul(matrix, old, out=out[..., start:stop, :])
    return out


def weighted_columns(planes: Array, made_of: Taps, channels: int = 1) -> Array:
    """Return new columns as weighted sums of old columns: (..., H, W·channels) to (..., H, out·channels).

    >>> weighted_columns(np.array([[1.0, 5.0]]), taps(Resampling(2, 4, 2.0), "bilinear", False, -0.5)).tolist()
    [[1.0, 2.0, 4.0, 5.0]]
    """
    size, new_size = planes.shape[-1] // channels, len(made_of.positions)
    indices = np.clip(made_of.indices, 0, size - 1)
    if indices.shape[1] == 1:
        pixels = planes.reshape(*planes.shape[:-1], size, channels)
        return np.take(pixels, indices[:, 0], axis=-2).reshape(*planes.shape[:-1], new_size * channels)
    out = np.empty((*planes.shape[:-1], new_size * channels), planes.dtype)
    for start in range(0, new_size, BLOCK):
        stop = min(start + BLOCK, new_size)
        low, matrix = _dense(indices[start:stop], made_of.weights[start:stop], planes.dtype)
        if channels > 1:
            matrix = np.kron(matrix, np.eye(channels, dtype=planes.dtype))  # each channel by itself
        old = planes[..., low * channels : low * channels + matrix.shape[1]]
        np.matmul(old, matrix.T, out=out[..., start * channels : stop * channels])
    return out


def weighted(planes: Array, rows: Taps, columns: Taps, channels: int = 1) -> Array:
    """Return the result of both passes; the cheaper order is chosen, which changes the rounding only."""
    if len(rows.positions) > planes.shape[-2]:
        return weighted_rows(weighted_columns(planes, columns, channels), rows)
    return weighted_columns(weighted_rows(planes, rows), columns, channels)


def _dense(indices: Integers, weights: Array, dtype: np.dtype[Any]) -> tuple[int, Array]:
    """Return `low` and the weights of some outputs as a matrix (outputs, old pixels from `low` on)."""
    low = int(indices.min())
    matrix = np.zeros((len(indices), int(indices.max()) - low + 1))
    np.add.at(matrix, (np.arange(len(indices))[:, np.newaxis], indices - low), weights)
    return low, matrix.astype(dtype)
