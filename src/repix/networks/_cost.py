"""Count the parameters and multiply-adds of a module.

`torch.utils.flop_counter` gives the same numbers, and a test compares them. Its first use takes seconds, and every
export and every list of networks counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Cost:
    """The cost of a network."""

    parameters: int
    macs: int
    """Multiply-adds per input pixel, in convolutions, dense layers and attention."""


NAMES: dict[Callable[..., Any], tuple[str, ...]] = {
    torch.conv3d: ("stride", "padding", "dilation", "groups"),
    torch.conv2d: ("stride", "padding", "dilation", "groups"),
    torch.conv_transpose2d: ("stride", "padding", "output_padding", "groups", "dilation"),
}
"""The parameters after input, weight and bias."""


class _Watching(TorchFunctionMode):
    """Count the multiply-adds of convolutions, dense layers and products, which return zeros instead of computing."""

    total = 0

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        if function is torch.matmul:
            left, right = args
            result = left.new_zeros(*left.shape[:-1], right.shape[-1])
            self.total += result.numel() * left.shape[-1]
            return result
        if function not in (torch.conv2d, torch.conv3d, torch.conv_transpose2d, nn.functional.linear):
            return function(*args, **named)
        x, weight = args[:2]
        if function is nn.functional.linear:
            result = x.new_zeros(*x.shape[:-1], len(weight))
        else:
            # With one channel for all of them it finds the height and the width.
            given = dict(zip(NAMES[function], args[3:], strict=False)) | named
            groups = given.get("groups", 1)
            thin = function(x[:, :1], weight[:1, :1], **(given | {"groups": 1, "bias": None}))
            channels = weight.shape[1] * groups if function is torch.conv_transpose2d else len(weight)
            result = x.new_zeros(len(x), channels, *thin.shape[2:])
        # One filter per output value, or for transposed convolutions one kernel per input value.
        numbers = x.numel() if function is torch.conv_transpose2d else result.numel()
        self.total += numbers * weight[0].numel()
        return result


def measured_cost(module: nn.Module, channels: int, size: int, slices: tuple[int, ...] = ()) -> Cost:
    """Return the cost of a module, which may be on the meta device.

    Args:
        module: the module.
        channels: input channels.
        size: height and width of the input that is measured_cost.
        slices: its number of slices, for a module for volumes.

    >>> measured_cost(nn.Conv2d(3, 8, 3, padding=1, device="meta"), 3, 16)
    Cost(parameters=224, macs=216)
    """
    parameters = dict(module.named_parameters())
    zero = torch.zeros(())
    weightless = {name: zero.expand(p.shape) for name, p in (parameters | dict(module.named_buffers())).items()}
    picture: Tensor = torch.zeros(1, channels, *slices, size, size)
    with torch.no_grad(), _Watching() as watching:
        functional_call(module, weightless, (picture,))
    return Cost(sum(p.numel() for p in parameters.values()), round(watching.total / (size**2 * prod(slices))))
