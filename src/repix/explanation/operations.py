"""The operations of `repix explain`: functions that return a trace; their parameters are the command's options."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

from repix.errors import WrongUse
from repix.explanation.composed_operations import conv_1x1, hypercolumns, icnr, mae, mse, phase_sums, resize_conv
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


def reshape(data: Data = CHANNELS, upscale_factor: Times = 2) -> "Trace":
    """Reshape: channels become pixels in memory order; neighbors are separated.

    repix explain reshape --data "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9"
    """
    from repix.arithmetic import reshape_upsample

    return reshape_upsample.trace(channels(data, "--data"), upscale_factor)


def pixel_shuffle(
    data: Data = CHANNELS,
    upscale_factor: Times = 2,
    half: Half = None,
) -> "Trace":
    """Pixel shuffle: channels become pixels; r·r channels give one, r times as high and wide.

    repix explain pixel-shuffle --data "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9"
    repix explain pixel-shuffle --half width
    """
    from repix import arithmetic

    halves = {"width": arithmetic.shuffle_width, "height": arithmetic.shuffle_height}
    operation = arithmetic.pixel_shuffle if half is None else halves[choice(half, "--half", "width", "height")]
    return operation.trace(channels(data, "--data"), upscale_factor)


def pixel_unshuffle(
    data: Data = "7 6 5 4; 7 3 8 8; 9 0 5 4; 2 6 0 9",
    downscale_factor: Annotated[int, option("R", "Downscaling factor.", "--downscale-factor", "--scale")] = 2,
) -> "Trace":
    """Pixel unshuffle: one channel becomes r·r smaller ones (the inverse).

    repix explain pixel-unshuffle --data "7 6 5 4; 7 3 8 8; 9 0 5 4; 2 6 0 9"
    """
    from repix import arithmetic

    return arithmetic.pixel_unshuffle.trace(channels(data, "--data"), downscale_factor)


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


def softmax(data: Values = "0.07 -0.65 0.81") -> "Trace":
    """Softmax: scores become probabilities with the sum 1.

    repix explain softmax --data "0.07 -0.65 0.81"
    """
    from repix import arithmetic

    return arithmetic.softmax.trace(row(data, "--data"))


def cross_entropy(
    data: Data = "0.60 0.13 0.27",
    target: Annotated[str, option("CLASSES", "The true class, counted from 0; of a map, rows of classes.")] = "0",
) -> "Trace":
    """Cross-entropy of probabilities and the true class, also over a map.

    The data are one row with a probability for each class, or a map with a channel for each class.

    repix explain cross-entropy --data "0.60 0.13 0.27" --target 0
    repix explain cross-entropy --data "0.9 0.2; 0.6 0.5 | 0.1 0.8; 0.4 0.5" --target "0 1; 1 1"
    """
    from repix import arithmetic

    probabilities, classes = array(data, "--data"), whole_numbers(target, "--target")
    if probabilities.ndim == 3:
        return arithmetic.cross_entropy.trace(probabilities, classes)
    if classes.size != 1:
        raise WrongUse(f"--target {target}: give one class for a row of probabilities, or data with a `|` per class.")
    return arithmetic.cross_entropy.trace(row(data, "--data"), int(classes.item()))


OPERATIONS: dict[str, Callable[..., "Trace"]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        conv,
        conv_dilated,
        conv_1x1,
        conv_transpose,
        max_pool,
        unpool,
        nearest,
        bilinear,
        bicubic,
        lanczos,
        resize_conv,
        reshape,
        pixel_shuffle,
        pixel_unshuffle,
        icnr,
        phase_sums,
        hypercolumns,
        sample,
        interpolate,
        output_size,
        softmax,
        cross_entropy,
        mae,
        mse,
    )
}
"""The operations by their command-line names."""


@contextmanager
def no_overflow() -> Iterator[None]:
    """Refuse numbers whose products overflow, within the block."""
    import numpy as np

    try:
        with np.errstate(over="raise", invalid="raise"):
            yield
    except FloatingPointError:
        raise WrongUse("A result is larger than the largest number, 1.8e308; give smaller numbers.") from None


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
