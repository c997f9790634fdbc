"""Beltrami flow in patch space: diffusion with weights from the distance of pixels and of their patches."""

import math
from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import WINDOW, Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.parameters import Bounds, checked
from repix.registry import library

LEFT = (1.0, 0.2)
"""Noise level before each of the two steps, relative to the input's; tuned on photos at sigma 10, 25 and 50."""


@checked
def beltrami_patch(
    picture: Array,
    sigma: NoiseLevel = None,
    beta: Annotated[
        float, "weight of patch differences, in pixels per noise level; 0 is Gaussian blur", Bounds(0, 1000)
    ] = 2.9,
    patch: Annotated[int, "side of the square patches, in pixels", WINDOW] = 5,
    time: Annotated[float, "diffusion time of a step; the window's radius is 3·√time", Bounds(0.01, 100)] = 2.0,
) -> Array:
    """Denoise by two steps of the short-time kernel of the Beltrami flow in patch space (Wetzler and Kimmel).

    A step averages the pixels in a window with weights exp(-D² / 4 time). D² of two pixels is their squared distance
    plus (`beta`/sigma)² · max(d² - 2 sigma², 0), with d² the mean squared difference of their patches over all
    channels; 2 sigma² is what noise alone adds. The second step assumes a fifth of the noise level.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: noise level in 8-bit gray levels; estimated if None.
        beta: weight of patch differences.
        patch: side of the square patches, in pixels.
        time: diffusion time of a step.

    Returns:
        The denoised picture.

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
    """Return the weighted mean of the neighbors; the weight of a pair is symmetric and computed once."""
    radius = max(1, round(3 * math.sqrt(time)))
    padded = np.pad(picture, ((radius, radius), (radius, radius), (0, 0)), mode="symmetric")
    total = np.zeros_like(padded)
    weights = np.zeros_like(padded[:, :, :1])
    for down, right in _half_disc(radius):
        here, there = _pair(padded, down, right)
        difference = np.square(here - there).mean(axis=2)
        difference = library("cv2").blur(difference, (patch, patch), borderType=library("cv2").BORDER_REFLECT)
        distance = down**2 + right**2 + (beta / noise) ** 2 * np.maximum(difference - 2 * noise**2, 0)
        weight = np.exp(distance / (-4 * time))[:, :, np.newaxis]
        for values, sums in ((there, _pair(total, down, right)[0]), (here, _pair(total, down, right)[1])):
            sums += weight * values
        for sums in _pair(weights, down, right):
            sums += weight
    inside = (slice(radius, -radius), slice(radius, -radius))
    averaged: Array = (picture + total[inside]) / (1 + weights[inside])
    return averaged


def _half_disc(radius: int) -> list[tuple[int, int]]:
    """Return the offsets (down, right) inside a disc, one of every two opposite ones.

    >>> _half_disc(1)
    [(0, 1), (1, -1), (1, 0), (1, 1)]
    """
    steps = [(down, right) for down in range(radius + 1) for right in range(-radius, radius + 1)]
    return [(y, x) for y, x in steps if 0 < y * y + x * x <= radius * (radius + 1) and (y > 0 or x > 0)]


def _pair(padded: Array, down: int, right: int) -> tuple[Array, Array]:
    """Return views of all pixels that have a neighbor at this offset, and of these neighbors."""
    height, width = padded.shape[:2]
    left, rest = max(0, -right), min(width, width - right)
    return padded[: height - down, left:rest], padded[down:, left + right : rest + right]


FILTER = Filter(beltrami_patch, denoises=True, shifts=True, stays_within=True)
