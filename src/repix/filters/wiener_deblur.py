"""Wiener deconvolution: takes a known blur back, frequency by frequency, as far as the noise allows."""

from itertools import islice
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.solving import conjugate_gradients
from repix.filters import Filter
from repix.filters._blur_spec import WORDS, parse_blur
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.parameters import Bounds, checked

ROUNDING = 12**-0.5 / 255
"""The noise that rounding to 8 bits makes; less is never assumed."""
DeblurNoise = Annotated[
    float | None,
    "standard deviation of the noise, in levels of 255, at least that of rounding; left out: estimated",
    Bounds(0, 255),
]
STEPS = 10
"""Steps that find what lies beyond the borders."""
Spectrum = NDArray[np.complex128]
FALL = 2.4
"""A photo's power falls with this power of the frequency; chosen on photos."""


@checked
def wiener_deblur(picture: Array, blur: Annotated[str, WORDS] = "gaussian 1.6", sigma: DeblurNoise = None) -> Array:
    """Find the picture whose blur is the given one up to the noise, and that is else as likely as photos are.

    Of a picture without borders this multiplies each frequency by H* / (|H|² + noise² / S): H the blur's response, S
    the power of a sharp photo there, which falls with the frequency. A picture that ends is asked only where it is
    known, and what lies beyond its borders is found along with it, so that they do not ring (conjugate gradients).

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
    seen = np.pad((picture - mean).astype(np.float64), around, mode="symmetric")
    response, doubt = _response_and_doubt(seen, kernel, noise)
    ease = 1 / np.sqrt(np.abs(response) ** 2 + doubt)  # in this measure all frequencies are solved at the same pace

    def explained(eased: Array) -> Array:
        spectrum = ease * _spectrum(eased)
        blurred = np.zeros_like(seen)
        blurred[inside] = _picture(response * spectrum, seen)[inside]
        return _picture(ease * (np.conj(response) * _spectrum(blurred) + doubt * spectrum), seen)

    known = np.zeros_like(seen)
    known[inside] = seen[inside]
    target = _picture(ease * np.conj(response) * _spectrum(known), seen)
    start = _picture(ease * np.conj(response) * _spectrum(seen), seen)
    eased = next(islice(conjugate_gradients(explained, target, start), STEPS, None))
    deblurred: Array = (_picture(ease * _spectrum(eased), seen)[inside] + mean).astype(picture.dtype)
    return deblurred


def _spectrum(picture: Array) -> Spectrum:
    return np.fft.rfft2(picture, axes=(0, 1))


def _picture(spectrum: Spectrum, like: Array) -> Array:
    picture: Array = np.fft.irfft2(spectrum, like.shape[:2], axes=(0, 1))
    return picture


def _response_and_doubt(picture: Array, kernel: NDArray[np.float64], noise: float) -> tuple[Spectrum, Array]:
    """What the blur does to each frequency, and noise² / S; H×(W/2+1), or that by 1 and by the channels."""
    grown = np.pad(kernel, [(0, n - side) for n, side in zip(picture.shape, kernel.shape, strict=False)])
    response = _spectrum(np.roll(grown, [-(side // 2) for side in kernel.shape], axis=(0, 1)))
    fall = _fall(picture.shape[:2])
    strength = np.square(picture).mean(axis=(0, 1)) / np.mean(fall * np.abs(response) ** 2)
    by_channel = (*response.shape, *(1,) * (picture.ndim - 2))
    power = np.maximum(strength * fall.reshape(by_channel), np.finfo(np.float64).tiny)
    return response.reshape(by_channel), noise**2 / power


def _fall(shape: tuple[int, ...]) -> Array:
    """How the power of a sharp photo falls with the frequency; level below one wave a picture."""
    rows, columns = np.fft.fftfreq(shape[0])[:, np.newaxis], np.fft.rfftfreq(shape[1])
    fall: Array = np.maximum(np.hypot(rows, columns), 1 / max(shape)) ** -FALL
    return fall


FILTER = Filter(wiener_deblur)
