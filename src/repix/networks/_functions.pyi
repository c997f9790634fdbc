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

    A 3×3 convolution, upsampling, and a 1×1 convolution; by default the upsampling has no weights.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings; 'corner-aligned': bilinear, aligned corners.
        scale: Upsampling factor, from 2 to 16.
        width: Hidden channels, from 1 to 4096.

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
    noise_level: bool = False,
    scale: int = 2,
    upsampler: str | None = None,
    depth: int = 8,
    width: int = 48,
    multi_branch: bool = True,
) -> nn.Module:
    """Return the network compact as a plain torch module.

    3×3 convolutions with ReLU at the small size, the upsampler at the end, plus the picture.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        noise_level: The last input channel is a noise level.
        scale: Upsampling factor; 1: none, from 1 to 16.
        upsampler: Upsampler with its settings; default: pixel-shuffle, or none at scale 1.
        depth: Convolutions before the last one, from 1 to 100.
        width: Hidden channels, from 1 to 4096.
        multi_branch: Multi-branch convolutions, for training; export merges the branches.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.compact(multi_branch=False, depth=2, width=8)(torch.zeros(1, 3, 5, 7)).shape
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

    An encoder, a dense layer from all features to all output pixels, and a reshape.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        size: Height and width of all pictures, from 2 to 1024.
        widths: Channels of each level, finest first, from 1 to 4096.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.

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
    noise_level: bool = False,
    depth: int = 17,
    width: int = 64,
    norm: Literal["batch", "instance", "none"] = "batch",
) -> nn.Module:
    """Return the network dncnn as a plain torch module.

    A DnCNN: convolution and ReLU; convolution, normalization and ReLU (repeated); convolution; residual.

    No biases before a normalization, which would take them away again.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        noise_level: The last input channel is a noise level.
        depth: Number of convolutions, from 2 to 100.
        width: Hidden channels, from 1 to 4096.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.

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
    noise_level: bool = False,
    upsampler: str = "transposed kernel=2",
    widths: tuple[int, ...] = (48, 96, 160),
    blocks: tuple[int, ...] = (2, 2, 3),
    unshuffle: int = 2,
    norm: Literal["batch", "instance", "none"] = "none",
    global_residual: bool = True,
    mean_free: bool = True,
    conditioned: bool = False,
) -> nn.Module:
    """Return the network efficient-unet as a plain torch module.

    Pixels to channels, a U-Net of residual blocks whose skips are added, channels to pixels, plus the picture.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        noise_level: The last input channel is a noise level.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        widths: Channels of each level, finest first, from 1 to 4096.
        blocks: Residual blocks per level, in encoder and decoder, from 1 to 64.
        unshuffle: Pixel unshuffle factor of the input, from 1 to 4.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.
        global_residual: Add the output to the input; otherwise the output has biases.
        mean_free: Mean-free first convolution, so that constant pictures stay constant; needs global_residual.
        conditioned: Condition the blocks on a descriptor of the local blur.

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

    An encoder and a decoder without skip connections.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        widths: Channels of each level, finest first, from 1 to 4096.
        blocks: Convolutions per level, from 1 to 16.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.
        refine: Convolutions after each upsampler; without them the result lacks detail.

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

    An FCN: five levels with pooling, and 1×1 scores that are upsampled and added from coarse to fine.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        variant: Stride of the finest scores: 32, 16 or 8 pixels.
        widths: Channels of each level, finest first, from 1 to 4096.
        convolutions: Convolutions per level, from 1 to 16.
        head: Channels of the two layers that replace a classifier's dense layers, from 1 to 4096.
        head_kernel: Kernel size of the first of these layers, odd, from 1 to 31.

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

    A hypercolumn network: an encoder, whose features are concatenated per pixel, and a 1×1 convolution.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        widths: Channels of each level, finest first, from 1 to 4096.
        blocks: Convolutions per level, from 1 to 16.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.

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

def luma_chroma(
    *,
    in_channels: int = 1,
    out_channels: int = 3,
    upsampler: str = "transposed kernel=2",
    luma_widths: tuple[int, ...] = (48, 96, 160),
    luma_blocks: tuple[int, ...] = (2, 2, 3),
    luma_unshuffle: int = 2,
    chroma_widths: tuple[int, ...] = (32, 64, 128, 160),
    chroma_blocks: tuple[int, ...] = (1, 1, 2, 3),
    chroma_unshuffle: int = 4,
) -> nn.Module:
    """Return the network luma-chroma as a plain torch module.

    Two efficient U-Nets: noisy gray to luma, then luma to chroma.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        luma_widths: Channels of each level, finest first, from 1 to 4096.
        luma_blocks: Residual blocks per level, in encoder and decoder, from 1 to 64.
        luma_unshuffle: Pixel unshuffle factor of the denoiser's input, from 1 to 4.
        chroma_widths: Channels of each level, finest first, from 1 to 4096.
        chroma_blocks: Residual blocks per level, in encoder and decoder, from 1 to 64.
        chroma_unshuffle: Pixel unshuffle factor of the colorizer's input, from 1 to 4.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.luma_chroma()(torch.zeros(1, 1, 32, 64)).shape
        torch.Size([1, 3, 32, 64])
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

    A U-Net of upsamplers with ReLU and normalization, concatenated skips, and tanh.

    Pictures are in [0, 1] outside and in [-1, 1] inside the network. The upsamplers change the number of channels, so
    only those that can do so fit.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        scale: Upsampling factor: 1, 2, 4 or 8, from 1 to 8.
        widths: Channels of each level, finest first; default: 64 128 256 512, and 512 again at scale 1, from 1 to 4096.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.

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

    Build 1×1 convolutions with ReLU and normalization, and a 1×1 convolution to the classes.

    The network uses no context, so like K-means it cannot distinguish grass from a green shirt.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        widths: Channels of each level, finest first, from 1 to 4096.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.

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

def rrdb(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    scale: int = 4,
    upsampler: str = "resize-conv",
    variant: Literal["small", "paper"] = "small",
    depth: int = 0,
    width: int = 0,
    growth: int = 0,
) -> nn.Module:
    """Return the network rrdb as a plain torch module.

    Residual-in-residual dense blocks at the small size, upsamplers, two convolutions, plus the enlarged picture.

    The published network returns the picture itself, without adding the enlarged one; the parameters are the same.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        scale: Upsampling factor, from 2 to 16.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        variant: Small trains on a processor; paper has the published 16.7 million parameters.
        depth: Residual-in-residual blocks; 0: the variant's, from 0 to 256.
        width: Channels between blocks; 0: the variant's, from 0 to 4096.
        growth: Channels that each convolution of a dense block adds; 0: the variant's, from 0 to 4096.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.rrdb(depth=1, width=8, growth=4)(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 20, 28])
    """

def sft(
    *,
    in_channels: int = 4,
    out_channels: int = 3,
    scale: int = 4,
    upsampler: str = "pixel-shuffle",
    depth: int = 8,
    width: int = 48,
    condition: int = 16,
    choice: int = 0,
) -> nn.Module:
    """Return the network sft as a plain torch module.

    3×3 convolutions with feature transforms and ReLU at the small size, the upsampler at the end, plus the picture.

    Without the transforms, it is the network `compact` as exported, whose weights fit.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        scale: Upsampling factor, from 2 to 16.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        depth: Convolutions before the last one, from 1 to 100.
        width: Hidden channels, from 1 to 4096.
        condition: Channels that the map becomes, from 1 to 4096.
        choice: Hidden channels of the part that chooses a map where it is -1; 0: no part, from 0 to 4096.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.sft(depth=2, width=8)(torch.zeros(1, 4, 5, 7)).shape
        torch.Size([1, 3, 20, 28])
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

    A super-resolution network that adds detail to a classical upsampling of the picture.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        scale: Upsampling factor, from 2 to 16.
        framework: Position of the upsampler: before the blocks, after them, between them, or repeatedly.
        block: Kind of building block.
        upsampler: Upsampler with its settings; default: that of the framework.
        depth: Number of blocks (per step for 'progressive'), from 1 to 256.
        width: Hidden channels, from 1 to 4096.

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

def transunet(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    upsampler: str = "bilinear",
    variant: Literal["small", "paper"] = "small",
    widths: tuple[int, ...] = (),
    width: int = 0,
    depth: int = 0,
    window: int = 256,
    overlap: int = 64,
) -> nn.Module:
    """Return the network transunet as a plain torch module.

    A TransUNet: convolutions, attention between their features at 1/16 of the size, and a decoder with skips.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        variant: Small trains on a processor; paper has the published ResNet-50 stem and ViT-B/16.
        widths: Channels of the stem's four levels, finest first; default: the variant's, from 1 to 4096.
        width: Channels of a token; 0: the variant's, from 0 to 4096.
        depth: Transformer blocks; 0: the variant's, from 0 to 48.
        window: Side of the windows in which pictures are converted, in pixels; also the default patch size, from 1 to
            4096.
        overlap: Pixels by which neighboring windows overlap; their results are blended, from 0 to 4096.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.transunet(out_channels=2, depth=1)(torch.zeros(1, 3, 32, 48)).shape
        torch.Size([1, 2, 32, 48])
    """

def transunet_3d(
    *,
    in_channels: int = 1,
    out_channels: int = 2,
    variant: Literal["small", "paper"] = "small",
    widths: tuple[int, ...] = (),
    width: int = 0,
    depth: int = 0,
    tokens: tuple[int, ...] = (),
    flat_levels: int = 3,
) -> nn.Module:
    """Return the network transunet-3d as a plain torch module.

    A 3-D TransUNet: an encoder with max pooling, attention in blocks of tokens, and a decoder with skips.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        variant: Small trains on a processor; paper has the published encoder and transformer.
        widths: Channels of the levels, finest first; default: the variant's, from 1 to 4096.
        width: Channels of a token; 0: the variant's, from 0 to 4096.
        depth: Transformer blocks; 0: the variant's, from 0 to 48.
        tokens: Tokens that attention relates: slices, rows and columns; default: the variant's, from 1 to 64.
        flat_levels: Finest levels that convolve and pool in the plane only, for thick slices, from 0 to 16.

    Returns:
        A module that turns N×C×D×H×W into N×C'×D×H×W. It takes heights and widths that are multiples of its step, and
        refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> module = networks.transunet_3d(widths=(4, 6), width=8, depth=1, tokens=(2, 2, 2), flat_levels=1)
        >>> module(torch.zeros(1, 1, 4, 16, 8)).shape
        torch.Size([1, 2, 4, 16, 8])
    """

def two_stage(
    *,
    in_channels: int = 3,
    out_channels: int = 4,
    upsampler: str = "transposed kernel=2",
    detector_widths: tuple[int, ...] = (24, 48),
    detector_blocks: tuple[int, ...] = (2, 2),
    estimator_widths: tuple[int, ...] = (32, 64, 96),
    estimator_blocks: tuple[int, ...] = (1, 1, 1),
    unshuffle: int = 2,
) -> nn.Module:
    """Return the network two-stage as a plain torch module.

    Two efficient U-Nets: pixels to the probability of corruption, then picture with holes to estimates.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        detector_widths: Channels of each level, finest first, from 1 to 4096.
        detector_blocks: Residual blocks per level, in encoder and decoder, from 1 to 64.
        estimator_widths: Channels of each level, finest first, from 1 to 4096.
        estimator_blocks: Residual blocks per level, in encoder and decoder, from 1 to 64.
        unshuffle: Pixel unshuffle factor of both inputs, from 1 to 4.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.two_stage()(torch.zeros(1, 3, 8, 16)).shape
        torch.Size([1, 4, 8, 16])
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

    A U-Net: an encoder, and a decoder with a skip connection at each size.

    Without skips it is the same network as `encoder_decoder`.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        skip: Skip connections: concatenated, added or none.
        widths: Channels of each level, finest first, from 1 to 4096.
        blocks: Convolutions per level, from 1 to 16.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.

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

def unet_3d(
    *,
    in_channels: int = 1,
    out_channels: int = 2,
    widths: tuple[int, ...] = (16, 32, 64),
    blocks: int = 2,
    flat_levels: int = 1,
    norm: Literal["batch", "none"] = "batch",
) -> nn.Module:
    """Return the network unet-3d as a plain torch module.

    A 3-D U-Net: an encoder with max pooling, and a decoder with concatenated skips.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        widths: Channels of each level, finest first, from 1 to 4096.
        blocks: Convolutions per level, from 1 to 16.
        flat_levels: Finest levels that convolve and pool in the plane only, for thick slices, from 0 to 16.
        norm: Normalization.

    Returns:
        A module that turns N×C×D×H×W into N×C'×D×H×W. It takes heights and widths that are multiples of its step, and
        refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.unet_3d(widths=(4, 8))(torch.zeros(1, 1, 5, 12, 8)).shape
        torch.Size([1, 2, 5, 12, 8])
    """

def unetmer(
    *,
    in_channels: int = 3,
    out_channels: int = 3,
    upsampler: str = "bilinear",
    patch_sides: tuple[int, ...] = (32, 64),
    widths: tuple[int, ...] = (16, 32, 64, 128),
    width: int = 192,
    depth: int = 4,
    window: int = 256,
    overlap: int = 64,
) -> nn.Module:
    """Return the network unetmer as a plain torch module.

    A U-Netmer: each patch passes a U-Net alone, except for attention between the patches at its deepest level.

    In evaluation mode, the logits of all patch sizes are averaged. In training mode, a batch is divided among the patch
    sizes, so that each step trains every size and nothing is drawn at random; a batch with fewer pictures than sizes is
    computed in all of them.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        upsampler: Upsampler with its settings, such as 'transposed kernel=4'.
        patch_sides: Sides of the patches, in pixels; results of all sides are averaged, from 1 to 1024.
        widths: Channels of each level, finest first, from 1 to 4096.
        width: Channels of the deepest features, and of a patch's token, from 1 to 4096.
        depth: Transformer blocks, from 1 to 48.
        window: Side of the windows in which pictures are converted, in pixels; also the default patch size, from 1 to
            4096.
        overlap: Pixels by which neighboring windows overlap; their results are blended, from 0 to 4096.

    Returns:
        A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples of its
        step, and refuses others with a `WrongShape`.

    Raises:
        WrongUse: A setting is unknown or out of its range, or settings do not go together.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> module = networks.unetmer(out_channels=2, depth=1).eval()
        >>> module(torch.zeros(1, 3, 64, 128)).shape, len(module.by_patch_side(torch.zeros(1, 3, 64, 128)))
        (torch.Size([1, 2, 64, 128]), 2)
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

    Build convolutions with wide kernels, ReLU and normalization, and a 1×1 convolution to the classes.

    The cost grows with the square of the kernel size, but the receptive field only linearly.

    Args:
        in_channels: Input channels, from 1 to 4096.
        out_channels: Output channels, or classes, from 1 to 4096.
        kernels: Kernel size of each convolution, odd, from 1 to 31.
        width: Hidden channels, from 1 to 4096.
        norm: Normalization; 'instance' needs the whole picture, so it cannot be tiled.

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
