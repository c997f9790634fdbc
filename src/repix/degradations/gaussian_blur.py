"""Gaussian blur: the light of each point spreads in a bell."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import Border, blur, gaussian_kernel
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def gaussian_blur(
    picture: Array,
    sigma: Annotated[float, "standard deviation of the bell, in pixels", Bounds(above=0, high=200)] = 1.6,
    border: Annotated[Border, "what lies beyond the edge"] = "mirror",
) -> Array:
    """Blur with a Gaussian, cut off at four standard deviations.

    >>> import numpy as np
    >>> gaussian_blur(np.array([[0.0, 0.0, 1.0, 0.0, 0.0]]), sigma=0.5).round(3).tolist()
    [[0.001, 0.106, 0.787, 0.106, 0.001]]
    """
    return blur(picture, gaussian_kernel(sigma), border)


DEGRADATION = Degradation(gaussian_blur)
