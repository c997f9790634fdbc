"""Shrink: fewer pixels, by MATLAB's bicubic."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.resizing import resize_picture, shrink_matlab
from repix.degradations import Degradation
from repix.parameters import Bounds, checked
from repix.pictures.picture import from_unit


@checked
def shrink(
    picture: Array,
    scale: Annotated[int, "how many times smaller", Bounds(1, 1000)] = 2,
    eight_bit: bool = False,
) -> Array:
    """Shrink by a whole number as MATLAB's imresize does: bicubic, antialiased, borders replicated.

    A height or width that is no multiple of the scale is divided and rounded up. Pixels of 8 bits are rounded to levels
    of 255 after the rows and again after the columns, which makes 8-bit files equal to MATLAB's; `eight_bit=True` says
    that a picture's floats are such levels.

    >>> import numpy as np
    >>> shrink(np.full((4, 5), 0.5), scale=2).shape
    (2, 3)
    """
    if eight_bit:
        return shrink_matlab(from_unit(picture, "8"), scale).astype(picture.dtype) / picture.dtype.type(255)
    return resize_picture(picture, scale=1 / scale, method="bicubic", antialias=True)


DEGRADATION = Degradation(shrink, scales=True, bounded=False)
