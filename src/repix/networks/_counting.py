"""How many parameters a module has, and how many multiplications with addition it does for a pixel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Counts:
    """What a network costs."""

    parameters: int
    work: int
    """Multiply-adds for each pixel of the input, in convolutions and dense layers."""


class _Watching(TorchFunctionMode):
    """Adds up the work of every convolution and dense layer that is called."""

    total = 0

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        if function in (torch.conv2d, nn.functional.linear):
            self.total += result.numel() * args[1][0].numel()  # one filter for each number that comes out
        elif function is torch.conv_transpose2d:
            self.total += args[0].numel() * args[1][0].numel()  # one kernel for each number that goes in
        return result


def counted(module: nn.Module, channels: int, size: int) -> Counts:
    """Count a module that lies on the meta device, where shapes are followed and nothing is computed.

    >>> counted(nn.Conv2d(3, 8, 3, padding=1, device="meta"), 3, 16)
    Counts(parameters=224, work=216)
    """
    parameters = sum(p.numel() for p in module.parameters())
    picture: Tensor = torch.empty(1, channels, size, size, device="meta")
    with torch.no_grad(), _Watching() as watching:
        module(picture)
    return Counts(parameters, round(watching.total / size**2))
