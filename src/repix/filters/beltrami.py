"""Beltrami flow: edge-preserving diffusion along the picture's surface."""

import math
from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.parameters import Bounds, checked

STEP = 0.2
"""Diffusion time of one step; up to 1/4, the explicit scheme is stable and cannot overshoot."""


@checked
def beltrami(
    picture: Array,
    sigma: NoiseLevel = None,
    beta: Annotated[float, "edge preservation; 0 is linear diffusion (Gaussian blur)", Bounds(0, 40)] = 2.0,
    time: Annotated[float | None, "diffusion time; default: chosen from the noise level", Bounds(0, 1000)] = None,
) -> Array:
    """Denoise by the flow u' = div(√g g⁻¹ ∇u) / √g on the surface (x, y, B u), with B = `beta` · 255/`sigma`.

    g is the surface's metric. A slope of sigma/255 per pixel lengthens the surface by sqrt(1 + beta²). All colors
    share one surface, and so their edges. The border has no flux, and each channel stays in its range of values. With
    `beta` 0, diffusion for a time t is a Gaussian blur with a standard deviation of sqrt(2 t) pixels.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: noise level in 8-bit gray levels; estimated if None.
        beta: edge preservation.
        time: diffusion time; chosen from the noise level if None.

    Returns:
        The denoised picture.

    >>> import numpy as np
    >>> beltrami(np.array([[0.0, 0.1, 0.0, 0.9, 1.0, 0.9]] * 6), sigma=10)[0].round(2).tolist()
    [0.02, 0.02, 0.0, 0.9, 0.92, 0.92]
    """
    picture = contiguous(picture)
    noise = noise_level(picture, sigma)
    lasting = 0.55 * (1 + beta**2) if time is None else time  # fitted at sigma 10, 25 and 50 on photos
    if noise == 0 or lasting == 0:
        return picture.copy()
    steps = math.ceil(lasting / STEP)
    flowing = picture if picture.ndim == 3 else picture[:, :, np.newaxis]
    for _ in range(steps):
        flowing = flowing + lasting / steps * _laplace_beltrami(flowing, beta / noise)
    within = flowing if picture.ndim == 2 else np.clip(flowing, picture.min(axis=(0, 1)), picture.max(axis=(0, 1)))
    return within.reshape(picture.shape)


def _laplace_beltrami(picture: Array, stretch: float) -> Array:
    """Return the rate of change of each pixel, H×W×C: the net flux divided by the surface's area element."""
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="symmetric")
    along_x = _flux(padded, stretch)
    along_y = _flux(padded.swapaxes(0, 1), stretch).swapaxes(0, 1)
    inflow = np.diff(along_x, axis=1) + np.diff(along_y, axis=0)
    across, down = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2, (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    changed: Array = inflow / np.sqrt(_metric(across, down, stretch)[3])
    return changed


def _flux(padded: Array, stretch: float) -> Array:
    """Return the flux between columns, borders included: the x component of √g g⁻¹ ∇u, H×(W+1)×C."""
    across = np.diff(padded[1:-1], axis=1)
    slopes = (padded[2:] - padded[:-2]) / 2
    down = (slopes[:, 1:] + slopes[:, :-1]) / 2
    _, g12, g22, g = _metric(across, down, stretch)
    flux: Array = (g22 * across - g12 * down) / np.sqrt(g)
    return flux


def _metric(across: Array, down: Array, stretch: float) -> tuple[Array, Array, Array, Array]:
    """Return g11, g12, g22 of the surface's metric and their determinant g, H×W×1 each."""
    scale = stretch**2 / across.shape[2]
    g11 = 1 + scale * np.square(across).sum(axis=2, keepdims=True)
    g12 = scale * (across * down).sum(axis=2, keepdims=True)
    g22 = 1 + scale * np.square(down).sum(axis=2, keepdims=True)
    return g11, g12, g22, g11 * g22 - g12**2


FILTER = Filter(beltrami, denoises=True, shifts=True, stays_within=True)
