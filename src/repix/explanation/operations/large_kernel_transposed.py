"""Large-kernel transposed convolution: two transposed convolutions, whose results are added."""

from typing import TYPE_CHECKING, Annotated

from repix.errors import WrongShape, WrongUse
from repix.explanation.option_values import array, bias_of
from repix.explanation.options import Bias, Data, option

if TYPE_CHECKING:
    from repix.arithmetic.arrays import Array
    from repix.arithmetic.trace import Trace


def large_kernel_transposed(
    data: Data = "1 2; 3 4",
    kernel: Annotated[
        str, option("NUMBERS", "The large kernel, square; rows are separated by `;`.")
    ] = "1 1 1 1 1; 1 2 2 2 1; 1 2 3 2 1; 1 2 2 2 1; 1 1 1 1 1",
    parallel: Annotated[str, option("NUMBERS", "The small kernel, square; not larger than the large one.")] = (
        "0 1 0; 1 4 1; 0 1 0"
    ),
    scale_factor: Annotated[int, option("R", "Scale factor.", "--scale-factor", "--scale")] = 2,
    bias: Bias = None,
) -> "Trace":
    """Large-kernel transposed convolution: a large and a small kernel in parallel.

    Both are transposed convolutions with the scale factor as their stride; the results are added.

    repix explain large-kernel-transposed --data "1 2; 3 4" --parallel "0 0 0; 0 1 0; 0 0 0"
    """
    return large_kernel_trace(
        array(data, "--data"), array(kernel, "--kernel"), array(parallel, "--parallel"), scale_factor, bias_of(bias)
    )


def large_kernel_trace(
    picture: "Array", kernel: "Array", parallel: "Array", scale_factor: int = 2, bias: "Array | None" = None
) -> "Trace":
    """Return the trace of a large-kernel transposed convolution of one channel: H×W with K×K and k×k.

    >>> import numpy as np
    >>> large_kernel_trace(np.ones((1, 1)), np.ones((4, 4)), np.full((2, 2), 10.0)).output[0, 0].tolist()
    [[11.0, 11.0], [11.0, 11.0]]
    """
    from repix import registry

    if picture.ndim != 2:
        raise WrongUse(f"--data has {len(picture)} channels; large-kernel-transposed is shown for one.")
    for name, values in (("--kernel", kernel), ("--parallel", parallel)):
        if values.ndim != 2 or values.shape[0] != values.shape[1]:
            raise WrongShape(f"{name} is {'×'.join(map(str, values.shape))}; it must be square, without `|`.")
    upsampler = registry.get("upsampling", "large-kernel-transposed")
    numbers = {"convolution.weight": kernel[None, None], "parallel.weight": parallel[None, None]}
    if bias is not None:
        numbers["convolution.bias"] = bias
    settings = upsampler.settings(kernel=len(kernel), parallel=len(parallel), bias=bias is not None)
    trace: Trace = upsampler.trace_reference(picture[None, None], numbers, scale_factor, settings)
    return trace
