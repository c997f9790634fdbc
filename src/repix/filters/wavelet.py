"""Wavelet denoising: threshold small wavelet coefficients."""

from itertools import product
from typing import Annotated, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.filters import Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.filters._opponent import from_opponent, to_opponent
from repix.parameters import Bounds, checked
from repix.registry import closest, library

Rule = Literal["bayes", "visu"]
Mode = Literal["soft", "hard"]

LEVELS = 5
"""Largest number of decomposition levels."""
ORTHOGONAL = ("haar", "db", "sym", "coif")
"""Orthogonal wavelet families with exact reconstruction (dmey is only approximate)."""


@checked
def wavelet(
    picture: Array,
    sigma: NoiseLevel = None,
    rule: Annotated[Rule, "threshold selection: bayes (BayesShrink, per band) or visu (VisuShrink, global)"] = "bayes",
    mode: Annotated[Mode, "soft or hard thresholding"] = "soft",
    basis: Annotated[str, "PyWavelets name of an orthogonal wavelet, such as haar, db2 or sym4"] = "sym4",
    shifts: Annotated[int, "cycle spinning: shifts along each axis to average; 1: fastest", Bounds(1, 16)] = 4,
) -> Array:
    """Denoise by thresholding wavelet coefficients.

    Color pictures are filtered in an opponent color space. Averaging over shifts (cycle spinning) reduces ringing at
    edges.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: noise level in 8-bit gray levels; estimated if None.
        rule: threshold selection.
        mode: soft or hard thresholding.
        basis: PyWavelets name of an orthogonal wavelet.
        shifts: number of shifts along each axis.

    Returns:
        The denoised picture.

    Raises:
        WrongUse: the wavelet is unknown or not orthogonal.

    >>> noisy = np.random.default_rng(0).normal(0.5, 0.1, (64, 64))
    >>> round(float(wavelet(noisy, rule="visu").std()), 2)
    0.02
    """
    picture = contiguous(picture)
    _require_orthogonal(basis)
    noise = noise_level(picture, sigma)
    if noise == 0:
        return picture.copy()
    height, width = picture.shape[:2]
    margins = ((shifts - 1, 0), (shifts - 1, 0), (0, 0))[: picture.ndim]
    framed = np.pad(to_opponent(picture), margins, mode="symmetric")
    total = np.zeros_like(picture)
    for down, right in product(range(shifts), repeat=2):
        top, left = shifts - 1 - down, shifts - 1 - right
        total += _thresholded(framed[down:, right:], noise, rule, mode, basis)[top : top + height, left : left + width]
    return from_opponent(total / picture.dtype.type(shifts**2))


def _thresholded(plane: Array, noise: float, rule: Rule, mode: Mode, basis: str) -> Array:
    """Return a plane after decomposition, thresholding and reconstruction."""
    pywt = library("pywt")
    visu = noise * np.sqrt(2 * np.log(plane.shape[0] * plane.shape[1]))
    bands = []
    for _ in range(_levels(plane, basis)):
        plane, details = pywt.dwt2(plane, basis, mode="symmetric", axes=(0, 1))
        limits = [_bayes(band, noise) if rule == "bayes" else visu for band in details]
        bands.append([_shrunk(band, limit, mode) for band, limit in zip(details, limits, strict=True)])
    for details in reversed(bands):
        height, width = details[0].shape[:2]  # an odd size comes back one larger
        plane = pywt.idwt2((plane[:height, :width], details), basis, mode="symmetric", axes=(0, 1))
    return plane


def _levels(plane: Array, basis: str) -> int:
    """Return the number of decomposition levels: one less than the maximum for the size, from 1 to 5."""
    pywt = library("pywt")
    fits: int = pywt.dwt_max_level(max(plane.shape[:2]), basis)
    return max(1, min(fits - 1, LEVELS))


def _bayes(band: Array, noise: float) -> Array:
    """Return BayesShrink's threshold for each channel of a band: noise variance / standard deviation of the signal."""
    signal: Array = np.sqrt(np.maximum(np.mean(np.square(band), axis=(0, 1)) - noise**2, 0))
    limit: Array = np.full_like(signal, np.inf)
    return np.divide(noise**2, signal, out=limit, where=signal > 0)


def _shrunk(band: Array, limit: Array, mode: Mode) -> Array:
    if mode == "hard":
        return np.where(np.abs(band) > limit, band, 0)
    return band - np.clip(band, -limit, limit)


def _require_orthogonal(basis: str) -> None:
    """Check that PyWavelets knows the wavelet and that it is orthogonal."""
    pywt = library("pywt")
    known = tuple(name for family in ORTHOGONAL for name in pywt.wavelist(family))
    if basis not in known:
        raise WrongUse(f"There is no orthogonal wavelet '{basis}'; {closest(basis, known)}")


FILTER = Filter(wavelet, denoises=True)
