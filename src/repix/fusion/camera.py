"""The camera model: the linear map from a high-resolution picture to a low-resolution shot, and its adjoint.

A shot's pixel is the lens-blurred light integrated over the pixel's square. Shots differ only by translation, so the
map is separable and uses the same weights for every pixel: a strided convolution, whose adjoint is a strided transposed
convolution.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.kernels import cubic, normalized

STEPS = 64
"""Integration steps per fine pixel."""


@dataclass(frozen=True)
class Canvas:
    """The high-resolution grid: the first shot's frame, upsampled, and a margin for the other shots."""

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
        """Return the part of the grid inside the first shot's frame."""
        height, width = self.size
        return fine[self.margin : height - self.margin, self.margin : width - self.margin]


@dataclass(frozen=True)
class Camera:
    """The camera model of one shot: `project` maps the fine grid to the shot, `back_project` is its adjoint."""

    canvas: Canvas
    shift: tuple[float, float]
    """Position of the shot in the first shot's frame, down and right, in pixels of the shot."""
    blur: float = 0.0
    """Standard deviation of the lens blur, in pixels of the shot."""

    @cached_property
    def _taps(self) -> tuple[tuple[int, Array], ...]:
        """For rows and columns: the first fine pixel of the shot's first pixel, and the weights."""
        scale, margin = self.canvas.scale, self.canvas.margin
        return tuple(taps((0.5 + shift) * scale - 0.5 + margin, scale, self.blur * scale) for shift in self.shift)

    def project(self, fine: Array) -> Array:
        """Return the shot that this camera takes of a high-resolution picture."""
        for axis in (0, 1):
            fine = _read(fine, axis, *self._taps[axis], self.canvas)
        return fine

    def back_project(self, shot: Array) -> Array:
        """Return the adjoint of `project`, applied to a shot."""
        for axis in (1, 0):
            shot = _write(shot, axis, *self._taps[axis], self.canvas)
        return shot


def taps(center: float, scale: int, blur: float) -> tuple[int, Array]:
    """Return the index of the first fine pixel under a coarse pixel, and the weights of it and the following ones.

    The weights are Keys's cubic interpolation (a = -1/2), convolved with the lens blur and averaged over the coarse
    pixel.

    Args:
        center: position of the coarse pixel's center on the fine grid.
        scale: fine pixels per coarse pixel.
        blur: standard deviation of the lens blur, in fine pixels.

    >>> first, weights = taps(10.5, 2, 0.0)
    >>> first, weights.round(3).tolist()
    (8, [-0.007, 0.04, 0.466, 0.466, 0.04, -0.007])
    """
    radius = scale / 2 + 2 + 4 * blur
    first = int(np.ceil(center - radius))
    positions = np.arange(first, int(np.floor(center + radius)) + 1)
    u = (np.arange(-int(radius * STEPS), int(radius * STEPS) + 1)) / STEPS
    aperture = np.clip((scale / 2 - np.abs(u)) * STEPS + 0.5, 0, 1)  # the coarse pixel's square, antialiased
    if blur > 1 / STEPS:
        lens = np.exp(-(u**2) / (2 * blur**2))
        aperture = np.convolve(aperture, lens, mode="same")
    weights = cubic(positions[:, np.newaxis] - center - u) @ aperture
    return first, normalized(weights)


def _slices(axis: int, first: int, count: int, scale: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(first, first + scale * count, scale),)


def _read(fine: Array, axis: int, first: int, weights: Array, canvas: Canvas) -> Array:
    """Apply a strided convolution along one axis."""
    count, scale = canvas.shape[axis], canvas.scale
    coarse = float(weights[0]) * fine[_slices(axis, first, count, scale)]
    for i, w in enumerate(weights[1:].tolist(), start=1):
        coarse += w * fine[_slices(axis, first + i, count, scale)]
    return coarse


def _write(coarse: Array, axis: int, first: int, weights: Array, canvas: Canvas) -> Array:
    """Apply the adjoint of `_read`, a strided transposed convolution."""
    count, scale = canvas.shape[axis], canvas.scale
    shape = list(coarse.shape)
    shape[axis] = canvas.size[axis]
    fine = np.zeros(shape, coarse.dtype)
    for i, w in enumerate(weights.tolist()):
        fine[_slices(axis, first + i, count, scale)] += w * coarse
    return fine
