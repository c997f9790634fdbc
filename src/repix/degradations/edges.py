"""Edges: Canny lines, or a pencil drawing."""

from typing import Annotated, Literal

from repix.arithmetic import edges as drawing
from repix.arithmetic.arrays import Array
from repix.arithmetic.color import luma
from repix.degradations import Degradation
from repix.parameters import Bounds, checked

WEAKEST = 0.4
"""Canny's low threshold relative to its high threshold."""


@checked
def edges(
    picture: Array,
    style: Annotated[Literal["canny", "pencil"], "thin white lines on black, or dark strokes on white"] = "canny",
    sigma: Annotated[float, "Gaussian blur before edge detection, in pixels", Bounds(above=0, high=50)] = 1.4,
    contrast: Annotated[float, "edge threshold, in gray levels (8-bit)", Bounds(0.01, 255)] = 8.0,
) -> Array:
    """Return the edges of a picture's luma; colors H×W×3 become gray H×W×1.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        style: "canny" gives thin white lines on black, "pencil" dark strokes on white.
        sigma: standard deviation of the Gaussian blur before edge detection, in pixels.
        contrast: edge threshold, in gray levels (8-bit).

    Returns:
        The edges, in [0, 1].

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


DEGRADATION = Degradation(edges, gray=True)
