"""The functions of `repix.networks`. Written by docs/make_stubs.py."""

from typing import Literal

from torch import nn

def channel_mixer(
    *,
    in_channels: int = 1,
    out_channels: int = 1,
    upsampler: str = "corner-aligned",
    scale: int = 2,
    width: int = 64,
) -> nn.Module:
    """Return the network channel-mixer as a plain torch module.

    224×224 becomes 448×448 without a checkerboard: the enlargement learns nothing, and 1×1 mixes no neighbours.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        upsampler: An upsampler with its settings, or 'corner-aligned': bilinear as in the lecture.
        scale: How many times larger the result is, from 2 to 16.
        width: Channels that are mixed, from 1 to 4096.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.channel_mixer()(torch.zeros(1, 1, 224, 224)).shape
        torch.Size([1, 1, 448, 448])
    """

def compact(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    scale: int = 2,
    upsampler: str | None = None,
    depth: int = 8,
    width: int = 48,
    wide: bool = True,
) -> nn.Module:
    """Return the network compact as a plain torch module.

    3×3 convolutions with ReLU at the small size, the upsampler at the end, plus the picture.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        scale: How many times larger the result is; 1 enlarges nothing, from 1 to 16.
        upsampler: The upsampler, with its settings behind it; left out: pixel-shuffle, and none at scale 1.
        depth: Convolutions before the last, from 1 to 100.
        width: Channels between them, from 1 to 4096.
        wide: Whether every convolution is the sum of several, as it is trained.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.compact(wide=False, depth=2, width=8)(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 10, 14])
    """

def dense_reshape(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    size: int = 128,
    widths: tuple[int, ...] = (64, 128, 256, 512, 512, 512),
    norm: Literal["batch", "instance", "none"] = "batch",
) -> nn.Module:
    """Return the network dense-reshape as a plain torch module.

    Contractions, a dense layer from all features to all output pixels, a reshape.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        size: The one height and width that it takes, from 2 to 1024.
        widths: Channels of each level, the finest first, from 1 to 4096.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.dense_reshape(size=16, widths=(8, 8))(torch.zeros(1, 3, 16, 16)).shape
        torch.Size([1, 3, 16, 16])
    """

def dncnn(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    depth: int = 17,
    width: int = 64,
    norm: Literal["batch", "instance", "none"] = "batch",
) -> nn.Module:
    """Return the network dncnn as a plain torch module.

    Convolution and ReLU, then convolution, normalisation and ReLU many times, then a convolution; plus the picture.

    No biases before a normalisation, which would take them away again.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        depth: Convolutions in all, from 2 to 100.
        width: Channels between them, from 1 to 4096.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.dncnn(depth=3, width=8)(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 5, 7])
    """

def efficient_unet(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    upsampler: str = "transposed kernel=2",
    widths: tuple[int, ...] = (48, 96, 160),
    blocks: tuple[int, ...] = (2, 2, 3),
    front: int = 2,
    norm: Literal["batch", "instance", "none"] = "none",
    adds: bool = True,
    mean_free: bool = True,
    steered: bool = False,
) -> nn.Module:
    """Return the network efficient-unet as a plain torch module.

    Pixels to channels, a U-Net of residual blocks whose skips are added, channels to pixels, plus the picture.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        upsampler: The upsampler, with its settings behind it: 'transposed kernel=4'.
        widths: Channels of each level, the finest first, from 1 to 4096.
        blocks: Residual blocks of each level, on either side, from 1 to 64.
        front: The side of the blocks of pixels that become channels in front, from 1 to 4.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.
        adds: Whether the result is detail, added to the picture; otherwise the result has biases.
        mean_free: Whether what adds detail sees differences only, not brightness, so that flat pictures stay flat.
        steered: Whether the blur, told by the spectrum of the surroundings, steers the blocks.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.efficient_unet(widths=(8, 16), blocks=(1, 1))(torch.zeros(1, 3, 8, 4)).shape
        torch.Size([1, 3, 8, 4])
    """

def encoder_decoder(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    upsampler: str = "nearest",
    widths: tuple[int, ...] = (64, 128, 256, 512, 512),
    blocks: int = 1,
    norm: Literal["batch", "instance", "none"] = "batch",
    refine: bool = True,
) -> nn.Module:
    """Return the network encoder-decoder as a plain torch module.

    Contractions to the last width, then as many expansions back; no path leads around the narrow middle.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        upsampler: The upsampler, with its settings behind it: 'transposed kernel=4'.
        widths: Channels of each level, the finest first, from 1 to 4096.
        blocks: Convolutions of each level, from 1 to 16.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.
        refine: Whether convolutions follow each enlargement; without them the result lacks detail.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.encoder_decoder(widths=(8, 16))(torch.zeros(1, 3, 12, 8)).shape
        torch.Size([1, 3, 12, 8])
    """

def fcn(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    upsampler: str = "bilinear",
    variant: Literal["32s", "16s", "8s"] = "8s",
    widths: tuple[int, ...] = (64, 128, 256, 512, 512),
    convolutions: tuple[int, ...] = (2, 2, 3, 3, 3),
    head: int = 512,
    head_kernel: int = 3,
) -> nn.Module:
    """Return the network fcn as a plain torch module.

    Five levels of convolutions and pooling, scores by 1×1 convolutions, enlarged and added from coarse to fine.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        upsampler: The upsampler, with its settings behind it: 'transposed kernel=4'.
        variant: How coarse the finest scores are: 32, 16 or 8 pixels a score.
        widths: Channels of each level, the finest first, from 1 to 4096.
        convolutions: Convolutions of each level, from 1 to 16.
        head: Channels of the two layers that take the place of a classifier's dense ones, from 1 to 4096.
        head_kernel: Side of the kernel of the first of them, odd, from 1 to 31.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.fcn(widths=(4, 4, 4, 4, 4), head=8)(torch.zeros(1, 3, 32, 64)).shape
        torch.Size([1, 3, 32, 64])
    """

def hypercolumn(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    upsampler: str = "bilinear",
    widths: tuple[int, ...] = (32, 64, 128, 256),
    blocks: int = 1,
    norm: Literal["batch", "instance", "none"] = "batch",
) -> nn.Module:
    """Return the network hypercolumn as a plain torch module.

    Convolutions at full size, half, a quarter ...; a 1×1 convolution mixes every pixel's column of all of them.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        upsampler: The upsampler, with its settings behind it: 'transposed kernel=4'.
        widths: Channels of each level, the finest first, from 1 to 4096.
        blocks: Convolutions of each level, from 1 to 16.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> module = networks.hypercolumn(widths=(8, 16))
        >>> module.columns(torch.zeros(1, 3, 4, 6)).shape
        torch.Size([1, 24, 4, 6])
    """

def picture_unet(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    upsampler: str = "transposed kernel=4",
    scale: int = 1,
    widths: tuple[int, ...] = (),
    norm: Literal["batch", "instance", "none"] = "batch",
) -> nn.Module:
    """Return the network picture-unet as a plain torch module.

    Contractions, then upsamplers with ReLU and normalisation, each joined by the features of its size; tanh.

    Pictures are in [0, 1] outside and in [-1, 1] inside. The upsamplers change the number of channels themselves, so
    only those that can do so fit.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        upsampler: The upsampler, with its settings behind it: 'transposed kernel=4'.
        scale: How many times larger the result is: 1, 2, 4 or 8, from 1 to 8.
        widths: Channels of each level, the finest first; left out: 64 128 256 512, and 512 again at scale 1, from 1 to
            4096.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.picture_unet(widths=(8, 16), scale=4)(torch.zeros(1, 3, 8, 4)).shape
        torch.Size([1, 3, 32, 16])
    """

def pixelwise(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    widths: tuple[int, ...] = (64, 64),
    norm: Literal["batch", "instance", "none"] = "batch",
) -> nn.Module:
    """Return the network pixelwise as a plain torch module.

    1×1 convolutions with ReLU and normalisation, then a 1×1 convolution to the classes.

    It sees colours and nothing around them, which is why it tells grass from a green shirt no better than K-means does.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        widths: Channels of each level, the finest first, from 1 to 4096.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.pixelwise()(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 5, 7])
    """

def super_resolution(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    scale: int = 2,
    framework: Literal["pre", "post", "progressive", "iterative"] = "post",
    block: Literal["residual", "recursive", "channel-attention", "dense", "local-multi-path", "scale-multi-path", "group", "pyramid"] = "residual",
    upsampler: str | None = None,
    depth: int = 8,
    width: int = 64,
) -> nn.Module:
    """Return the network super-resolution as a plain torch module.

    One description, 4 × 8 networks; each adds its detail to the picture enlarged without learning.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        scale: How many times larger the result is, from 2 to 16.
        framework: Where it is enlarged: before the blocks, after them, between, or to and fro.
        block: What the features are worked on with.
        upsampler: The upsampler, with its settings behind it; left out: the framework's own.
        depth: Blocks; at each step of 'progressive', from 1 to 256.
        width: Channels of the features, from 1 to 4096.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> module = networks.super_resolution(framework="progressive", block="dense", scale=4, depth=1, width=8)
        >>> module(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 20, 28])
    """

def unet(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    upsampler: str = "nearest",
    skip: Literal["concat", "add", "none"] = "concat",
    widths: tuple[int, ...] = (64, 128, 256, 512, 512),
    blocks: int = 1,
    norm: Literal["batch", "instance", "none"] = "batch",
) -> nn.Module:
    """Return the network unet as a plain torch module.

    Contractions, then expansions that each get the features of the same size from the way down.

    Without skips it is the encoder-decoder, number for number.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        upsampler: The upsampler, with its settings behind it: 'transposed kernel=4'.
        skip: How fine features join those that come back.
        widths: Channels of each level, the finest first, from 1 to 4096.
        blocks: Convolutions of each level, from 1 to 16.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.unet(widths=(8, 16), skip="add")(torch.zeros(1, 3, 12, 8)).shape
        torch.Size([1, 3, 12, 8])
    """

def wide_kernel(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    kernels: tuple[int, ...] = (5, 5),
    width: int = 64,
    norm: Literal["batch", "instance", "none"] = "batch",
) -> nn.Module:
    """Return the network wide-kernel as a plain torch module.

    Convolutions with wide kernels, ReLU and normalisation, then a 1×1 convolution to the classes.

    Work grows with the square of the kernel, sight only with its side: the reason to shrink the picture instead.

    Args:
        in_channels: Channels of the pictures that go in, from 1 to 4096.
        out_channels: Channels of the pictures that come out, or classes, from 1 to 4096.
        kernels: Side of the kernel of each convolution, odd, from 1 to 31.
        width: Channels of each convolution, from 1 to 4096.
        norm: What brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.wide_kernel(kernels=(9, 5))(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 5, 7])
    """
