"""Tone curves: from linear light to the values of a file, and back."""

import numpy as np

from repix.arithmetic.arrays import Array

TABLE = np.linspace(0, 1, 4097)
"""Where the inverse of a tone curve is computed; linear between."""


def to_linear(values: Array) -> Array:
    """Return linear light of sRGB values in [0, 1] (IEC 61966-2-1).

    >>> to_linear(np.array([0.5])).round(4).tolist()
    [0.214]
    """
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)


def to_srgb(light: Array) -> Array:
    """Return sRGB values of linear light in [0, 1].

    >>> to_srgb(np.array([0.214])).round(3).tolist()
    [0.5]
    """
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)


def with_contrast(values: Array, contrast: float) -> Array:
    """Apply an S-shaped tone curve: a mixture of the values and 3v² − 2v³.

    >>> with_contrast(np.array([0.25, 0.5]), 1.0).round(3).tolist()
    [0.156, 0.5]
    """
    if contrast == 0:
        return values
    return values + contrast * (values * values * (3 - 2 * values) - values)


def without_contrast(values: Array, contrast: float) -> Array:
    """Invert `with_contrast` in [0, 1].

    >>> without_contrast(np.array([0.15625, 0.5]), 1.0).round(3).tolist()
    [0.25, 0.5]
    """
    if contrast == 0:
        return values
    inverse = np.interp(TABLE, with_contrast(TABLE, contrast), TABLE).astype(values.dtype)
    position = values * values.dtype.type(len(TABLE) - 1)
    below = np.minimum(position.astype(np.int32), len(TABLE) - 2)
    low = inverse[below]
    result: Array = low + (position - below.astype(values.dtype)) * (inverse[below + 1] - low)
    return result
