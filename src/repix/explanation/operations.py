"""The operations of `repix explain`: each a function whose parameters are its options and whose answer is a trace."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from repix.errors import WrongUse
from repix.explanation.option_values import (
    array,
    bias_of,
    channels,
    choice,
    padding_of,
    pair,
    picture_and_kernel,
    row,
    whole_numbers,
)
from repix.explanation.options import (
    A,
    AlignCorners,
    Antialias,
    Bias,
    Cut,
    Data,
    Dilation,
    Half,
    Kernel,
    OutputPadding,
    Padding,
    Pair,
    Positions,
    ScaleFactor,
    Size,
    Stride,
    Times,
    Values,
    option,
)

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

BINARY = "0 1 0 1 1; 0 0 1 1 0; 1 1 0 1 0; 0 1 0 0 1; 0 0 1 1 0"
LAPLACIAN = "0 1 0; 1 -4 1; 0 1 0"
TWO_BY_TWO = "1 2; 3 4"
BLOCK = "1 5; 4 8"
CHANNELS = "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9"
SQUARE = "1 2 3 4; 5 6 7 8; 9 8 7 6; 5 4 3 2"


def conv(
    data: Data = BINARY,
    kernel: Kernel = LAPLACIAN,
    stride: Stride = "1",
    padding: Padding = "0",
    dilation: Dilation = "1",
    bias: Bias = None,
) -> "Trace":
    """Convolution: a window slides, its numbers times the kernel are added up.

    As in neural networks the kernel is not flipped. Left alone, it detects edges.

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
    """Dilated (atrous) convolution: the kernel is spread, the data is not.

    Some texts call it another name of the transposed convolution. It is not: that one spreads the data. Both are shown.

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
        str, option("scatter|insert", "Lay scaled kernels and add them, or insert zeros and slide a flipped kernel.")
    ] = "scatter",
) -> "Trace":
    """Transposed convolution, also called up-convolution: makes maps larger.

    Two views of one arithmetic: scaled kernels laid on the output and added (scatter), or zeros inserted between the
    data and a flipped kernel slid along (insert).

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


def max_pool(
    data: Data = SQUARE,
    kernel_size: Annotated[str, option(Pair, "The size of the windows.")] = "2",
    stride: Annotated[str | None, option(Pair, "How far windows lie apart; left out: their size.")] = None,
    padding: Annotated[str, option(Pair, "Rows and columns around the data, never the largest.")] = "0",
    dilation: Annotated[str, option(Pair, "Distance between a window's numbers.")] = "1",
) -> "Trace":
    """Max pooling: the largest number of each window, and where it stood.

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
    indices: Annotated[str, option("NUMBERS", "Where each number stood, counted row by row from 0.")] = "5 7; 8 10",
    output_size: Annotated[str, option(Pair, "The output's rows and columns.", "--output-size", "--size")] = "4",
) -> "Trace":
    """Max unpooling: maxima go back to where they stood, zeros elsewhere.

    repix explain unpool --data "6 8; 9 7" --indices "5 7; 8 10" --output-size 4
    """
    from repix.arithmetic import max_unpool2d

    places, size = whole_numbers(indices, "--indices"), pair(output_size, "--output-size")
    return max_unpool2d.trace(array(data, "--data"), places, size)


def nearest(
    data: Data = BLOCK, scale_factor: ScaleFactor = None, size: Size = None, align_corners: AlignCorners = False
) -> "Trace":
    """Nearest neighbor: every new pixel copies the old pixel it lies in.

    Torch calls this "nearest-exact".

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
    """Bilinear: every new pixel is a mixture of the four old ones around it.

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
    """Bicubic: every new pixel is a mixture of 4×4 old ones.

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
    """Lanczos: every new pixel is a mixture of 6×6 old ones, the sharpest of these.

    repix explain lanczos --data "1 2 4 8; 1 2 4 8; 1 2 4 8" --scale-factor 2
    """
    return _resize("lanczos", data, scale_factor, size, align_corners, antialias)


def reshape(data: Data = CHANNELS, upscale_factor: Times = 2) -> "Trace":
    """Reshape: channels become size by memory order alone, so neighbors are torn apart.

    repix explain reshape --data "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9"
    """
    from repix.arithmetic import reshape_upsample

    return reshape_upsample.trace(channels(data, "--data"), upscale_factor)


def pixel_shuffle(
    data: Data = CHANNELS,
    upscale_factor: Times = 2,
    half: Half = None,
) -> "Trace":
    """Pixel shuffle: r·r channels become one that is r times as high and wide.

    repix explain pixel-shuffle --data "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9"
    repix explain pixel-shuffle --half width
    """
    from repix import arithmetic

    halves = {"width": arithmetic.shuffle_width, "height": arithmetic.shuffle_height}
    operation = arithmetic.pixel_shuffle if half is None else halves[choice(half, "--half", "width", "height")]
    return operation.trace(channels(data, "--data"), upscale_factor)


def pixel_unshuffle(
    data: Data = "7 6 5 4; 7 3 8 8; 9 0 5 4; 2 6 0 9",
    downscale_factor: Annotated[int, option("R", "How many times as small.", "--downscale-factor", "--scale")] = 2,
) -> "Trace":
    """Pixel unshuffle: the way back, one channel becomes r·r smaller ones.

    repix explain pixel-unshuffle --data "7 6 5 4; 7 3 8 8; 9 0 5 4; 2 6 0 9"
    """
    from repix import arithmetic

    return arithmetic.pixel_unshuffle.trace(channels(data, "--data"), downscale_factor)


def sample(
    data: Data = "10 20; 30 40",
    points: Annotated[str, option("X,Y", "The point; more by `;`. (0, 0) is the first pixel's center.")] = "0.6, 0.7",
    x: Annotated[str, option("right|down", "Where x points: along a row as in pictures, or down the rows.")] = "right",
) -> "Trace":
    """Bilinear interpolation at one point between four pixels.

    Texts differ in where x points, and so in the answer: see --x.

    repix explain sample --data "10 20; 30 40" --points "0.6, 0.7" --x right
    repix explain sample --data "10 20; 30 40" --points "0.6, 0.7" --x down
    """
    from repix.arithmetic import sample_bilinear
    from repix.arithmetic.step_text import plural

    asked = array(points, "--points")
    if asked.ndim != 2 or asked.shape[1] != 2:
        raise WrongUse(f'--points "{points}" has {plural(asked.shape[-1], "number")} in a row; give two: x and y.')
    asked = asked[0] if len(asked) == 1 else asked
    return sample_bilinear.trace(array(data, "--data"), asked, x=choice(x, "--x", "right", "down"))


def interpolate(
    data: Values = "10 30 20",
    positions: Positions = None,
    at: Annotated[str, option("NUMBERS", "Where new numbers are wanted.")] = "0.25 1.5",
    method: Annotated[str, option("linear|nearest", "A mixture of the two neighbors, or the nearer one.")] = "linear",
) -> "Trace":
    """Interpolation in one dimension: numbers between known ones.

    repix explain interpolate --data "10 30 20" --positions "0 1 4" --at 2.5
    """
    import numpy as np

    from repix.arithmetic import interpolate_1d

    values = row(data, "--data")
    known = np.arange(len(values), dtype=float) if positions is None else row(positions, "--positions")
    kind = choice(method, "--method", "linear", "nearest")
    return interpolate_1d.trace(row(at, "--at"), known, values, method=kind)


def output_size(
    size: Annotated[int, option("D", "Rows or columns that go in.")] = 64,
    kernel_size: Annotated[int, option("K", "Rows or columns of the kernel.", "--kernel-size", "--kernel")] = 4,
    stride: Annotated[int, option("S", "How far the kernel moves at a time.")] = 1,
    padding: Annotated[str, option("P|same|valid", "Padding on either side.")] = "0",
    output_padding: Annotated[int, option("N", "Of a transposed convolution only.")] = 0,
    dilation: Annotated[int, option("N", "Distance between the kernel's numbers.")] = 1,
    of: Annotated[str, option("conv|conv-transpose", "Of which operation.")] = "conv-transpose",
) -> "Trace":
    """How many rows or columns come out of a (transposed) convolution.

    repix explain output-size --size 64 --kernel-size 4 --stride 2 --padding 1
    repix explain output-size --size 64 --kernel-size 3 --stride 2 --of conv
    """
    from repix.arithmetic import conv_output_size, conv_transpose_output_size

    ends = padding_of(padding)
    if choice(of, "--of", "conv", "conv-transpose") == "conv-transpose":
        return conv_transpose_output_size.trace(size, kernel_size, stride, ends, output_padding, dilation)
    if output_padding:
        raise WrongUse("--output-padding belongs to a transposed convolution; leave it out with --of conv.")
    return conv_output_size.trace(size, kernel_size, stride, ends, dilation)


def softmax(data: Values = "0.07 -0.65 0.81") -> "Trace":
    """Softmax: any numbers become probabilities that add up to 1.

    repix explain softmax --data "0.07 -0.65 0.81"
    """
    from repix import arithmetic

    return arithmetic.softmax.trace(row(data, "--data"))


def cross_entropy(
    data: Values = "0.60 0.13 0.27",
    target: Annotated[int, option("CLASS", "The right class, counted from 0.")] = 0,
) -> "Trace":
    """Cross-entropy: how far probabilities are from the right class.

    repix explain cross-entropy --data "0.60 0.13 0.27" --target 0
    """
    from repix import arithmetic

    return arithmetic.cross_entropy.trace(row(data, "--data"), target)


OPERATIONS: dict[str, Callable[..., "Trace"]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        conv,
        conv_dilated,
        conv_transpose,
        max_pool,
        unpool,
        nearest,
        bilinear,
        bicubic,
        lanczos,
        reshape,
        pixel_shuffle,
        pixel_unshuffle,
        sample,
        interpolate,
        output_size,
        softmax,
        cross_entropy,
    )
}
"""Every operation by the name that the command line has for it."""


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
