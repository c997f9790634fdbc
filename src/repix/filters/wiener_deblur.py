"""Wiener deconvolution: takes a known blur back, frequency by frequency, as far as the noise allows."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import Filter, NoiseLevel
from repix.filters._checks import checked
from repix.filters._known_blur import WORDS, kernel_of
from repix.filters._noise import noise_level

ROUNDING = 12**-0.5 / 255
"""The noise that rounding to 8 bits makes; less is never assumed."""
FALL = 2.4
"""A photo's power falls with this power of the frequency; chosen on photos."""


def wiener_deblur(picture: Array, blur: Annotated[str, WORDS] = "gaussian 1.6", sigma: NoiseLevel = None) -> Array:
    """Multiply each frequency by H* / (|H|² + noise² / S): H the blur's response, S the power of a sharp photo there.

    S falls with the frequency as in photos, and is as strong as the picture's own variance tells. So that its borders
    do not ring, the picture is continued by its mirror images, which have no jump anywhere.

    >>> import numpy as np
    >>> edge = np.array([[0.0, 0.0, 0.0, 0.1, 0.3, 0.7, 0.9, 1.0, 1.0, 1.0]] * 10)
    >>> wiener_deblur(edge, blur="gaussian 1", sigma=0)[5].round(1).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.1, 0.9, 1.0, 1.0, 1.0, 1.0]
    """
    picture = checked(picture)
    kernel = kernel_of(blur)
    noise = max(noise_level(picture, sigma), ROUNDING)
    height, width = picture.shape[:2]
    mean = picture.mean(axis=(0, 1))
    mirrored = np.pad(picture - mean, ((0, height), (0, width)) + ((0, 0),) * (picture.ndim - 2), mode="symmetric")
    seen = np.fft.rfft2(mirrored, axes=(0, 1))
    response, fall = _response(kernel, mirrored.shape[:2]), _fall(mirrored.shape[:2])
    by_channel = (*response.shape, *(1,) * (picture.ndim - 2))
    power = np.square(mirrored).mean(axis=(0, 1)) / (fall * np.abs(response) ** 2).mean()
    weakest = np.finfo(np.float64).tiny
    gain = np.conj(response).reshape(by_channel) / (
        np.square(np.abs(response)).reshape(by_channel)
        + noise**2 / np.maximum(power * fall.reshape(by_channel), weakest)
    )
    sharp = np.fft.irfft2(seen * gain, mirrored.shape[:2], axes=(0, 1))[:height, :width]
    return (sharp + mean).astype(picture.dtype)


def _response(kernel: Array, shape: tuple[int, ...]) -> Array:
    """What the blur does to each frequency; a kernel larger than the mirrored picture wraps round it."""
    rows, columns = (np.arange(n) - n // 2 for n in kernel.shape)
    centred = np.zeros(shape)
    np.add.at(centred, (rows[:, np.newaxis] % shape[0], columns % shape[1]), kernel)
    response: Array = np.fft.rfft2(centred)
    return response


def _fall(shape: tuple[int, ...]) -> Array:
    """How the power of a sharp photo falls with the frequency; level below one wave a picture."""
    rows, columns = np.fft.fftfreq(shape[0])[:, np.newaxis], np.fft.rfftfreq(shape[1])
    fall: Array = np.maximum(np.hypot(rows, columns), 1 / max(shape)) ** -FALL
    return fall


FILTER = Filter(wiener_deblur)
