"""Operations that are made of several others, and phase sums of a kernel."""

from typing import TYPE_CHECKING, Annotated

from repix.errors import WrongUse
from repix.explanation.option_values import array, channels, choice, row
from repix.explanation.options import Data, Times, option

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

SquareKernel = Annotated[str, option("NUMBERS", "Rows are separated by `;`.")]


def conv_1x1(
    data: Data = "1 2; 3 4 | 5 6; 7 8 | 0 1; 1 0",
    weights: Annotated[
        str, option("NUMBERS", "One row for each output channel, one number for each channel of the data.")
    ] = "1 0.5 0; -1 1 2",
    bias: Annotated[str | None, option("NUMBERS", "One number for each output channel.")] = None,
) -> "Trace":
    """1×1 convolution: mixes channels; each output is a weighted sum of them.

    repix explain conv-1x1 --data "1 2; 3 4 | 5 6; 7 8" --weights "1 1; 0.5 -0.5; 0 2"
    """
    from repix.explanation.compositions import mixing_trace

    added = None if bias is None else row(bias, "--bias")
    return mixing_trace(channels(data, "--data"), array(weights, "--weights"), added)


def resize_conv(
    data: Data = "1 5; 4 8",
    kernel: SquareKernel = "0 0.1 0; 0.1 0.6 0.1; 0 0.1 0",
    scale_factor: Annotated[int, option("R", "Scale factor.", "--scale-factor", "--scale")] = 2,
    mode: Annotated[str, option("nearest|bilinear", "The interpolation.")] = "nearest",
) -> "Trace":
    """Resize-convolution: interpolates, then convolves; no checkerboard.

    repix explain resize-conv --data "1 5; 4 8" --kernel "0 1 0; 1 -4 1; 0 1 0" --mode bilinear
    """
    from repix.explanation.compositions import resize_conv_trace

    picture = array(data, "--data")
    if picture.ndim != 2:
        raise WrongUse(f"--data has {len(picture)} channels; resize-conv is shown for one.")
    return resize_conv_trace(
        picture, array(kernel, "--kernel"), scale_factor, choice(mode, "--mode", "nearest", "bilinear")
    )


def hypercolumns(
    data: Data = "1 2 3 4; 5 6 7 8; 9 8 7 6; 5 4 3 2",
    deeper: Annotated[str, option("NUMBERS", "A smaller map of a deeper layer.")] = "10 20; 30 40 | 1 0; 0 1",
    mode: Annotated[str, option("nearest|bilinear|bicubic", "The interpolation.")] = "bilinear",
) -> "Trace":
    """Hypercolumns: maps of several depths, enlarged and stacked per pixel.

    `repix explain hypercolumn MODEL PHOTO` shows those of a trained model.

    repix explain hypercolumns --data "1 2 3 4; 5 6 7 8" --deeper "10 20" --mode nearest
    """
    from repix.explanation.compositions import hypercolumns_trace

    first, second = channels(data, "--data"), channels(deeper, "--deeper")
    return hypercolumns_trace(first, second, choice(mode, "--mode", "nearest", "bilinear", "bicubic"))


def icnr(
    data: Data = "1 5; 4 8", kernel: SquareKernel = "0 0.1 0; 0.1 0.6 0.1; 0 0.1 0", upscale_factor: Times = 2
) -> "Trace":
    """ICNR initialization: equal filters, so pixel shuffle starts as nearest.

    repix explain icnr --data "1 5; 4 8" --kernel "1"
    """
    from repix.explanation.compositions import icnr_trace

    return icnr_trace(array(data, "--data"), array(kernel, "--kernel"), upscale_factor)


def phase_sums(
    kernel: SquareKernel = "1 1 1; 1 1 1; 1 1 1", stride: Annotated[int, option("S", "Step of the kernel.")] = 2
) -> "Trace":
    """Phase sums of a kernel, which make a checkerboard if they differ.

    repix explain phase-sums --kernel "1 2 1; 2 4 2; 1 2 1" --stride 2
    """
    from repix.explanation.compositions import phase_trace

    return phase_trace(array(kernel, "--kernel"), stride)
