"""Checks and conversions of result and truth, shared by the metrics."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic import color
from repix.arithmetic.arrays import Array, require_dimensions, require_finite, require_floats
from repix.errors import WrongDtype, WrongShape
from repix.pictures.picture import from_unit

Labels = NDArray[np.integer[Any]]
"""A label map H×W of class ids."""


def picture(array: Array, name: str) -> Array:
    """Return a picture as float64 H×W×C, after checking it.

    >>> picture(np.zeros((2, 3)), "truth").shape
    (2, 3, 1)
    """
    require_floats(array, name)
    require_dimensions(array, name, 2, 3)
    if array.ndim == 3 and array.shape[2] not in (1, 3):
        raise WrongShape(f"{name} has shape {array.shape}; a picture is H×W, H×W×1 (gray) or H×W×3 (color).")
    require_finite(array, name)
    return np.atleast_3d(array).astype(np.float64)


def pictures(result: Array, truth: Array) -> tuple[Array, Array]:
    """Return two pictures of the same size and channels as float64 H×W×C, after checking them."""
    first, second = picture(result, "result"), picture(truth, "truth")
    require_one_size(first, second)
    if first.shape != second.shape:
        kinds = {1: "gray", 3: "color"}
        raise WrongShape(
            f"result is {kinds[first.shape[2]]} and truth is {kinds[second.shape[2]]}; convert both to gray first "
            "(repix degrade gray), or both to color."
        )
    return first, second


def color_pictures(result: Array, truth: Array) -> tuple[Array, Array]:
    """Return two color pictures of the same size as float64 H×W×3."""
    first, second = pictures(result, truth)
    if first.shape[2] != 3:
        raise WrongShape("result and truth are gray; this metric needs color pictures.")
    return first, second


def gray_pictures(result: Array, truth: Array) -> tuple[Array, Array]:
    """Return two gray pictures of the same size as float64 H×W."""
    first, second = pictures(result, truth)
    if first.shape[2] != 1:
        raise WrongShape("result and truth are color; this metric needs gray pictures.")
    return first[:, :, 0], second[:, :, 0]


def luma_pictures(result: Array, truth: Array) -> tuple[Array, Array]:
    """Return the `luma` of two pictures of the same size and channels."""
    first, second = pictures(result, truth)
    return luma(first), luma(second)


def luma(planes: Array) -> Array:
    """Return luma H×W in 8-bit gray levels from H×W×C, after rounding to 8 bits.

    Color gives BT.601 studio-range luma (black 16, white 235). Gray is used as it is, as in the papers' MATLAB code.

    >>> luma(np.array([[[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]])).round(9).tolist()
    [[16.0, 235.0]]
    """
    levels = eight_bits(planes)
    shades = levels if levels.shape[2] == 1 else 255 * color.luma(levels / 255, "studio")
    return shades[:, :, 0]


def eight_bits(planes: Array) -> Array:
    """Return values with white = 1 as 8-bit levels 0 to 255, in float64.

    >>> eight_bits(np.array([-0.1, 0.5, 2.0])).tolist()
    [0.0, 128.0, 255.0]
    """
    return from_unit(planes, "8").astype(np.float64)


def cut(plane: Array, border: int) -> Array:
    """Return the array without `border` pixels at each side."""
    height, width = plane.shape[:2]
    if 2 * border >= min(height, width):
        raise WrongShape(
            f"the pictures are {height}×{width} (height × width), too small to cut {border} pixels at each side."
        )
    return plane[border : height - border, border : width - border]


def label_maps(result: Labels, truth: Labels) -> tuple[Labels, Labels]:
    """Return two label maps of the same size, after checking them."""
    _require_labels(result, "result")
    _require_labels(truth, "truth")
    require_one_size(result, truth)
    return result, truth


def _require_labels(array: Any, name: str) -> None:
    kind = array.dtype if isinstance(array, np.ndarray) else f"a {type(array).__name__}"
    if not isinstance(kind, np.dtype) or kind.kind not in "iub":
        raise WrongDtype(f"{name} is {kind}; a label map needs integers (uint8, int64 ...).")
    if array.ndim != 2 or array.size == 0:
        raise WrongShape(f"{name} has shape {array.shape}; a label map is H×W.")


def require_one_size(first: NDArray[Any], second: NDArray[Any]) -> None:
    """Check that result and truth have the same height and width."""
    (height, width), (other_height, other_width) = first.shape[:2], second.shape[:2]
    if (height, width) != (other_height, other_width):
        raise WrongShape(
            f"result is {height}×{width} and truth is {other_height}×{other_width} (height × width); "
            "they must have the same size."
        )
