"""Convolutions, and the sizes of their outputs."""

from typing import TYPE_CHECKING, Annotated

from repix.errors import WrongUse
from repix.explanation.option_values import bias_of, choice, padding_of, pair, picture_and_kernel
from repix.explanation.options import Bias, Cut, Data, Dilation, Kernel, OutputPadding, Padding, Stride, option

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

BINARY = "0 1 0 1 1; 0 0 1 1 0; 1 1 0 1 0; 0 1 0 0 1; 0 0 1 1 0"
LAPLACIAN = "0 1 0; 1 -4 1; 0 1 0"
TWO_BY_TWO = "1 2; 3 4"
SQUARE = "1 2 3 4; 5 6 7 8; 9 8 7 6; 5 4 3 2"


def conv(
    data: Data = BINARY,
    kernel: Kernel = LAPLACIAN,
    stride: Stride = "1",
    padding: Padding = "0",
    dilation: Dilation = "1",
    bias: Bias = None,
) -> "Trace":
    """Convolution: a window slides; its values times the kernel are summed.

    As in neural networks, the kernel is not flipped. The default kernel detects edges.

    repix explain conv --data "0 1 0 1; 0 0 1 1; 1 1 0 1" --kernel "1 0; 0 -1"
    repix explain conv --stride 2 --padding same --bias 0.5
    """
    from repix.arithmetic import conv2d

    picture, filters = picture_and_kernel(data, kernel, channels_first=False)
    return conv2d.trace(
        picture,
        filters,
        bias_of(bias),
        stride=pair(stride, "--stride"),
        padding=padding_of(padding),
        dilation=pair(dilation, "--dilation"),
    )


def conv_dilated(
    data: Data = SQUARE,
    kernel: Kernel = "1 2; 3 4",
    dilation: Dilation = "2",
    stride: Stride = "1",
    padding: Padding = "0",
    bias: Bias = None,
) -> "Trace":
    """Dilated (atrous) convolution: zeros between the values of the kernel.

    It is sometimes confused with the transposed convolution, which inserts zeros between the values of the data. The
    output shows both.

    repix explain conv-dilated --kernel "1 2; 3 4" --dilation 2
    """
    from repix.explanation.dilation import dilated_trace

    picture, filters = picture_and_kernel(data, kernel, channels_first=False)
    return dilated_trace(
        picture,
        filters,
        bias_of(bias),
        dilation=pair(dilation, "--dilation"),
        stride=pair(stride, "--stride"),
        padding=padding_of(padding),
    )


def conv_transpose(
    data: Data = TWO_BY_TWO,
    kernel: Kernel = "0.1 -0.2; 0.3 -0.1",
    stride: Stride = "1",
    padding: Cut = "0",
    output_padding: OutputPadding = "0",
    dilation: Dilation = "1",
    bias: Bias = None,
    view: Annotated[
        str, option("scatter|insert", "Sum scaled kernels, or insert zeros and slide the flipped kernel.")
    ] = "scatter",
) -> "Trace":
    """Transposed convolution (up-convolution): enlarges feature maps.

    Two equivalent views: scaled kernels are added to the output (scatter), or zeros are inserted between the values of
    the data and the flipped kernel slides along (insert).

    repix explain conv-transpose --kernel "3 0 -2; 1 1 1; -3 0 2" --stride 2 --padding 1
    repix explain conv-transpose --data "1 2; 3 4" --stride 2 --view insert
    """
    from repix.arithmetic import conv_transpose2d

    picture, filters = picture_and_kernel(data, kernel, channels_first=True)
    return conv_transpose2d.trace(
        picture,
        filters,
        bias_of(bias),
        stride=pair(stride, "--stride"),
        padding=padding_of(padding),
        output_padding=pair(output_padding, "--output-padding"),
        dilation=pair(dilation, "--dilation"),
        view=choice(view, "--view", "scatter", "insert"),
    )


def output_size(
    size: Annotated[int, option("D", "Input size, in rows or columns.")] = 64,
    kernel_size: Annotated[int, option("K", "Kernel size, in rows or columns.", "--kernel-size", "--kernel")] = 4,
    stride: Annotated[int, option("S", "Step of the kernel.")] = 1,
    padding: Annotated[str, option("P|same|valid", "Padding at each end.")] = "0",
    output_padding: Annotated[int, option("N", "For conv-transpose only.")] = 0,
    dilation: Annotated[int, option("N", "Distance between the values of the kernel.")] = 1,
    of: Annotated[str, option("conv|conv-transpose", "The operation.")] = "conv-transpose",
) -> "Trace":
    """Output size of a convolution or transposed convolution.

    repix explain output-size --size 64 --kernel-size 4 --stride 2 --padding 1
    repix explain output-size --size 64 --kernel-size 3 --stride 2 --of conv
    """
    from repix.arithmetic import conv_output_size, conv_transpose_output_size

    ends = padding_of(padding)
    if choice(of, "--of", "conv", "conv-transpose") == "conv-transpose":
        return conv_transpose_output_size.trace(size, kernel_size, stride, ends, output_padding, dilation)
    if output_padding:
        raise WrongUse("--output-padding is for conv-transpose only; leave it out with --of conv.")
    return conv_output_size.trace(size, kernel_size, stride, ends, dilation)
