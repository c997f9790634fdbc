"""How many parameters a module has, and how many multiplications with addition it does for a pixel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Cost:
    """What a network costs."""

    parameters: int
    macs: int
    """Multiply-adds for each pixel of the input, in convolutions and dense layers."""


class _Watching(TorchFunctionMode):
    """Adds up the work of every convolution and dense layer, and lets it give zeros instead of doing the work."""

    total = 0

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        if function not in (torch.conv2d, torch.conv_transpose2d, nn.functional.linear):
            return function(*args, **named)
        x, weight = args[:2]
        if function is nn.functional.linear:
            result = x.new_zeros(*x.shape[:-1], len(weight))
        else:
            # With one channel for all of them it finds the height and the width.
            thin = function(x[:, :1], weight[:1, :1], None, *args[3:6], 1, *args[7:])
            groups = args[6] if len(args) > 6 else 1
            channels = weight.shape[1] * groups if function is torch.conv_transpose2d else len(weight)
            result = x.new_zeros(len(x), channels, *thin.shape[2:])
        # One filter for each number that comes out, or one kernel for each that goes in.
        numbers = x.numel() if function is torch.conv_transpose2d else result.numel()
        self.total += numbers * weight[0].numel()
        return result


def measured_cost(module: nn.Module, channels: int, size: int) -> Cost:
    """Count a module, which may lie on the meta device: it is called with one zero in place of all its numbers.

    >>> measured_cost(nn.Conv2d(3, 8, 3, padding=1, device="meta"), 3, 16)
    Cost(parameters=224, macs=216)
    """
    parameters = dict(module.named_parameters())
    zero = torch.zeros(())
    weightless = {name: zero.expand(p.shape) for name, p in (parameters | dict(module.named_buffers())).items()}
    picture: Tensor = torch.zeros(1, channels, size, size)
    with torch.no_grad(), _Watching() as watching:
        functional_call(module, weightless, (picture,))
    return Cost(sum(p.numel() for p in parameters.values()), round(watching.total / size**2))
