"""Wiener deconvolution of a known blur."""

from itertools import islice
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.linear_solver import conjugate_gradients
from repix.filters import Filter
from repix.filters._blur_spec import BLUR_HELP, parse_blur
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.parameters import Bounds, checked

ROUNDING = 12**-0.5 / 255
"""Standard deviation of rounding to 8 bits; lower bound of the noise level."""
DeblurNoise = Annotated[
    float | None,
    "noise level (standard deviation in 8-bit gray levels), at least that of rounding; default: estimated",
    Bounds(0, 255),
]
STEPS = 10
"""Iterations of conjugate gradients, which estimate the picture beyond the borders."""
Spectrum = NDArray[np.complex128]
FALL = 2.4
"""Exponent with which the power spectrum of photos decreases with frequency; tuned on photos."""


@checked
def wiener_deblur(picture: Array, blur: Annotated[str, BLUR_HELP] = "gaussian 1.6", sigma: DeblurNoise = None) -> Array:
    """Deconvolve a known blur with a Wiener filter for the power spectrum of natural images.

    Without borders, the filter multiplies each frequency by H* / (|H|² + noise² / S), with H the frequency response of
    the blur and S the expected power of a sharp photo. To avoid ringing at the borders, the pixels beyond them are
    estimated too, by conjugate gradients.

    Args:
        picture: floats in [0, 1], gray or RGB.
        blur: the blur kernel, such as "motion 15 30".
        sigma: noise level in 8-bit gray levels; estimated if None.

    Returns:
        The sharpened picture, not clipped.

    Raises:
        WrongUse: the blur is invalid.

    >>> import numpy as np
    >>> edge = np.array([[0.0, 0.0, 0.0, 0.1, 0.3, 0.7, 0.9, 1.0, 1.0, 1.0]] * 10)
    >>> wiener_deblur(edge, blur="gaussian 1", sigma=8)[5, 3:7].round(1).tolist()
    [-0.0, 0.2, 0.8, 1.0]
    """
    picture = contiguous(picture)
    kernel = parse_blur(blur)
    noise = max(noise_level(picture, sigma), ROUNDING)
    mean = picture.mean(axis=(0, 1))
    around = (*((side, side) for side in kernel.shape), *((0, 0),) * (picture.ndim - 2))
    inside = tuple(slice(before, before + n) for (before, _), n in zip(around, picture.shape, strict=True))
    observed = np.pad((picture - mean).astype(np.float64), around, mode="symmetric")
    response, noise_ratio = _response_and_noise_ratio(observed, kernel, noise)
    preconditioner = 1 / np.sqrt(np.abs(response) ** 2 + noise_ratio)  # all frequencies converge equally fast

    def normal_equations(scaled: Array) -> Array:
        spectrum = preconditioner * _spectrum(scaled)
        blurred = np.zeros_like(observed)
        blurred[inside] = _picture(response * spectrum, observed)[inside]
        return _picture(preconditioner * (np.conj(response) * _spectrum(blurred) + noise_ratio * spectrum), observed)

    known = np.zeros_like(observed)
    known[inside] = observed[inside]
    target = _picture(preconditioner * np.conj(response) * _spectrum(known), observed)
    start = _picture(preconditioner * np.conj(response) * _spectrum(observed), observed)
    scaled = next(islice(conjugate_gradients(normal_equations, target, start), STEPS, None))
    deblurred: Array = (_picture(preconditioner * _spectrum(scaled), observed)[inside] + mean).astype(picture.dtype)
    return deblurred


def _spectrum(picture: Array) -> Spectrum:
    return np.fft.rfft2(picture, axes=(0, 1))


def _picture(spectrum: Spectrum, like: Array) -> Array:
    picture: Array = np.fft.irfft2(spectrum, like.shape[:2], axes=(0, 1))
    return picture


def _response_and_noise_ratio(picture: Array, kernel: NDArray[np.float64], noise: float) -> tuple[Spectrum, Array]:
    """Return the blur's frequency response and noise² / S, H×(W/2+1), or H×(W/2+1)×1 and H×(W/2+1)×C."""
    grown = np.pad(kernel, [(0, n - side) for n, side in zip(picture.shape, kernel.shape, strict=False)])
    response = _spectrum(np.roll(grown, [-(side // 2) for side in kernel.shape], axis=(0, 1)))
    fall = _fall(picture.shape[:2])
    strength = np.square(picture).mean(axis=(0, 1)) / np.mean(fall * np.abs(response) ** 2)
    by_channel = (*response.shape, *(1,) * (picture.ndim - 2))
    power = np.maximum(strength * fall.reshape(by_channel), np.finfo(np.float64).tiny)
    return response.reshape(by_channel), noise**2 / power


def _fall(shape: tuple[int, ...]) -> Array:
    """Return the relative power of a sharp photo at each frequency; constant below one cycle per picture."""
    rows, columns = np.fft.fftfreq(shape[0])[:, np.newaxis], np.fft.rfftfreq(shape[1])
    fall: Array = np.maximum(np.hypot(rows, columns), 1 / max(shape)) ** -FALL
    return fall


FILTER = Filter(wiener_deblur)
