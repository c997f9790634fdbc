"""Non-local means: average of pixels with similar patches."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.filters import Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.parameters import Bounds, checked
from repix.registry import library


@checked
def nl_means(
    picture: Array,
    sigma: NoiseLevel = None,
    patch: Annotated[int, "side of the square patches, in pixels", Bounds(1, 99, odd=True)] = 5,
    distance: Annotated[int, "largest distance of patches to search, in pixels", Bounds(1, 100)] = 8,
    strength: Annotated[
        float, "filter strength (tolerated patch difference, in noise levels)", Bounds(0.01, 100)
    ] = 0.6,
) -> Array:
    """Average the pixels within `distance`, weighted by the similarity of their patches.

    The weight is exp(-max(d² - 2 sigma², 0) / (strength sigma)²), with d² the mean squared difference of the patches.
    The border is padded by mirroring without the edge pixel: c b | a b c.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: noise level in 8-bit gray levels; estimated if None.
        patch: side of the square patches, in pixels.
        distance: largest distance of patches to search, in pixels.
        strength: tolerated patch difference, in noise levels.

    Returns:
        The denoised picture.

    >>> import numpy as np
    >>> nl_means(np.tile([[0.1, 0.9], [0.9, 0.1]], (8, 8)), sigma=25)[0, :2].round(3).tolist()
    [0.1, 0.9]
    """
    picture = contiguous(picture)
    noise = noise_level(picture, sigma)
    if noise == 0:
        return picture.copy()
    filtered: Array = library("skimage.restoration").denoise_nl_means(
        picture, patch, distance, h=strength * noise, sigma=noise, channel_axis=-1 if picture.ndim == 3 else None
    )
    return filtered.reshape(picture.shape)  # scikit-image drops axes of length 1


FILTER = Filter(nl_means, denoises=True, shifts=True, stays_within=True)
