"""Exponential moving average (EMA) of a network's weights, which is validated and exported."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

DECAY = 0.999
"""The share of the average that a step keeps, after the first steps."""


class ExponentialMovingAverage(AveragedModel):
    """The average of a network's weights and batch statistics; `module` is the network with them.

    >>> network = nn.Linear(1, 1)
    >>> ema = ExponentialMovingAverage(network)
    >>> ema.update_parameters(network)
    >>> bool(ema.module.weight == network.weight)
    True
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__(network, multi_avg_fn=_average, use_buffers=True)


def _average(averages: Any, values: Any, count: Tensor | int) -> None:
    """Move the averages towards the values; faster in the first steps, to forget the initial weights."""
    if not averages[0].is_floating_point():  # counts of batches
        torch._foreach_copy_(averages, values)
        return
    kept = min(DECAY, (1 + int(count)) / (10 + int(count)))
    torch._foreach_lerp_(averages, values, 1 - kept)
