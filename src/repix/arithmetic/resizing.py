"""Resizing: nearest, bilinear, bicubic and Lanczos, as two passes of weighted sums, first rows, then columns.

Borders are replicated. By default pixels are areas (half-pixel centres), as in torch with `align_corners=False`, OpenCV
and MATLAB; `corners=True` keeps the four corner pixels where they are, as torch does with `align_corners=True`.
"""

import math
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import (
    Array,
    positive_pair,
    require_finite,
    require_floats,
    require_planes,
    whole,
    whole_pair,
)
from repix.arithmetic.resizing_trace import nearest_working, two_passes
from repix.arithmetic.taps import Resampling, Taps, taps, weighted, weighted_columns, weighted_rows
from repix.arithmetic.trace import Trace, traced_by
from repix.arithmetic.wording import require_short
from repix.errors import WrongDtype, WrongShape, WrongUse

Method = Literal["nearest", "bilinear", "bicubic", "lanczos"]


def _trace_resize(
    picture: Array,
    size: int | tuple[int, int] | None = None,
    *,
    scale: float | tuple[float, float] | None = None,
    method: Method = "bilinear",
    corners: bool = False,
    antialias: bool = False,
    a: float = -0.5,
) -> Trace:
    require_planes(picture, "picture")
    old = (picture.shape[-2], picture.shape[-1])
    new_size = [line.new_size for line in _lines(old, size, scale, corners)]
    require_short(math.prod(picture.shape[:-2]) * math.prod(new_size))
    rows, columns = plan(old, size, scale, method, corners, antialias, a)
    working = nearest_working if method == "nearest" else two_passes
    stages, steps = working(picture, rows, columns)
    return Trace(method, tuple(stages), tuple(steps), weighted(picture, rows, columns), {"picture": picture})


@traced_by(_trace_resize)
def resize(
    picture: Array,
    size: int | tuple[int, int] | None = None,
    *,
    scale: float | tuple[float, float] | None = None,
    method: Method = "bilinear",
    corners: bool = False,
    antialias: bool = False,
    a: float = -0.5,
) -> Array:
    """Resize H×W, C×H×W or N×C×H×W to a size (rows, columns) or by a scale.

    With `antialias` a shrinking kernel is stretched so that no pixel is skipped. `a` shapes bicubic: -0.5 as in MATLAB
    and Pillow, -0.75 as in torch and OpenCV. A scale that leaves a fraction of a pixel rounds the size up, as MATLAB.

    >>> resize(np.array([[1.0, 5.0], [4.0, 8.0]]), scale=2)[0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """
    require_planes(picture, "picture")
    rows, columns = plan((picture.shape[-2], picture.shape[-1]), size, scale, method, corners, antialias, a)
    return weighted(picture, rows, columns)


def resize_picture(
    picture: Array,
    size: int | tuple[int, int] | None = None,
    *,
    scale: float | tuple[float, float] | None = None,
    method: Method = "bilinear",
    antialias: bool = False,
    a: float = -0.5,
) -> Array:
    """Resize H×W or H×W×C, the way pictures lie in files; otherwise as `resize`.

    >>> resize_picture(np.ones((4, 6, 3)), scale=0.5, method="bicubic", antialias=True).shape
    (2, 3, 3)
    """
    require_floats(picture, "picture")
    lines, channels = _interleaved(picture)
    require_finite(picture, "picture")
    rows, columns = plan(_size(picture), size, scale, method, False, antialias, a)
    return _separate(weighted(lines, rows, columns, channels), picture)


def shrink_matlab(picture: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Shrink 8-bit pixels H×W or H×W×C exactly as MATLAB's `imresize(picture, 1/scale)` does.

    Bicubic with a = -0.5, antialiased, borders replicated: rows, rounded to 8 bits, then columns, rounded to 8 bits.

    >>> shrink_matlab(np.full((4, 4), 7, np.uint8), 2).tolist()
    [[7, 7], [7, 7]]
    """
    if np.asarray(picture).dtype != np.uint8:
        raise WrongDtype(f"picture is {np.asarray(picture).dtype}; MATLAB shrinks uint8 pixels, use resize for floats.")
    lines, channels = _interleaved(picture)
    floats = lines.astype(np.float64)
    rows, columns = plan(_size(picture), None, 1.0 / whole(scale, "scale", 1), "bicubic", False, True, -0.5)
    shrunk = _to_8_bits(weighted_columns(_to_8_bits(weighted_rows(floats, rows)), columns, channels))
    return _separate(shrunk, picture).astype(np.uint8)


def plan(
    old: tuple[int, int],
    size: int | tuple[int, int] | None,
    scale: float | tuple[float, float] | None,
    method: Method,
    corners: bool,
    antialias: bool,
    a: float,
) -> tuple[Taps, Taps]:
    """What the new rows and the new columns are made of, once all arguments are found good."""
    if method not in get_args(Method):
        raise WrongUse(f"There is no method {method!r}; choose from {', '.join(get_args(Method))}.")
    if method == "nearest" and antialias:
        raise WrongUse("nearest copies single pixels, so it cannot antialias; take bilinear, bicubic or lanczos.")
    if method != "bicubic" and a != -0.5:
        raise WrongUse(f"a = {a} shapes the bicubic kernel only, but the method is {method}.")
    if not math.isfinite(a):
        raise WrongUse(f"a is {a}; it must be a finite number such as -0.5 or -0.75.")
    lines = _lines(old, size, scale, corners)
    return taps(lines[0], method, antialias, a), taps(lines[1], method, antialias, a)


def _lines(
    old: tuple[int, int],
    size: int | tuple[int, int] | None,
    scale: float | tuple[float, float] | None,
    corners: bool,
) -> tuple[Resampling, Resampling]:
    if size is not None and scale is not None:
        raise WrongUse("Give either a size or a scale, not both.")
    if size is not None:
        new = whole_pair(size, "size", 1)
        return Resampling(old[0], new[0], old[0], corners), Resampling(old[1], new[1], old[1], corners)
    if scale is not None:
        scales = positive_pair(scale, "scale")
        return _scaled(old[0], scales[0], corners), _scaled(old[1], scales[1], corners)
    raise WrongUse("Give a size (rows, columns) or a scale.")


def _scaled(size: int, scale: float, corners: bool) -> Resampling:
    """A line whose new length is `size * scale`, rounded up where that leaves a fraction."""
    exact = size * scale
    if abs(exact - round(exact)) < 1e-9 * exact:
        return Resampling(size, round(exact), size, corners)
    new_size = math.ceil(exact)
    return Resampling(size, new_size, new_size / scale, corners)


def _interleaved(picture: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """H×W×C as H×(W·C), where the channels of a pixel lie side by side, and C; H×W stays."""
    if picture.size == 0:
        raise WrongShape(f"picture has shape {picture.shape}, so it holds no pixels.")
    if picture.ndim == 2:
        return picture, 1
    if picture.ndim != 3:
        raise WrongShape(f"picture has shape {picture.shape}; it must be H×W or H×W×C.")
    return picture.reshape(len(picture), -1), picture.shape[2]


def _size(picture: NDArray[Any]) -> tuple[int, int]:
    return picture.shape[0], picture.shape[1]


def _separate(lines: NDArray[Any], picture: NDArray[Any]) -> NDArray[Any]:
    """Back from H×(W·C) to the picture's axes."""
    return lines.reshape(len(lines), -1, *picture.shape[2:])


def _to_8_bits(values: Array) -> Array:
    rounded: Array = np.clip(np.floor(values + 0.5), 0, 255)
    return rounded
