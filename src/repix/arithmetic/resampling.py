"""Resampling: nearest, bilinear, bicubic and Lanczos, as two passes of weighted sums, first rows, then columns.

Borders are replicated. Pixels have half-pixel centers, as in OpenCV, MATLAB and torch. With `align_corners=True` the
centers of the corner pixels are aligned. `resize` has the parameters, the defaults and the rounding of torch's
`interpolate`. `resize_picture`, for channels-last pictures, rounds sizes as MATLAB's `imresize`.
"""

import math
from collections.abc import Callable
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
from repix.arithmetic.resize_trace import nearest_trace, two_pass_trace
from repix.arithmetic.step_text import plural, require_short_trace
from repix.arithmetic.taps import Resampling, Taps, taps, weighted, weighted_columns, weighted_rows
from repix.arithmetic.trace import Trace, traced_by
from repix.errors import WrongDtype, WrongShape, WrongUse

Mode = Literal["nearest", "bilinear", "bicubic", "lanczos"]

MATLAB_A = -0.5
"""The parameter `a` of the bicubic kernel in MATLAB and Pillow, and in torch with antialiasing."""


def _trace_resize(
    picture: Array,
    size: int | tuple[int, int] | None = None,
    *,
    scale_factor: float | tuple[float, float] | None = None,
    mode: Mode = "nearest",
    align_corners: bool = False,
    antialias: bool = False,
    a: float = MATLAB_A,
) -> Trace:
    require_planes(picture, "picture")
    lines = torch_lines(picture, size, scale_factor, align_corners)
    require_short_trace(math.prod(picture.shape[:-2]) * lines[0].new_size * lines[1].new_size)
    trace_of = nearest_trace if mode == "nearest" else two_pass_trace
    stages, steps = trace_of(picture, *_plan(lines, mode, antialias, a))
    return Trace(mode, tuple(stages), tuple(steps), {"picture": picture})


@traced_by(_trace_resize)
def resize(
    picture: Array,
    size: int | tuple[int, int] | None = None,
    *,
    scale_factor: float | tuple[float, float] | None = None,
    mode: Mode = "nearest",
    align_corners: bool = False,
    antialias: bool = False,
    a: float = MATLAB_A,
) -> Array:
    """Return a picture H×W, C×H×W or N×C×H×W resized to a size (rows, columns) or by a factor, as torch does.

    If the factor gives a fractional size, it is rounded down. `nearest` copies the pixel that contains the new pixel's
    center (torch's "nearest-exact"). With `antialias` the kernel is stretched when shrinking, so that no pixel is
    skipped. `a` is the bicubic kernel's parameter: -0.5 in MATLAB and Pillow, -0.75 in torch and OpenCV without
    antialiasing.

    Args:
        picture: H×W, C×H×W or N×C×H×W, of float32 or float64.
        size: the new size; one number or (rows, columns).
        scale_factor: the scale factor, instead of a size.
        mode: "nearest", "bilinear", "bicubic" or "lanczos".
        align_corners: whether to align the centers of the corner pixels.
        antialias: whether to stretch the kernel when shrinking.
        a: the parameter of the bicubic kernel.

    Returns:
        The resized picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> resize(np.array([[1.0, 5.0], [4.0, 8.0]]), scale_factor=2, mode="bilinear")[0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """
    require_planes(picture, "picture")
    return weighted(picture, *_plan(torch_lines(picture, size, scale_factor, align_corners), mode, antialias, a))


def resize_picture(
    picture: Array,
    size: int | tuple[int, int] | None = None,
    *,
    scale: float | tuple[float, float] | None = None,
    method: Mode = "bilinear",
    antialias: bool = False,
    a: float = MATLAB_A,
) -> Array:
    """Return a picture H×W or H×W×C (channels last) resized to a size (rows, columns) or by a scale.

    If the scale gives a fractional size, it is rounded up, as MATLAB's `imresize` does.

    Args:
        picture: H×W or H×W×C, of float32 or float64.
        size: the new size; one number or (rows, columns).
        scale: the scale factor, instead of a size.
        method: "nearest", "bilinear", "bicubic" or "lanczos".
        antialias: whether to stretch the kernel when shrinking.
        a: the parameter of the bicubic kernel.

    Returns:
        The resized picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> resize_picture(np.ones((5, 6, 3)), scale=0.5, method="bicubic", antialias=True).shape
    (3, 3, 3)
    """
    require_floats(picture, "picture")
    pixels, channels = _interleaved(picture)
    require_finite(picture, "picture")
    lines = _lines(_size(picture), size, (scale, "scale", math.ceil), align_corners=False)
    return _separate(weighted(pixels, *_plan(lines, method, antialias, a), channels), picture)


def shrink_matlab(picture: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Return 8-bit pixels H×W or H×W×C, shrunk exactly as MATLAB's `imresize(picture, 1/scale)` does.

    Bicubic with a = -0.5, antialiased, borders replicated: rows, rounded to 8 bits, then columns, rounded to 8 bits.

    Args:
        picture: H×W or H×W×C of uint8.
        scale: the whole number to divide the size by.

    Returns:
        The smaller picture, of uint8.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> shrink_matlab(np.full((4, 4), 7, np.uint8), 2).tolist()
    [[7, 7], [7, 7]]
    """
    if np.asarray(picture).dtype != np.uint8:
        raise WrongDtype(f"picture is {np.asarray(picture).dtype}; MATLAB shrinks uint8 pixels, use resize for floats.")
    pixels, channels = _interleaved(picture)
    floats = pixels.astype(np.float64)
    lines = _lines(_size(picture), None, (1.0 / whole(scale, "scale", 1), "scale", math.ceil), align_corners=False)
    rows, columns = _plan(lines, "bicubic", True, MATLAB_A)
    shrunk = _to_8_bits(weighted_columns(_to_8_bits(weighted_rows(floats, rows)), columns, channels))
    return _separate(shrunk, picture).astype(np.uint8)


Lines = tuple[Resampling, Resampling]
"""The rows and the columns."""

Factor = tuple[float | tuple[float, float] | None, str, Callable[[float], int]]
"""The scale factor, the name of its parameter, and the function that rounds a fractional size."""


def _plan(lines: Lines, method: Mode, antialias: bool, a: float) -> tuple[Taps, Taps]:
    """Return the taps of the new rows and of the new columns; refuse bad arguments."""
    if method not in get_args(Mode):
        raise WrongUse(f"There is no method {method!r}; choose from {', '.join(get_args(Mode))}.")
    if method == "nearest" and antialias:
        raise WrongUse("nearest copies single pixels, so it cannot antialias; use bilinear, bicubic or lanczos.")
    if method != "bicubic" and a != MATLAB_A:
        raise WrongUse(f"a is {a}, a parameter of the bicubic kernel, but the method is {method}; leave it out.")
    if not math.isfinite(a):
        raise WrongUse(f"a is {a}; it must be a finite number such as -0.5 or -0.75.")
    return taps(lines[0], method, antialias, a), taps(lines[1], method, antialias, a)


def torch_lines(
    picture: Array,
    size: int | tuple[int, int] | None,
    scale_factor: float | tuple[float, float] | None,
    align_corners: bool,
) -> Lines:
    """Return the resampling of rows and of columns for a size or a factor, with torch's rounding."""
    old = (picture.shape[-2], picture.shape[-1])
    return _lines(old, size, (scale_factor, "scale_factor", math.floor), align_corners)


def _lines(old: tuple[int, int], size: int | tuple[int, int] | None, factor: Factor, align_corners: bool) -> Lines:
    given, name, rounding = factor
    if size is not None and given is not None:
        raise WrongUse(f"Give either a size or a {name}, not both.")
    if size is not None:
        new = whole_pair(size, "size", 1)
        return Resampling(old[0], new[0], old[0], align_corners), Resampling(old[1], new[1], old[1], align_corners)
    if given is None:
        raise WrongUse(f"Give a size (rows, columns) or a {name}.")
    scales = positive_pair(given, name)
    rows, columns = (_scaled(*line, name, rounding, align_corners) for line in zip(old, scales, strict=True))
    return rows, columns


def _scaled(size: int, scale: float, name: str, rounding: Callable[[float], int], align_corners: bool) -> Resampling:
    """Return the resampling of an axis to the length `size * scale`, rounded where that is fractional."""
    exact = size * scale
    if abs(exact - round(exact)) < 1e-9 * exact:
        return Resampling(size, round(exact), size, align_corners)
    new_size = rounding(exact)
    if new_size < 1:
        raise WrongUse(f"{name} is {scale:g}, which leaves none of {plural(size, 'pixel')}; give a larger one.")
    return Resampling(size, new_size, new_size / scale, align_corners)


def _interleaved(picture: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Return H×W×C as H×(W·C), and C; H×W stays as it is."""
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
    """Return H×(W·C) with the picture's axes."""
    return lines.reshape(len(lines), -1, *picture.shape[2:])


def _to_8_bits(values: Array) -> Array:
    rounded: Array = np.clip(np.floor(values + 0.5), 0, 255)
    return rounded
