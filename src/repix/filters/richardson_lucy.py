"""Richardson-Lucy deconvolution: multiplies a picture, again and again, by what its blur lacks to the real one."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import column_and_row
from repix.filters import Filter
from repix.filters._blur_spec import WORDS, parse_blur
from repix.filters._layout import contiguous
from repix.members import library
from repix.parameters import Bounds, checked

DARKEST = 1e-6
"""Light is never less than this: negative light does not exist, and no light would never come back."""


@checked
def richardson_lucy(
    picture: Array,
    blur: Annotated[str, WORDS] = "gaussian 1.6",
    steps: Annotated[int, "how often to multiply; more is sharper, and noisier", Bounds(1, 1000)] = 10,
) -> Array:
    """The most likely picture, if its blur was known and its noise is that of counted light. Borders are mirrored.

    Numbers below 0 count as black.

    >>> import numpy as np
    >>> edge = np.array([[0.0, 0.0, 0.0, 0.1, 0.3, 0.7, 0.9, 1.0, 1.0, 1.0]] * 10)
    >>> richardson_lucy(edge, blur="gaussian 1", steps=20)[5].round(1).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.1, 0.8, 1.0, 1.0, 1.0, 1.0]
    """
    picture = contiguous(picture)
    kernel = parse_blur(blur)
    reach = (*((side // 2, side // 2) for side in kernel.shape), *((0, 0),) * (picture.ndim - 2))
    seen = np.maximum(np.pad(picture, reach, mode="symmetric"), picture.dtype.type(DARKEST))
    sharp = seen
    for _ in range(steps):
        lack = seen / np.maximum(_weighed(sharp, kernel), picture.dtype.type(DARKEST))
        sharp = sharp * _weighed(lack, kernel[::-1, ::-1])
    inner = tuple(slice(before, before + n) for (before, _), n in zip(reach, picture.shape, strict=True))
    sharpened: Array = sharp[inner]
    return sharpened


def _weighed(picture: Array, kernel: Array) -> Array:
    """The picture under a sliding kernel; OpenCV does it many times faster than numpy can."""
    cv2 = library("cv2")
    factors = column_and_row(kernel)
    if factors is None:
        weighed: Array = cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REFLECT)
    else:
        weighed = cv2.sepFilter2D(picture, -1, factors[1], factors[0], borderType=cv2.BORDER_REFLECT)
    return weighed.reshape(picture.shape)


FILTER = Filter(richardson_lucy)
