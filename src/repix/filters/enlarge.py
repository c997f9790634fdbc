"""Enlarging by interpolation: nearest, bilinear, bicubic or Lanczos."""

from typing import Annotated, Literal

from repix.arithmetic.arrays import Array
from repix.arithmetic.resizing import resize_picture
from repix.filters import Filter
from repix.filters._layout import laid_out
from repix.parameters import Bounds, checked


@checked
def enlarge(
    picture: Array,
    scale: Annotated[float, "how many times as high and wide", Bounds(1, 32)] = 2.0,
    method: Annotated[Literal["nearest", "bilinear", "bicubic", "lanczos"], "how to interpolate"] = "bicubic",
) -> Array:
    """Resize as `repix.arithmetic.resize` does: pixels are areas, borders replicated, bicubic with a = -0.5.

    >>> import numpy as np
    >>> enlarge(np.array([[1.0, 5.0], [4.0, 8.0]]), scale=2, method="bilinear")[0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """
    picture = laid_out(picture)
    return resize_picture(picture, scale=scale, method=method)


FILTER = Filter(enlarge, scales=True, linear=True)
