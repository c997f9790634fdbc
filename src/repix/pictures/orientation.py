"""EXIF orientation."""

from typing import Any

from numpy.typing import NDArray


def apply_orientation(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return a view of pixels H×W×C rotated and flipped according to an EXIF orientation from 1 to 8.

    >>> import numpy as np
    >>> stored = np.array([[[1], [2]]])
    >>> apply_orientation(stored, 6)[:, :, 0].tolist()
    [[1], [2]]
    >>> apply_orientation(stored, 3)[:, :, 0].tolist()
    [[2, 1]]
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # The remaining part is a flip of rows, of columns, or of both.
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
