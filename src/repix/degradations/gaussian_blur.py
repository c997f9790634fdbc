"""Gaussian blur: convolution with a Gaussian kernel."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import Border, blur, gaussian_kernel
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def gaussian_blur(
    picture: Array,
    sigma: Annotated[float, "standard deviation, in pixels", Bounds(above=0, high=200)] = 1.6,
    border: Annotated[Border, "padding beyond the border"] = "mirror",
) -> Array:
    """Blur with a Gaussian that is truncated at four standard deviations.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        sigma: standard deviation, in pixels.
        border: padding beyond the border.

    Returns:
        The blurred picture.

    >>> import numpy as np
    >>> gaussian_blur(np.array([[0.0, 0.0, 1.0, 0.0, 0.0]]), sigma=0.5).round(3).tolist()
    [[0.001, 0.106, 0.787, 0.106, 0.001]]
    """
    return blur(picture, gaussian_kernel(sigma), border)


DEGRADATION = Degradation(gaussian_blur)
