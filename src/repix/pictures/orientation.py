"""The eight ways a camera may have been held, and turning the picture upright."""

from typing import Any

from numpy.typing import NDArray


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Pixels H×W×C as they should be seen, given their EXIF orientation from 1 to 8.

    The result is a view.

    >>> import numpy as np
    >>> stored = np.array([[[1], [2]]])
    >>> upright(stored, 6)[:, :, 0].tolist()
    [[1], [2]]
    >>> upright(stored, 3)[:, :, 0].tolist()
    [[2, 1]]
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # What is left is a mirroring of rows, of columns, or of both.
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
