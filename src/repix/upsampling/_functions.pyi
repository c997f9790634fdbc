"""The functions of `repix.upsampling`. Written by docs/make_stubs.py."""

from typing import Literal

from torch import nn

def bicubic(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
) -> nn.Module:
    """Return the upsampler bicubic as a torch layer.

    Bicubic: every new pixel is a weighted sum of the sixteen pixels around it.

    Sharper than bilinear, and overshoots at edges. Keys' kernel with a = -0.75, which is torch's and OpenCV's; MATLAB's
    and Pillow's -0.5 rings less, but torch has no layer for it, and a layer must give what its reference gives.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out: as many as go in.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        A layer, called `layer(x)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.bicubic(4, 4, scale=2)
    """

def bilinear(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
) -> nn.Module:
    """Return the upsampler bilinear as a torch layer.

    Bilinear: every new pixel is a weighted mean of the four pixels around it.

    Smooth, a little soft; learns nothing; cannot overshoot. Half-pixel centers, borders repeated.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out: as many as go in.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        A layer, called `layer(x)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.bilinear(4, 4, scale=2)
    """

def checkerboard_free(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
    *,
    kernel: int | None = None,
    bias: bool = True,
) -> nn.Module:
    """Return the upsampler checkerboard-free as a torch layer.

    Checkerboard-free: a transposed convolution whose kernel is held so that flat areas stay flat, while it learns too.

    An output pixel reads only some of the kernel: those of its phase, its place in the block of scale × scale. A flat area
    draws a checkerboard exactly when the sums of the phases differ. So before every use each phase gets the same amount
    added to all its numbers, such that all phases have the mean sum. Whatever an optimiser does to the numbers behind, the
    kernel in use keeps the law. The border is repeated, so the law holds up to it. The weights have the names and shapes of
    the transposed convolution, whose trained weights can be put in as they are.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out; left out: as many as go in.
        scale: How many times larger, more than 0 and at most 64.
        kernel: Side of the kernel; left out: twice the scale, from 1 to 99.
        bias: Whether a learned number is added to every channel.

    Returns:
        A layer, called `layer(x)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.checkerboard_free(8, 4, scale=2)
    """

def nearest(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
) -> nn.Module:
    """Return the upsampler nearest as a torch layer.

    Nearest: every pixel becomes a block of its own value.

    Sharp and blocky; learns nothing; cannot overshoot.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out: as many as go in.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        A layer, called `layer(x)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.nearest(4, 4, scale=2)
    """

def pixel_shuffle(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
    *,
    kernel: int = 3,
    icnr: bool = True,
    bias: bool = True,
) -> nn.Module:
    """Return the upsampler pixel-shuffle as a torch layer.

    Pixel shuffle: convolve to scale² channels for each wanted one, then lay them side by side as blocks of pixels.

    All learning happens on the small picture, which makes it the cheapest of those that learn. Untied kernels for the
    pixels of a block draw checkerboards at the start, so by default they start equal (ICNR): the layer then begins as
    the nearest enlargement of one convolution, and training may part them.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out; left out: as many as go in.
        scale: How many times larger, more than 0 and at most 64.
        kernel: Side of the kernel, odd, from 1 to 99.
        icnr: Whether the kernels of a block start equal, so that training begins without checkerboard.
        bias: Whether a learned number is added to every channel.

    Returns:
        A layer, called `layer(x)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.pixel_shuffle(8, 4, scale=2)
    """

def reshape(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
) -> nn.Module:
    """Return the upsampler reshape as a torch layer.

    Reshape: keep the numbers in the order they lie in memory, and call scale² channels one larger channel.

    Rows of different channels land one below the other, so neighbors in the result need not be neighbors in the
    picture: no tile equals the whole, and what comes out is a picture only if the layers around it learn to make one.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out: one for every scale² that go in.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        A layer, called `layer(x)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.reshape(16, 4, scale=2)
    """

def resize_conv(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
    *,
    method: Literal["nearest", "bilinear"] = "nearest",
    kernel: int = 3,
    bias: bool = True,
) -> nn.Module:
    """Return the upsampler resize-conv as a torch layer.

    Resize-convolution: interpolate, then convolve, so that no checkerboard can arise.

    Interpolation alone draws no checkerboard but adds no detail; the convolution adds it. The border is repeated for the
    convolution, so that flat areas stay flat up to the border. It computes scale² times more than a convolution before
    enlarging would.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out; left out: as many as go in.
        scale: How many times larger, more than 0 and at most 64.
        method: How it is enlarged before the convolution.
        kernel: Side of the kernel, odd, from 1 to 99.
        bias: Whether a learned number is added to every channel.

    Returns:
        A layer, called `layer(x)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.resize_conv(8, 4, scale=2)
    """

def transposed(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
    *,
    kernel: int | None = None,
    bias: bool = True,
) -> nn.Module:
    """Return the upsampler transposed as a torch layer.

    Transposed convolution: every pixel lays its scaled kernel on the result, and overlaps add up.

    Zeros around the picture, as in torch: near the border fewer kernels overlap. Where the kernels of neighbors overlap
    unevenly it draws checkerboards; see checkerboard-free. Any kernel from the scale on; the result is exactly scale times
    larger, with an output padding where the kernel needs one.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out; left out: as many as go in.
        scale: How many times larger, more than 0 and at most 64.
        kernel: Side of the kernel; left out: twice the scale, from 1 to 99.
        bias: Whether a learned number is added to every channel.

    Returns:
        A layer, called `layer(x)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.transposed(8, 4, scale=2)
    """

def unpool(
    in_channels: int,
    out_channels: int | None = None,
    scale: float = 2,
) -> nn.Module:
    """Return the upsampler unpool as a torch layer.

    Unpool: put every number back where the matching max pool found it, and zeros elsewhere.

    The matching pool is `max_pool` in this file: window and stride are the scale, so each number goes back into its own
    block. ONNX has no operation for unpooling; scattering the numbers of a plane to their places is the same, as fast in
    training as torch's own, and known to every engine.

    Args:
        in_channels: Channels of the features that go in.
        out_channels: Channels of the features that come out: as many as go in.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        A layer, called `layer(x, indices)`, that turns N×C×H×W into N×C'×(scale·H)×(scale·W).

    Raises:
        WrongUse: A parameter is unknown or out of its range, or the upsampler does not fit these channels and this
            scale.

    Example:
        >>> from repix import upsampling
        >>> layer = upsampling.unpool(4, 4, scale=2)
    """
