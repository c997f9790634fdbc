"""Total variation: the picture with the least up and down that still resembles the noisy one."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.filters import Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.members import library
from repix.parameters import Bounds, checked

PRECISION = 2e-5
"""Iterating ends when a step gains less than this fraction of the energy; the library's 2e-4 stops visibly early ..."""
LONGEST = 500
"""... and after this many steps."""


@checked
def total_variation(
    picture: Array,
    sigma: NoiseLevel = None,
    strength: Annotated[
        float, "weight of the total variation, in noise levels; more: flatter", Bounds(0.01, 1000)
    ] = 0.7,
) -> Array:
    """Minimise |result - picture|² / 2 + `strength` `sigma` · (sum of the lengths of the result's gradients).

    This is the model of Rudin, Osher and Fatemi, solved by Chambolle's projection, channel by channel.

    >>> import numpy as np
    >>> total_variation(np.array([[0.0, 0.1, 0.9, 1.0]]), sigma=25).round(2).tolist()
    [[0.07, 0.1, 0.9, 0.93]]
    """
    picture = contiguous(picture)
    noise = noise_level(picture, sigma)
    if noise == 0:
        return picture.copy()
    filtered: Array = library("skimage.restoration").denoise_tv_chambolle(
        picture, strength * noise, PRECISION, LONGEST, channel_axis=-1 if picture.ndim == 3 else None
    )
    return filtered


FILTER = Filter(total_variation, denoises=True, stays_within=True)
