"""How many parameters a module has, and how many multiply-adds it does for a pixel.

torch's own counter (`torch.utils.flop_counter`) gives the same numbers, which a test holds it to. Its first use takes
seconds, and every export and every list of networks counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Counts:
    """What a network costs."""

    parameters: int
    work: int
    """Multiply-adds for each pixel of the input, in convolutions and dense layers."""


NAMES: dict[Callable[..., Any], tuple[str, ...]] = {
    torch.conv2d: ("stride", "padding", "dilation", "groups"),
    torch.conv_transpose2d: ("stride", "padding", "output_padding", "groups", "dilation"),
}
"""What follows input, weight and bias."""


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
            given = dict(zip(NAMES[function], args[3:], strict=False)) | named
            groups = given.get("groups", 1)
            thin = function(x[:, :1], weight[:1, :1], **(given | {"groups": 1, "bias": None}))
            channels = weight.shape[1] * groups if function is torch.conv_transpose2d else len(weight)
            result = x.new_zeros(len(x), channels, *thin.shape[2:])
        # One filter for each number that comes out, or one kernel for each that goes in.
        numbers = x.numel() if function is torch.conv_transpose2d else result.numel()
        self.total += numbers * weight[0].numel()
        return result


def counted(module: nn.Module, channels: int, size: int) -> Counts:
    """Count a module, which may lie on the meta device: it is called with one zero in place of all its numbers.

    >>> counted(nn.Conv2d(3, 8, 3, padding=1, device="meta"), 3, 16)
    Counts(parameters=224, work=216)
    """
    parameters = dict(module.named_parameters())
    zero = torch.zeros(())
    weightless = {name: zero.expand(p.shape) for name, p in (parameters | dict(module.named_buffers())).items()}
    picture: Tensor = torch.zeros(1, channels, size, size)
    with torch.no_grad(), _Watching() as watching:
        functional_call(module, weightless, (picture,))
    return Counts(sum(p.numel() for p in parameters.values()), round(watching.total / size**2))
