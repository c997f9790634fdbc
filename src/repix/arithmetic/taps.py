"""Which pixels of a line each new pixel is made of, and with what weights; and the weighted sums themselves."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array, Integers
from repix.arithmetic.kernels import LOBES, cubic, lanczos, linear, normalized
from repix.arithmetic.trace import Rule

SUPPORT = {"bilinear": 1.0, "bicubic": 2.0, "lanczos": float(LOBES)}
"""How far each kernel reaches, in pixels. Nearest is no kernel: it copies one pixel."""

BLOCK = 32
"""So many neighboring outputs share one small dense matrix; the fastest of 8 to 64 on photos."""


@dataclass(frozen=True)
class Resampling:
    """A line of pixels that becomes a line of another length."""

    size: int
    new_size: int
    span: float
    """How much of the old line the new one covers: its size, but for scales that leave a fraction of a pixel."""
    align_corners: bool = False
    """Whether the first and last pixels stay where they are, or pixels are areas (half-pixel centers)."""

    @property
    def spacing(self) -> float:
        """The distance between two new pixels, in old pixels."""
        if self.align_corners:
            return (self.size - 1) / (self.new_size - 1) if self.new_size > 1 else 0.0
        return self.span / self.new_size

    def positions(self) -> Array:
        """Where the new pixels lie on the old line; 0 is the center of its first pixel.

        >>> Resampling(2, 4, 2.0).positions().tolist()
        [-0.25, 0.25, 0.75, 1.25]
        """
        new = np.arange(self.new_size)
        if self.align_corners:
            return new * (self.size - 1) / max(self.new_size - 1, 1)
        return (2 * new + 1) * self.span / (2 * self.new_size) - 0.5


@dataclass(frozen=True)
class Taps:
    """For each new pixel (out, taps): the old pixels it reads, how far away they are, and how much each counts."""

    positions: Array
    indices: Integers
    """Unclipped: below 0 and from `size` on the border pixel stands in."""
    distances: Array
    """In units of the kernel, which antialiasing stretches so that shrinking skips no pixel."""
    weights: Array
    rule: Rule
    """The trace's rule that makes weights of distances."""
    kernel_args: dict[str, float]
    """What that rule needs besides the distances: Keys' `a`, or how many lobes."""


def taps(line: Resampling, method: str, antialias: bool, a: float) -> Taps:
    """Lay the kernel over each new pixel.

    >>> taps(Resampling(2, 4, 2.0), "bilinear", antialias=False, a=-0.5).weights.tolist()
    [[0.25, 0.75], [0.75, 0.25], [0.25, 0.75], [0.75, 0.25]]
    """
    positions = line.positions()
    if method == "nearest":
        nearest = np.floor(positions + 0.5).astype(np.intp)[:, np.newaxis]
        distances = nearest - positions[:, np.newaxis]
        return Taps(positions, nearest, distances, np.ones_like(distances), "copy", {})
    stretch = max(1.0, line.spacing) if antialias else 1.0
    reach = SUPPORT[method] * stretch
    first = np.floor(positions - reach).astype(np.intp) + 1
    indices = first[:, np.newaxis] + np.arange(math.ceil(2 * reach))
    distances = (indices - positions[:, np.newaxis]) / stretch
    if method == "bicubic":
        return Taps(positions, indices, distances, normalized(cubic(distances, a)), "cubic-weights", {"a": a})
    if method == "lanczos":
        weights = normalized(lanczos(distances))
        return Taps(positions, indices, distances, weights, "lanczos-weights", {"lobes": LOBES})
    return Taps(positions, indices, distances, normalized(linear(distances)), "linear-weights", {})


def weighted_rows(planes: Array, made_of: Taps) -> Array:
    """Make each new row of planes (..., H, W) of old rows: (..., out, W).

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
    """Make each new column of planes (..., H, W·channels) of old columns: (..., H, out·channels).

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
        matrix = np.kron(matrix, np.eye(channels, dtype=planes.dtype))  # each channel by itself
        old = planes[..., low * channels : low * channels + matrix.shape[1]]
        np.matmul(old, matrix.T, out=out[..., start * channels : stop * channels])
    return out


def weighted(planes: Array, rows: Taps, columns: Taps, channels: int = 1) -> Array:
    """Both sums, first the one that leaves fewer numbers to the other; but for rounding the order is all the same."""
    if len(rows.positions) > planes.shape[-2]:
        return weighted_rows(weighted_columns(planes, columns, channels), rows)
    return weighted_columns(weighted_rows(planes, rows), columns, channels)


def _dense(indices: Integers, weights: Array, dtype: np.dtype[Any]) -> tuple[int, Array]:
    """The weights of some outputs as a matrix (outputs, old pixels from `low` on); border pixels add up."""
    low = int(indices.min())
    matrix = np.zeros((len(indices), int(indices.max()) - low + 1))
    np.add.at(matrix, (np.arange(len(indices))[:, np.newaxis], indices - low), weights)
    return low, matrix.astype(dtype)
