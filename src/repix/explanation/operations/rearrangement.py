"""Channels that become pixels, and pixels that become channels."""

from typing import TYPE_CHECKING, Annotated

from repix.explanation.option_values import channels, choice
from repix.explanation.options import Data, Half, Times, option

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

CHANNELS = "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9"


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
