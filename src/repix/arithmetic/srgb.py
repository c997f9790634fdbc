"""The curve of sRGB: from linear light to the values of a file, and back."""

import numpy as np

from repix.arithmetic.arrays import Array


def to_linear(values: Array) -> Array:
    """Return linear light of sRGB values in [0, 1] (IEC 61966-2-1).

    >>> to_linear(np.array([0.5])).round(4).tolist()
    [0.214]
    """
    curve = np.maximum(values, 0)
    curve += 0.055  # in place: temporary arrays cost as much time as the power
    curve /= 1.055
    curve **= 2.4
    return np.where(values <= 0.04045, values / 12.92, curve)


def to_srgb(light: Array) -> Array:
    """Return sRGB values of linear light in [0, 1].

    >>> to_srgb(np.array([0.214])).round(3).tolist()
    [0.5]
    """
    curve = np.maximum(light, 0)
    curve **= 1 / 2.4
    curve *= 1.055
    curve -= 0.055
    return np.where(light <= 0.0031308, light * 12.92, curve)
