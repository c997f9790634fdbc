"""Edges: outlines, as Canny's thin lines or drawn in pencil."""

from typing import Annotated, Literal

from repix.arithmetic import edges as drawing
from repix.arithmetic.arrays import Array
from repix.arithmetic.colour import luma
from repix.degradations import Degradation
from repix.parameters import Bounds, checked

WEAKEST = 0.4
"""A Canny line begins at the contrast asked for, and goes on down to this share of it."""


@checked
def edges(
    picture: Array,
    style: Annotated[Literal["canny", "pencil"], "thin white lines on black, or dark strokes on white"] = "canny",
    sigma: Annotated[float, "smoothing before, in pixels", Bounds(above=0, high=50)] = 1.4,
    contrast: Annotated[float, "how strong an edge must be, in levels of 255", Bounds(0.01, 255)] = 8.0,
) -> Array:
    """Draw the edges of a picture's lightness; colours H×W×3 become grey H×W×1.

    >>> import numpy as np
    >>> edges(np.zeros((4, 5, 3)), style="pencil").shape
    (4, 5, 1)
    """
    lightness = luma(picture)
    plane = lightness.reshape(lightness.shape[:2])
    if style == "canny":
        lines = drawing.canny(plane, sigma, WEAKEST * contrast, contrast).astype(picture.dtype)
    else:
        lines = drawing.pencil(plane, sigma, contrast)
    return lines.reshape(lightness.shape)


DEGRADATION = Degradation(edges, grey=True)
