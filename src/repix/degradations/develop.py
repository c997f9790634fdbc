"""Processing in a camera after demosaicing: a contrast curve and sharpening.

The noise is changed along with the picture. In a training chain after `camera`, the target is developed in the same
way, so a restorer learns to remove the sharpened noise and not the sharpening.
"""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import blur, gaussian_kernel
from repix.arithmetic.color import luma
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def develop(
    picture: Array,
    contrast: Annotated[float, "contrast curve: 0 none, 1 strong", Bounds(0, 1)] = 0.3,
    sharpening: Annotated[float, "share of the fine detail that is added again", Bounds(0, 5)] = 0.5,
    radius: Annotated[float, "standard deviation of the sharpening's Gaussian, in pixels", Bounds(0.3, 20)] = 1.0,
) -> Array:
    """Raise the contrast and sharpen, as cameras do before they write a file.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        contrast: weight of the curve 3x² − 2x³ against no curve.
        sharpening: share of the brightness's fine detail that is added; clipped to [0, 1].
        radius: standard deviation of the Gaussian that parts detail from the rest.

    Returns:
        The developed picture.

    >>> develop(np.array([[0.25, 0.25, 0.75, 0.75]]), contrast=0, sharpening=0.5, radius=0.5).round(2).tolist()
    [[0.25, 0.22, 0.78, 0.75]]
    """
    values = np.clip(picture, 0, 1)
    values = values + picture.dtype.type(contrast) * (values**2 * (3 - 2 * values) - values)
    if sharpening:
        brightness = luma(values)
        detail = brightness - blur(brightness, gaussian_kernel(radius), "replicate")
        values = values + picture.dtype.type(sharpening) * detail
    return np.clip(values, 0, 1)


DEGRADATION = Degradation(develop, truth={})
