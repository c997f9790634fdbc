"""DySample: bilinear samples at points that the picture shifts."""

from typing import TYPE_CHECKING, Annotated

from repix.errors import WrongUse
from repix.explanation.option_values import array, side_of
from repix.explanation.options import Data, option

if TYPE_CHECKING:
    from repix.arithmetic.arrays import Array
    from repix.arithmetic.trace import Trace

TO_THE_CENTER = "0.2 -0.2 0.2 -0.2; 0.2 0.2 -0.2 -0.2"
"""The brighter a pixel is, the nearer to its center are the points of its block."""


def dysample(
    data: Data = "1 5; 4 8",
    weights: Annotated[
        str, option("NUMBERS", "Weights of the shifts: rows for x and y, a number for each new pixel of a block.")
    ] = TO_THE_CENTER,
    bias: Annotated[str, option("NUMBERS", "Added to the offsets, in rows like --weights.")] = "0 0 0 0; 0 0 0 0",
    scope: Annotated[
        str | None, option("NUMBERS", "Weights of the limit of the shifts, like --weights; default: 1/4 pixel.")
    ] = None,
) -> "Trace":
    """DySample: every new pixel is a bilinear sample at a shifted point.

    The scale follows from the length of a row (4, 9 ...). The shifts are tanh of the offsets, times 1/4; with --scope,
    times a predicted part of 1/2. The example's points are nearer to the centers of bright pixels.

    repix explain dysample --data "1 5; 4 8" --bias "1 1 1 1; 0 0 0 0"
    repix explain dysample --data "1 5; 4 8" --scope "0.1 0.1 0.1 0.1; 0.1 0.1 0.1 0.1"
    """
    limit = None if scope is None else array(scope, "--scope")
    return dysample_trace(array(data, "--data"), array(weights, "--weights"), array(bias, "--bias"), limit)


def dysample_trace(picture: "Array", weights: "Array", bias: "Array", scope: "Array | None" = None) -> "Trace":
    """Return the trace of DySample of one channel: H×W, with weights (2, scale²) for x and y.

    >>> import numpy as np
    >>> nothing = np.zeros((2, 4))  # no shifts: bilinear interpolation
    >>> dysample_trace(np.array([[1.0, 5.0]]), nothing, nothing).output[0, 0, 0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """
    from repix import registry

    if picture.ndim != 2:
        raise WrongUse(f"--data has {len(picture)} channels; dysample is shown for one.")
    scale = side_of(weights.shape[-1])
    if weights.ndim != 2 or len(weights) != 2 or scale is None or scale < 2:
        raise WrongUse("--weights needs two rows, for x and y, of scale² numbers each (4, 9 ...).")
    for name, table in (("--bias", bias), ("--scope", scope)):
        if table is not None and table.shape != weights.shape:
            raise WrongUse(f"{name} has other rows than --weights; give 2 rows of {scale**2} numbers.")
    upsampler = registry.get("upsampling", "dysample")
    numbers = {"offset.weight": weights.reshape(-1, 1, 1, 1), "offset.bias": bias.reshape(-1)}
    if scope is not None:
        numbers["scope.weight"] = scope.reshape(-1, 1, 1, 1)
    settings = upsampler.settings(scope="static" if scope is None else "dynamic", groups=1)
    trace: Trace = upsampler.trace_reference(picture[None, None], numbers, scale, settings)
    return trace
