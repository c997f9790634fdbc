"""What a result and its truth must be before they are measured, and their parts that protocols look at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic import colour
from repix.arithmetic.arrays import Array, require_dimensions, require_finite, require_floats
from repix.errors import WrongDtype, WrongShape
from repix.pictures.picture import from_unit

Labels = NDArray[np.integer[Any]]
"""A map of class numbers, H×W."""


def picture(array: Array, name: str) -> Array:
    """One grey or colour picture as H×W×C of float64.

    >>> picture(np.zeros((2, 3)), "truth").shape
    (2, 3, 1)
    """
    require_floats(array, name)
    require_dimensions(array, name, 2, 3)
    if array.ndim == 3 and array.shape[2] not in (1, 3):
        raise WrongShape(f"{name} has shape {array.shape}; a picture is H×W, H×W×1 (grey) or H×W×3 (colour).")
    require_finite(array, name)
    return np.atleast_3d(array).astype(np.float64)


def pictures(result: Array, truth: Array) -> tuple[Array, Array]:
    """Two pictures of one size and kind, each as H×W×C of float64."""
    first, second = picture(result, "result"), picture(truth, "truth")
    require_one_size(first, second)
    if first.shape != second.shape:
        kinds = {1: "grey", 3: "colour"}
        raise WrongShape(
            f"result is {kinds[first.shape[2]]} and truth is {kinds[second.shape[2]]}; nothing is converted "
            "silently: make both grey first (repix degrade grey), or both colour."
        )
    return first, second


def colour_pictures(result: Array, truth: Array) -> tuple[Array, Array]:
    """Two colour pictures of one size, each as H×W×3 of float64."""
    first, second = pictures(result, truth)
    if first.shape[2] != 3:
        raise WrongShape("result and truth are grey; this protocol measures colour pictures.")
    return first, second


def grey_pictures(result: Array, truth: Array) -> tuple[Array, Array]:
    """Two grey pictures of one size, each as H×W of float64."""
    first, second = pictures(result, truth)
    if first.shape[2] != 1:
        raise WrongShape("result and truth are colour; this protocol measures grey pictures.")
    return first[:, :, 0], second[:, :, 0]


def luma_pictures(result: Array, truth: Array) -> tuple[Array, Array]:
    """The `luma` of two pictures of one size and kind."""
    first, second = pictures(result, truth)
    return luma(first), luma(second)


def luma(planes: Array) -> Array:
    """Lightness H×W in levels of 255 from H×W×C, once its values are rounded to 8 bits.

    Of colour, BT.601 luma: 16 is black and 235 is white. Grey is taken as it is, as the papers' MATLAB code does.

    >>> luma(np.array([[[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]])).round(9).tolist()
    [[16.0, 235.0]]
    """
    levels = eight_bits(planes)
    shades = levels if levels.shape[2] == 1 else 255 * colour.luma(levels / 255, "studio")
    return shades[:, :, 0]


def eight_bits(planes: Array) -> Array:
    """Values where 1 is white as the levels 0 to 255 an 8-bit file would have, in float64.

    >>> eight_bits(np.array([-0.1, 0.5, 2.0])).tolist()
    [0.0, 128.0, 255.0]
    """
    return from_unit(planes, "8").astype(np.float64)


def cut(plane: Array, border: int) -> Array:
    """The array without `border` pixels at each of its four sides."""
    height, width = plane.shape[:2]
    if 2 * border >= min(height, width):
        raise WrongShape(
            f"the pictures are {height}×{width} (height × width); cutting {border} pixels at each side leaves nothing."
        )
    return plane[border : height - border, border : width - border]


def label_maps(result: Labels, truth: Labels) -> tuple[Labels, Labels]:
    """Two maps of classes of one size."""
    _require_labels(result, "result")
    _require_labels(truth, "truth")
    require_one_size(result, truth)
    return result, truth


def _require_labels(array: Any, name: str) -> None:
    kind = array.dtype if isinstance(array, np.ndarray) else f"a {type(array).__name__}"
    if not isinstance(kind, np.dtype) or kind.kind not in "iub":
        raise WrongDtype(f"{name} is {kind}; a label map holds whole class numbers (uint8, int64 ...).")
    if array.ndim != 2 or array.size == 0:
        raise WrongShape(f"{name} has shape {array.shape}; a label map is H×W.")


def require_one_size(first: NDArray[Any], second: NDArray[Any]) -> None:
    """Refuse a result and a truth of different height or width."""
    (height, width), (other_height, other_width) = first.shape[:2], second.shape[:2]
    if (height, width) != (other_height, other_width):
        raise WrongShape(
            f"result is {height}×{width} and truth is {other_height}×{other_width} (height × width); "
            "they must be of one size."
        )
