"""The picture itself as the start, to which a network adds detail."""

from typing import Protocol

import torch
from torch import Tensor


class Coloured(Protocol):
    """Settings with channels."""

    @property
    def channels_in(self) -> int:
        """Channels of the picture."""
        ...

    @property
    def channels_out(self) -> int:
        """Channels of the detail."""
        ...


def added(picture: Tensor, detail: Tensor) -> Tensor:
    """Picture plus detail, in at least 32 bits: bfloat16 would limit the sum to about 59 dB.

    >>> added(torch.ones(1, 1, 1, 1), torch.ones(1, 3, 1, 1, dtype=torch.bfloat16)).dtype
    torch.float32
    """
    wide = torch.promote_types(torch.promote_types(picture.dtype, detail.dtype), torch.float32)
    return picture.to(wide) + detail.to(wide)


def mismatch(config: Coloured) -> str | None:
    """Why a picture cannot be added to the detail, if it cannot: a grey one is added to every colour."""
    if config.channels_in in (1, config.channels_out):
        return None
    return (
        f"{config.channels_in} channels go in and {config.channels_out} come out, but the picture is added to the "
        "result; let as many come out as go in, or let one go in."
    )
