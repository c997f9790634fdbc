"""Check a picture's channels and memory layout before it is passed to a library."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongShape


def contiguous(picture: Array) -> Array:
    """Return the picture as a C-contiguous array.

    Raises:
        WrongShape: the picture is neither gray nor RGB.

    >>> contiguous(np.zeros((5, 5, 4)))
    Traceback (most recent call last):
    repix.errors.WrongShape: picture has 4 channels; filters take 1 (gray) or 3 (RGB), without alpha.
    """
    if picture.ndim == 3 and picture.shape[2] not in (1, 3):
        raise WrongShape(f"picture has {picture.shape[2]} channels; filters take 1 (gray) or 3 (RGB), without alpha.")
    return np.ascontiguousarray(picture)
