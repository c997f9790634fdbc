"""The picture itself as the start, to which a network adds detail."""

import torch
from torch import Tensor, nn

from repix.networks import Configuration

FAINT = 0.01
"""How loud a layer of detail starts, compared with torch's own start."""


def faint(layer: nn.Module) -> nn.Module:
    """A layer that makes the detail, started so that there is next to none: training begins at the picture itself.

    Torch's start would add noise to it, which must be unlearnt: after 400 small steps a denoising DnCNN of 7×24 was 2.5
    dB behind, a small efficient U-Net 0.7. Not zero, so that all other layers learn from the first step on.
    """
    with torch.no_grad():
        for values in layer.parameters():
            values.mul_(FAINT)
    return layer


def added(picture: Tensor, detail: Tensor) -> Tensor:
    """Picture plus detail, in at least 32 bits: bfloat16 would limit the sum to about 59 dB.

    >>> added(torch.ones(1, 1, 1, 1), torch.ones(1, 3, 1, 1, dtype=torch.bfloat16)).dtype
    torch.float32
    """
    wide = torch.promote_types(torch.promote_types(picture.dtype, detail.dtype), torch.float32)
    return picture.to(wide) + detail.to(wide)


def mismatch(config: Configuration) -> str | None:
    """Why a picture cannot be added to the detail, if it cannot: a grey one is added to every colour."""
    if config.channels_in in (1, config.channels_out):
        return None
    return (
        f"{config.channels_in} channels go in and {config.channels_out} come out, but the picture is added to the "
        "result; let as many come out as go in, or let one go in."
    )
