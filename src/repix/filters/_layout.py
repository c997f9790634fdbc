"""How a picture must lie in memory before a library gets it."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongShape


def contiguous(picture: Array) -> Array:
    """The picture without gaps in memory, if it has the channels of a grey or an RGB picture.

    >>> contiguous(np.zeros((5, 5, 4)))
    Traceback (most recent call last):
    repix.errors.WrongShape: picture has 4 channels; filters take 1 (grey) or 3 (RGB), without alpha.
    """
    if picture.ndim == 3 and picture.shape[2] not in (1, 3):
        raise WrongShape(f"picture has {picture.shape[2]} channels; filters take 1 (grey) or 3 (RGB), without alpha.")
    return np.ascontiguousarray(picture)
