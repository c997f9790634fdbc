"""Max pooling and unpooling."""

from typing import TYPE_CHECKING, Annotated

from repix.explanation.option_values import array, pair, whole_numbers
from repix.explanation.options import Data, Pair, option

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

SQUARE = "1 2 3 4; 5 6 7 8; 9 8 7 6; 5 4 3 2"


def max_pool(
    data: Data = SQUARE,
    kernel_size: Annotated[str, option(Pair, "The size of the windows.")] = "2",
    stride: Annotated[str | None, option(Pair, "Distance between windows; default: their size.")] = None,
    padding: Annotated[str, option(Pair, "Rows and columns around the data; they are never the maximum.")] = "0",
    dilation: Annotated[str, option(Pair, "Distance between the values of a window.")] = "1",
) -> "Trace":
    """Max pooling: the maximum of each window and its index.

    repix explain max-pool --data "1 2 3 4; 5 6 7 8; 9 8 7 6; 5 4 3 2" --kernel-size 2
    """
    from repix.arithmetic import max_pool2d

    return max_pool2d.trace(
        array(data, "--data"),
        pair(kernel_size, "--kernel-size"),
        stride=None if stride is None else pair(stride, "--stride"),
        padding=pair(padding, "--padding"),
        dilation=pair(dilation, "--dilation"),
    )


def unpool(
    data: Data = "6 8; 9 7",
    indices: Annotated[str, option("NUMBERS", "Index of each value, counted row by row from 0.")] = "5 7; 8 10",
    output_size: Annotated[str, option(Pair, "The output's rows and columns.", "--output-size", "--size")] = "4",
) -> "Trace":
    """Max unpooling: each value goes back to its index, zeros elsewhere.

    repix explain unpool --data "6 8; 9 7" --indices "5 7; 8 10" --output-size 4
    """
    from repix.arithmetic import max_unpool2d

    places, size = whole_numbers(indices, "--indices"), pair(output_size, "--output-size")
    return max_unpool2d.trace(array(data, "--data"), places, size)
