"""Pixel shuffle and related rearrangements: channels become pixels, or pixels channels; no value changes."""

import numpy as np

from repix.arithmetic.arrays import Array, require_dimensions, require_floats, whole
from repix.arithmetic.step_text import format_numbers, format_position, format_region, plural, require_short_trace
from repix.arithmetic.trace import Region, Stage, Trace, copy_step, traced_by
from repix.errors import WrongShape


def _trace_pixel_shuffle(picture: Array, upscale_factor: int) -> Trace:
    return _trace_blocks(
        "pixel-shuffle", picture, pixel_shuffle(picture, upscale_factor), upscale_factor, upscale_factor
    )


@traced_by(_trace_pixel_shuffle)
def pixel_shuffle(picture: Array, upscale_factor: int) -> Array:
    """Return r² channels rearranged into blocks of r×r pixels: (N×)(C·r²)×H×W to (N×)C×rH×rW.

    Args:
        picture: C×H×W or N×C×H×W, of float32 or float64.
        upscale_factor: the scale factor r of height and width.

    Returns:
        The rearranged picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2).tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]
    """
    return _to_blocks(picture, whole(upscale_factor, "upscale_factor", 1), upscale_factor)


def _trace_shuffle_width(picture: Array, upscale_factor: int) -> Trace:
    return _trace_blocks("shuffle-width", picture, shuffle_width(picture, upscale_factor), 1, upscale_factor)


@traced_by(_trace_shuffle_width)
def shuffle_width(picture: Array, upscale_factor: int) -> Array:
    """Return the first half of a pixel shuffle: r channels side by side, (C·r)×H×W to C×H×rW.

    Args:
        picture: C×H×W or N×C×H×W, of float32 or float64.
        upscale_factor: the scale factor r of height and width.

    Returns:
        The rearranged picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> shuffle_width(np.arange(4.0).reshape(4, 1, 1), 2).tolist()
    [[[0.0, 1.0]], [[2.0, 3.0]]]
    """
    return _to_blocks(picture, 1, whole(upscale_factor, "upscale_factor", 1))


def _trace_shuffle_height(picture: Array, upscale_factor: int) -> Trace:
    return _trace_blocks("shuffle-height", picture, shuffle_height(picture, upscale_factor), upscale_factor, 1)


@traced_by(_trace_shuffle_height)
def shuffle_height(picture: Array, upscale_factor: int) -> Array:
    """Return the second half of a pixel shuffle: r channels below each other, (C·r)×H×W to C×rH×W.

    Args:
        picture: C×H×W or N×C×H×W, of float32 or float64.
        upscale_factor: the scale factor r of height and width.

    Returns:
        The rearranged picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> shuffle_height(np.array([[[0.0, 1.0]], [[2.0, 3.0]]]), 2).tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]
    """
    return _to_blocks(picture, whole(upscale_factor, "upscale_factor", 1), 1)


def _to_blocks(picture: Array, down: int, across: int) -> Array:
    """Return down·across channels rearranged into blocks of down × across pixels."""
    require_channels(picture, down * across)
    *lead, channels, height, width = picture.shape
    split = picture.reshape(*lead, channels // (down * across), down, across, height, width)
    n = len(lead)
    order = (*range(n + 1), n + 3, n + 1, n + 4, n + 2)  # (..., C, H, down, W, across)
    return split.transpose(order).copy().reshape(*lead, channels // (down * across), down * height, across * width)


def _trace_blocks(operation: str, picture: Array, output: Array, down: int, across: int) -> Trace:
    """Return one step for each block of the output."""
    require_short_trace(output.size // (down * across))
    stage = Stage("output", "Channels as pixels", np.zeros_like(output))
    steps = []
    for *lead, c, y, x in np.ndindex(*output.shape[:-2], *picture.shape[-2:]):
        first = c * down * across
        batch = tuple(slice(i, i + 1) for i in lead)
        source = (*batch, slice(first, first + down * across), slice(y, y + 1), slice(x, x + 1))
        rows, columns = slice(y * down, (y + 1) * down), slice(x * across, (x + 1) * across)
        target = (*batch, slice(c, c + 1), rows, columns)
        values = output[target]
        text = (
            f"{format_position(y, x)}: {format_numbers(values)} from channels {first} to {first + down * across - 1} "
            f"become {format_region(rows, columns)} of channel {c}"
        )
        steps.append(copy_step(text, values, Region("picture", source), target))
    return Trace(operation, (stage,), tuple(steps), {"picture": picture})


def _trace_pixel_unshuffle(picture: Array, downscale_factor: int) -> Trace:
    output, scale = pixel_unshuffle(picture, downscale_factor), downscale_factor
    require_short_trace(output.size // scale**2)
    stage = Stage("output", "Output", np.zeros_like(output))
    steps = []
    for *lead, c, y, x in np.ndindex(*picture.shape[:-2], *output.shape[-2:]):
        first = c * scale**2
        batch = tuple(slice(i, i + 1) for i in lead)
        target = (*batch, slice(first, first + scale**2), slice(y, y + 1), slice(x, x + 1))
        rows, columns = slice(y * scale, (y + 1) * scale), slice(x * scale, (x + 1) * scale)
        source = (*batch, slice(c, c + 1), rows, columns)
        values = output[target]
        text = (
            f"{format_region(rows, columns)} of channel {c}: {format_numbers(values)} become {format_position(y, x)} "
            f"of channels {first} to {first + scale**2 - 1}"
        )
        steps.append(copy_step(text, values, Region("picture", source), target))
    return Trace("pixel-unshuffle", (stage,), tuple(steps), {"picture": picture})


@traced_by(_trace_pixel_unshuffle)
def pixel_unshuffle(picture: Array, downscale_factor: int) -> Array:
    """Return blocks of r×r pixels rearranged into channels, the inverse of `pixel_shuffle`.

    (N×)C×rH×rW becomes (N×)(C·r²)×H×W.

    Args:
        picture: C×H×W or N×C×H×W, of float32 or float64.
        downscale_factor: the scale factor r of height and width.

    Returns:
        The rearranged picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> pixel_unshuffle(np.array([[[0.0, 1.0], [2.0, 3.0]]]), 2).tolist()
    [[[0.0]], [[1.0]], [[2.0]], [[3.0]]]
    """
    scale = whole(downscale_factor, "downscale_factor", 1)
    require_channels(picture, 1)
    *lead, channels, height, width = picture.shape
    if height % scale or width % scale:
        raise WrongShape(
            f"picture has {height}×{width} pixels; both sides must be multiples of downscale_factor {scale}."
        )
    split = picture.reshape(*lead, channels, height // scale, scale, width // scale, scale)
    n = len(lead)
    order = (*range(n + 1), n + 2, n + 4, n + 1, n + 3)
    return split.transpose(order).copy().reshape(*lead, channels * scale**2, height // scale, width // scale)


def _trace_reshape_upsample(picture: Array, upscale_factor: int) -> Trace:
    output, scale = reshape_upsample(picture, upscale_factor), upscale_factor
    require_short_trace(picture.size // picture.shape[-1])
    height, width = picture.shape[-2:]
    stage = Stage("output", "The same values in the same order", np.zeros_like(output))
    steps = []
    for *lead, c, y in np.ndindex(picture.shape[:-1]):
        start = (c % scale**2) * height * width + y * width  # in the output's plane, row by row
        row, column = divmod(start, scale * width)
        batch = tuple(slice(i, i + 1) for i in lead)
        rows, columns = slice(row, row + 1), slice(column, column + width)
        target = (*batch, slice(c // scale**2, c // scale**2 + 1), rows, columns)
        source = (*batch, slice(c, c + 1), slice(y, y + 1), slice(0, width))
        values = picture[source]
        text = (
            f"channel {c}, row {y}: {format_numbers(values)} become {format_region(rows, columns)} of channel "
            f"{c // scale**2}"
        )
        steps.append(copy_step(text, values, Region("picture", source), target))
    return Trace("reshape", (stage,), tuple(steps), {"picture": picture})


@traced_by(_trace_reshape_upsample)
def reshape_upsample(picture: Array, upscale_factor: int) -> Array:
    """Return the values in the same memory order with a larger shape: (N×)(C·r²)×H×W to (N×)C×rH×rW.

    Args:
        picture: C×H×W or N×C×H×W, of float32 or float64.
        upscale_factor: the scale factor r of height and width.

    Returns:
        The rearranged picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> reshape_upsample(np.arange(8.0).reshape(4, 1, 2), 2).tolist()
    [[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]]]
    """
    scale = whole(upscale_factor, "upscale_factor", 1)
    require_channels(picture, scale**2)
    *lead, channels, height, width = picture.shape
    return picture.reshape(*lead, channels // scale**2, scale * height, scale * width).copy()


def require_channels(picture: Array, multiple: int) -> None:
    """Refuse all but floats (N×)C×H×W whose number of channels is a multiple of a number.

    >>> require_channels(np.ones((3, 2, 2)), 4)
    Traceback (most recent call last):
    repix.errors.WrongShape: picture has 3 channels; they must be a multiple of 4 to become blocks of 4 pixels.
    """
    require_floats(picture, "picture")
    require_dimensions(picture, "picture", 3, 4)
    channels = picture.shape[-3]
    if channels % multiple:
        raise WrongShape(
            f"picture has {plural(channels, 'channel')}; they must be a multiple of {multiple} to become blocks of "
            f"{multiple} pixels."
        )
