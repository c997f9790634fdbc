"""Beltrami flow in patch space: the way between two pixels also counts how unlike the patches around them are."""

import math
from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import WINDOW, Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.members import library
from repix.parameters import Bounds, checked

LEFT = (1.0, 0.2)
"""How much of the noise is left before each of the two steps; tuned on photos at sigma 10, 25 and 50."""


@checked
def beltrami_patch(
    picture: Array,
    sigma: NoiseLevel = None,
    beta: Annotated[
        float, "pixels that a noise level between patches lengthens the way; 0: none", Bounds(0, 1000)
    ] = 2.9,
    patch: Annotated[int, "side of the square patches, in pixels", WINDOW] = 5,
    time: Annotated[float, "how long each step flows; pixels up to 3·√time take part", Bounds(0.01, 100)] = 2.0,
) -> Array:
    """Flow on the surface that the picture's patches make, two steps of its short-time kernel (Wetzler and Kimmel).

    A step averages the pixels around each one with weights exp(-way² / 4 time). The way² between two pixels is
    their distance² + (`beta`/sigma)² · max(d² - 2 sigma², 0), d² the mean squared difference of their patches, over
    all colours: what noise alone makes of equal patches counts nothing. The second step flows on the first one's
    result, of which noise a fifth as strong is left.

    >>> import numpy as np
    >>> noisy = np.random.default_rng(0).normal(0.5, 25 / 255, (64, 64))
    >>> round(255 * float(beltrami_patch(noisy, sigma=25).std()))
    3
    """
    picture = contiguous(picture)
    noise = noise_level(picture, sigma)
    if noise == 0:
        return picture.copy()
    flowing = picture if picture.ndim == 3 else picture[:, :, np.newaxis]
    for left in LEFT:
        flowing = _step(flowing, left * noise, beta, patch, time)
    return flowing.reshape(picture.shape)


def _step(picture: Array, noise: float, beta: float, patch: int, time: float) -> Array:
    """The weighted mean of the neighbours; pairs of pixels have one weight, so each is reckoned once."""
    reach = max(1, round(3 * math.sqrt(time)))
    padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="symmetric")
    total = np.zeros_like(padded)
    weights = np.zeros_like(padded[:, :, :1])
    for down, right in _half_disc(reach):
        here, there = _pair(padded, down, right)
        unlike = np.square(here - there).mean(axis=2)
        unlike = library("cv2").blur(unlike, (patch, patch), borderType=library("cv2").BORDER_REFLECT)
        way = down**2 + right**2 + (beta / noise) ** 2 * np.maximum(unlike - 2 * noise**2, 0)
        weight = np.exp(way / (-4 * time))[:, :, np.newaxis]
        for values, sums in ((there, _pair(total, down, right)[0]), (here, _pair(total, down, right)[1])):
            sums += weight * values
        for sums in _pair(weights, down, right):
            sums += weight
    inside = (slice(reach, -reach), slice(reach, -reach))
    averaged: Array = (picture + total[inside]) / (1 + weights[inside])
    return averaged


def _half_disc(reach: int) -> list[tuple[int, int]]:
    """One of every two opposite ways to the pixels no farther away than `reach`, as rows down and columns right.

    >>> _half_disc(1)
    [(0, 1), (1, -1), (1, 0), (1, 1)]
    """
    steps = [(down, right) for down in range(reach + 1) for right in range(-reach, reach + 1)]
    return [(y, x) for y, x in steps if 0 < y * y + x * x <= reach * (reach + 1) and (y > 0 or x > 0)]


def _pair(padded: Array, down: int, right: int) -> tuple[Array, Array]:
    """All pixels that have a partner so far away, and their partners."""
    height, width = padded.shape[:2]
    left, rest = max(0, -right), min(width, width - right)
    return padded[: height - down, left:rest], padded[down:, left + right : rest + right]


FILTER = Filter(beltrami_patch, denoises=True, shifts=True, stays_within=True)
