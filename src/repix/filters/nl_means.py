"""Non-local means: an average of the pixels around which the picture looks alike."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.filters import Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.members import library
from repix.parameters import Bounds, checked


@checked
def nl_means(
    picture: Array,
    sigma: NoiseLevel = None,
    patch: Annotated[int, "side of the square patches that are compared, in pixels", Bounds(1, 99, odd=True)] = 5,
    reach: Annotated[int, "how far away a similar patch is looked for, in pixels", Bounds(1, 100)] = 8,
    strength: Annotated[float, "how unlike two patches may be, in noise levels", Bounds(0.01, 100)] = 0.6,
) -> Array:
    """Average the pixels within `reach`, each weighted by how well the patch around it matches the pixel's own.

    The weight is exp(-max(d² - 2 sigma², 0) / (strength sigma)²), d² the patches' mean squared difference. Past the
    border the picture is mirrored without its edge pixels: c b | a b c.

    >>> import numpy as np
    >>> nl_means(np.tile([[0.1, 0.9], [0.9, 0.1]], (8, 8)), sigma=25)[0, :2].round(3).tolist()
    [0.1, 0.9]
    """
    picture = contiguous(picture)
    noise = noise_level(picture, sigma)
    if noise == 0:
        return picture.copy()
    filtered: Array = library("skimage.restoration").denoise_nl_means(
        picture, patch, reach, h=strength * noise, sigma=noise, channel_axis=-1 if picture.ndim == 3 else None
    )
    return filtered.reshape(picture.shape)  # it drops axes of length 1


FILTER = Filter(nl_means, denoises=True, shifts=True, stays_within=True)
