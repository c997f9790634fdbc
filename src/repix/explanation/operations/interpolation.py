"""Interpolation of pictures, at points and on a line."""

from typing import TYPE_CHECKING, Annotated, Literal

from repix.errors import WrongUse
from repix.explanation.option_values import array, choice, pair, row
from repix.explanation.options import A, AlignCorners, Antialias, Data, Positions, ScaleFactor, Size, Values, option

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

BLOCK = "1 5; 4 8"


def nearest(
    data: Data = BLOCK, scale_factor: ScaleFactor = None, size: Size = None, align_corners: AlignCorners = False
) -> "Trace":
    """Nearest neighbor: every new pixel copies the old pixel that contains it.

    This is "nearest-exact" in PyTorch.

    repix explain nearest --data "1 5; 4 8" --scale-factor 2
    """
    return _resize("nearest", data, scale_factor, size, align_corners)


def bilinear(
    data: Data = BLOCK,
    scale_factor: ScaleFactor = None,
    size: Size = None,
    align_corners: AlignCorners = False,
    antialias: Antialias = False,
) -> "Trace":
    """Bilinear: every new pixel is a weighted mean of the four around it.

    repix explain bilinear --data "1 5; 4 8" --scale-factor 2
    repix explain bilinear --data "10 20; 30 40" --size 4 --align-corners
    """
    return _resize("bilinear", data, scale_factor, size, align_corners, antialias)


def bicubic(
    data: Data = "0 0 0 0; 0 1 0 0; 0 0 0 0; 0 0 0 1",
    scale_factor: ScaleFactor = None,
    size: Size = None,
    align_corners: AlignCorners = False,
    antialias: Antialias = False,
    a: A = -0.5,
) -> "Trace":
    """Bicubic: every new pixel is a weighted sum of 4×4 old ones.

    repix explain bicubic --data "1 2 4 8; 1 2 4 8; 1 2 4 8" --scale-factor 2
    repix explain bicubic --scale-factor 0.5 --antialias --a -0.75
    """
    return _resize("bicubic", data, scale_factor, size, align_corners, antialias, a)


def lanczos(
    data: Data = "0 0 0 0; 0 1 0 0; 0 0 0 0; 0 0 0 1",
    scale_factor: ScaleFactor = None,
    size: Size = None,
    align_corners: AlignCorners = False,
    antialias: Antialias = False,
) -> "Trace":
    """Lanczos: every new pixel is a weighted sum of 6×6 old ones; sharpest.

    repix explain lanczos --data "1 2 4 8; 1 2 4 8; 1 2 4 8" --scale-factor 2
    """
    return _resize("lanczos", data, scale_factor, size, align_corners, antialias)


def sample(
    data: Data = "10 20; 30 40",
    points: Annotated[str, option("X,Y", "Points, separated by `;`. (0, 0) is the first pixel's center.")] = "0.6, 0.7",
    x: Annotated[str, option("right|down", "Direction of x: along a row, as in pictures, or down.")] = "right",
) -> "Trace":
    """Bilinear interpolation at a point between four pixels.

    The direction of x differs between textbooks, and so does the result: see --x.

    repix explain sample --data "10 20; 30 40" --points "0.6, 0.7" --x right
    repix explain sample --data "10 20; 30 40" --points "0.6, 0.7" --x down
    """
    from repix.arithmetic import sample_bilinear
    from repix.arithmetic.step_text import plural

    asked = array(points, "--points")
    if asked.ndim != 2 or asked.shape[1] != 2:
        raise WrongUse(f'--points "{points}" has {plural(asked.shape[-1], "number")} in a row; give two: X,Y.')
    asked = asked[0] if len(asked) == 1 else asked
    return sample_bilinear.trace(array(data, "--data"), asked, x=choice(x, "--x", "right", "down"))


def interpolate(
    data: Values = "10 30 20",
    positions: Positions = None,
    at: Annotated[str, option("NUMBERS", "Positions of the new values.")] = "0.25 1.5",
    method: Annotated[
        str, option("linear|nearest", "Weighted mean of the two neighbors, or the nearer one.")
    ] = "linear",
) -> "Trace":
    """Interpolation in one dimension: values between known ones.

    repix explain interpolate --data "10 30 20" --positions "0 1 4" --at 2.5
    """
    import numpy as np

    from repix.arithmetic import interpolate_1d

    values = row(data, "--data")
    known = np.arange(len(values), dtype=float) if positions is None else row(positions, "--positions")
    kind = choice(method, "--method", "linear", "nearest")
    return interpolate_1d.trace(row(at, "--at"), known, values, method=kind)


def _resize(
    mode: Literal["nearest", "bilinear", "bicubic", "lanczos"],
    data: str,
    scale_factor: float | None,
    size: str | None,
    align_corners: bool,
    antialias: bool = False,
    a: float = -0.5,
) -> "Trace":
    from repix.arithmetic import resize

    if scale_factor is None and size is None:
        scale_factor = 2.0
    return resize.trace(
        array(data, "--data"),
        None if size is None else pair(size, "--size"),
        scale_factor=scale_factor,
        mode=mode,
        align_corners=align_corners,
        antialias=antialias,
        a=a,
    )
