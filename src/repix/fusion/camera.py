"""The camera: how a fine picture becomes one coarse shot, and the adjoint, how a shot is laid back on the fine grid.

A pixel of a shot is the light that falls on its square, after the lens has blurred it. Because a shot differs from the
others by a translation only, rows and columns separate, and every pixel of a shot reads the fine grid with the same
few weights: a shot is a strided convolution, its adjoint a strided transposed one.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.kernels import cubic, normalised

STEPS = 64
"""Steps per fine pixel in which the weights are integrated."""


@dataclass(frozen=True)
class Canvas:
    """The fine grid under all shots: the first shot's frame enlarged, and a margin that holds what the others see."""

    shape: tuple[int, int]
    """Height and width of a shot."""
    scale: int
    margin: int
    """In fine pixels, on each of the four sides."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the fine grid, its margin included."""
        height, width = (self.scale * n + 2 * self.margin for n in self.shape)
        return height, width

    def crop(self, fine: Array) -> Array:
        """The first shot's frame."""
        height, width = self.size
        return fine[self.margin : height - self.margin, self.margin : width - self.margin]


@dataclass(frozen=True)
class Camera:
    """One shot's camera: `shoot` goes from the fine grid to the shot, `lay` is its adjoint."""

    canvas: Canvas
    shift: tuple[float, float]
    """Down and to the right, in pixels of the shot: where the shot's frame lies in the first shot's frame."""
    blur: float = 0.0
    """Standard deviation of the lens's blur, in pixels of the shot."""

    @cached_property
    def _taps(self) -> tuple[tuple[int, Array], ...]:
        """For rows and for columns: where on the fine grid the first pixel begins to read, and its weights."""
        scale, margin = self.canvas.scale, self.canvas.margin
        return tuple(taps((0.5 + shift) * scale - 0.5 + margin, scale, self.blur * scale) for shift in self.shift)

    def shoot(self, fine: Array) -> Array:
        """The shot that this camera takes of a fine picture."""
        for axis in (0, 1):
            fine = _read(fine, axis, *self._taps[axis], self.canvas)
        return fine

    def lay(self, shot: Array) -> Array:
        """Each pixel of the shot laid on the fine pixels that it saw, with the weights with which it saw them."""
        for axis in (1, 0):
            shot = _write(shot, axis, *self._taps[axis], self.canvas)
        return shot


def taps(centre: float, scale: int, blur: float) -> tuple[int, Array]:
    """The first fine pixel that a coarse pixel centred there reads, and the weights of it and the following ones.

    Between fine pixels the picture is interpolated by Keys's cubic (a = -1/2); the weights are that interpolation,
    blurred by the lens and averaged over the coarse pixel.

    >>> first, weights = taps(10.5, 2, 0.0)
    >>> first, weights.round(3).tolist()
    (8, [-0.007, 0.04, 0.466, 0.466, 0.04, -0.007])
    """
    reach = scale / 2 + 2 + 4 * blur
    first = int(np.ceil(centre - reach))
    positions = np.arange(first, int(np.floor(centre + reach)) + 1)
    u = (np.arange(-int(reach * STEPS), int(reach * STEPS) + 1)) / STEPS
    seen = np.clip((scale / 2 - np.abs(u)) * STEPS + 0.5, 0, 1)  # the coarse pixel's square, soft within one step
    if blur > 1 / STEPS:
        lens = np.exp(-(u**2) / (2 * blur**2))
        seen = np.convolve(seen, lens, mode="same")
    weights = cubic(positions[:, np.newaxis] - centre - u) @ seen
    return first, normalised(weights)


def _slices(axis: int, first: int, count: int, scale: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(first, first + scale * count, scale),)


def _read(fine: Array, axis: int, first: int, weights: Array, canvas: Canvas) -> Array:
    """A strided convolution along one axis: every coarse pixel is a weighted sum of fine ones."""
    count, scale = canvas.shape[axis], canvas.scale
    coarse = float(weights[0]) * fine[_slices(axis, first, count, scale)]
    for i, w in enumerate(weights[1:].tolist(), start=1):
        coarse += w * fine[_slices(axis, first + i, count, scale)]
    return coarse


def _write(coarse: Array, axis: int, first: int, weights: Array, canvas: Canvas) -> Array:
    """The adjoint of `_read`: every coarse pixel is added to the fine ones that it read."""
    count, scale = canvas.shape[axis], canvas.scale
    shape = list(coarse.shape)
    shape[axis] = canvas.size[axis]
    fine = np.zeros(shape, coarse.dtype)
    for i, w in enumerate(weights.tolist()):
        fine[_slices(axis, first + i, count, scale)] += w * coarse
    return fine
