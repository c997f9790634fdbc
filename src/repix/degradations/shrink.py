"""Bicubic downsampling as in MATLAB."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture, shrink_matlab
from repix.degradations import Degradation
from repix.parameters import Bounds, checked
from repix.pictures.picture import from_unit


@checked
def shrink(
    picture: Array,
    scale: Annotated[int, "downsampling factor", Bounds(1, 1000)] = 2,
    eight_bit: bool = False,
) -> Array:
    """Downsample by an integer factor as MATLAB's imresize does: bicubic, antialiased, with replicated borders.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        scale: downsampling factor; heights and widths are divided and rounded up.
        eight_bit: the floats are exact 8-bit levels. The result is then rounded to 8 bits after the rows and again
            after the columns, which gives the same bytes as MATLAB for 8-bit pictures.

    Returns:
        The smaller picture.

    >>> import numpy as np
    >>> shrink(np.full((4, 5), 0.5), scale=2).shape
    (2, 3)
    """
    if eight_bit:
        return shrink_matlab(from_unit(picture, "8"), scale).astype(picture.dtype) / picture.dtype.type(255)
    return resize_picture(picture, scale=1 / scale, method="bicubic", antialias=True)


DEGRADATION = Degradation(shrink, scales=True, bounded=False)
