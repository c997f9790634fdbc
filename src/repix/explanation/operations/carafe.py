"""CARAFE: a kernel for each new pixel, predicted from the picture."""

from typing import TYPE_CHECKING, Annotated

from repix.errors import WrongUse
from repix.explanation.option_values import array, channels, row, side_of
from repix.explanation.options import Data, option

if TYPE_CHECKING:
    from repix.arithmetic.arrays import Array
    from repix.arithmetic.trace import Trace

NEAR_BILINEAR = "4 5 0 5 6 0 0 0 0; 0 5 4 0 6 5 0 0 0; 0 0 0 5 6 0 4 5 0; 0 0 0 0 6 5 0 5 4"
"""Their softmax is nearly 9/16, 3/16, 3/16, 1/16: the kernels of bilinear interpolation by 2."""

THE_PIXEL_ITSELF = "; ".join(["0 0 0 0 1 0 0 0 0"] * 4)
"""The score of the old pixel itself grows with its value, so bright pixels are copied and dark ones are smoothed."""


def carafe(
    data: Data = "0 2",
    compress: Annotated[
        str, option("NUMBERS", "A weight for each channel of the data; the scores are predicted from the sum.")
    ] = "1",
    weights: Annotated[
        str,
        option("NUMBERS", "Weights of the scores: a row for each new pixel of a block, a number for each neighbor."),
    ] = THE_PIXEL_ITSELF,
    bias: Annotated[str, option("NUMBERS", "Added to the scores, in rows like --weights.")] = NEAR_BILINEAR,
) -> "Trace":
    """CARAFE: the picture predicts a kernel for each new pixel.

    The scale follows from the number of rows (4, 9 ...), the kernel from the length of a row (9, 25 ...). The example's
    kernels are nearly bilinear in dark areas; bright pixels are copied.

    repix explain carafe --data "0 2"
    repix explain carafe --data "0 2 | 9 5" --compress "1 -0.5"
    """
    return carafe_trace(
        channels(data, "--data"), row(compress, "--compress"), array(weights, "--weights"), array(bias, "--bias")
    )


def carafe_trace(picture: "Array", compress: "Array", weights: "Array", bias: "Array") -> "Trace":
    """Return the trace of CARAFE with one compressed channel: C×H×W, with weights and bias (scale², kernel²).

    >>> import numpy as np
    >>> nothing = np.zeros((4, 9))  # equal scores: means of 3×3 old pixels
    >>> carafe_trace(np.array([[[0.0, 9.0]]]), np.ones(1), nothing, nothing).output[0, 0, 0].round(9).tolist()
    [3.0, 3.0, 6.0, 6.0]
    """
    from repix import registry

    if len(compress) != len(picture):
        raise WrongUse(f"--compress has {len(compress)} weights for {len(picture)} channels; give one for each.")
    for name, table in (("--weights", weights), ("--bias", bias)):
        if table.ndim != 2 or table.shape != weights.shape:
            raise WrongUse(f"{name} and --weights must both be one table, with as many rows and columns.")
    scale, kernel = side_of(len(weights)), side_of(weights.shape[1])
    if scale is None or scale < 2 or kernel is None or kernel < 3 or kernel % 2 == 0:
        raise WrongUse(
            f"--weights has {len(weights)}×{weights.shape[1]} numbers; give scale² rows (4, 9 ...) of kernel² numbers "
            "(9, 25 ...)."
        )
    upsampler = registry.get("upsampling", "carafe")
    numbers = {
        "compress.weight": compress.reshape(1, -1, 1, 1),
        "compress.bias": 0 * compress[:1],
        "encode.weight": weights.T.reshape(-1, 1, 1, 1),  # a new pixel's number changes first
        "encode.bias": bias.T.reshape(-1),
    }
    settings = upsampler.settings(kernel=kernel, encoder=1, compressed=1)
    trace: Trace = upsampler.trace_reference(picture[None], numbers, scale, settings)
    return trace
