"""Optimizers: AdamW, and Muon, which needs fewer steps.

Muon (Jordan et al., 2024) orthogonalizes the momentum of a weight matrix: all its singular values become about one, so
that directions with weak gradients are learned as fast as those with strong ones. torch's Muon takes matrices only.
Here the kernels of a convolution are the rows of a matrix, and layers of one shape are computed together.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from repix.training.recipe import OptimizerName

Moved = tuple[Tensor, Tensor]
"""A weight and its gradient."""

DECAY = 1e-4
"""Weight decay: a step subtracts this share of each weight, times the learning rate."""
BETAS = (0.9, 0.99)
"""AdamW's momenta of gradients and their squares; 0.99 adapts within 100 steps where gradients grow."""
EPSILON = 1e-8
MOMENTUM = 0.95
"""Muon's momentum."""
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the polynomial a·x + b·x³ + c·x⁵; five iterations bring singular values between 0.7 and 1.2."""
TIMES = 5
AS_LONG_AS_ADAMW = 0.2
"""The RMS of AdamW's updates at a learning rate of 1; Muon's have the same, so one learning rate suits both."""


class Muon(torch.optim.Optimizer):
    """Muon for hidden layers; AdamW for biases, normalizations, the first and the last layer."""

    def __init__(
        self, hidden: list[nn.Parameter], others: list[nn.Parameter], lr: float, float32: bool = False
    ) -> None:
        self.dtype = torch.float32 if float32 else torch.bfloat16
        groups = ({"params": hidden, "hidden": True}, {"params": others, "hidden": False})
        super().__init__([group for group in groups if group["params"]], {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update all weights; return the result of the closure, which computes the gradients."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            moved = [(weight, weight.grad) for weight in group["params"] if weight.grad is not None]
            if group["hidden"]:
                for alike in _by_shape(moved):
                    self._step_hidden(alike, group["lr"])
            else:
                for weight, gradient in moved:
                    self._step_other(weight, gradient, group["lr"])
        return loss

    def _step_hidden(self, moved: list[Moved], lr: float) -> None:
        """Update weights of one shape by Muon, with Nesterov momentum."""
        ahead = []
        for weight, gradient in moved:
            state = self.state[weight]
            if not state:
                state["average"] = torch.zeros_like(weight)
            average = state["average"].lerp_(gradient, 1 - MOMENTUM)
            ahead.append(gradient.lerp(average, MOMENTUM).flatten(1))
        moves = orthogonal(torch.stack(ahead).to(self.dtype)).float()
        length = AS_LONG_AS_ADAMW * max(moves.shape[1:]) ** 0.5
        for (weight, _), move in zip(moved, moves, strict=True):
            weight.mul_(1 - lr * DECAY).add_(move.view(weight.shape), alpha=-lr * length)

    def _step_other(self, weight: Tensor, gradient: Tensor, lr: float) -> None:
        """Update one weight by AdamW."""
        state = self.state[weight]
        if not state:
            state["count"] = torch.zeros(())
            state |= {name: torch.zeros_like(weight) for name in ("average", "square")}
        state["count"] += 1
        average = state["average"].lerp_(gradient, 1 - BETAS[0])
        square = state["square"].lerp_(gradient.square(), 1 - BETAS[1])
        slow, fast = (1 - beta ** int(state["count"]) for beta in BETAS)
        weight.mul_(1 - lr * DECAY).addcdiv_(average, (square / fast).sqrt_().add_(EPSILON), value=-lr / slow)


@dataclass(frozen=True)
class OptimizerSettings:
    """An optimizer and its highest learning rate."""

    name: OptimizerName
    lr: float
    float32: bool = False
    """True if Muon orthogonalizes in 32 bits, for processors without bf16."""

    def build(self, module: nn.Module) -> torch.optim.Optimizer:
        """Return the optimizer of all weights of a module."""
        if self.name == "adamw":
            return torch.optim.AdamW(module.parameters(), self.lr, BETAS, EPSILON, DECAY, fused=True)
        hidden, others = hidden_and_others(module)
        return Muon(hidden, others, self.lr, self.float32)


def hidden_and_others(module: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Return the weights that Muon updates, and all others.

    Muon updates matrices, except the first and the last, in the order of the layers; a depthwise convolution has none.

    >>> layers = nn.Sequential(*(nn.Conv2d(4, 4, 3) for _ in range(3)))
    >>> [[tuple(one.shape) for one in part] for part in hidden_and_others(layers)]
    [[(4, 4, 3, 3)], [(4, 4, 3, 3), (4,), (4,), (4, 4, 3, 3), (4,)]]
    """
    weights = list(module.parameters())
    within = [weight for weight in weights if weight.ndim > 1][1:-1]
    hidden = {id(weight) for weight in within if min(weight.shape[:2]) > 1}
    return [one for one in weights if id(one) in hidden], [one for one in weights if id(one) not in hidden]


def orthogonal(matrices: Tensor) -> Tensor:
    """Return matrices N×R×C with the same singular vectors and singular values of about one.

    >>> values = torch.linalg.svdvals(orthogonal(torch.tensor([[[3.0, 0.1, 0.0], [0.0, 0.5, 0.2]]])))
    >>> bool(((0.6 < values) & (values < 1.3)).all())
    True
    """
    a, b, c = COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(TIMES):
        products = x @ x.mT
        x = a * x + (b * products + c * (products @ products)) @ x
    made: Tensor = x.mT if tall else x
    return made


def _by_shape(moved: Iterable[Moved]) -> list[list[Moved]]:
    shapes: dict[torch.Size, list[Moved]] = {}
    for weight, gradient in moved:
        shapes.setdefault(weight.shape, []).append((weight, gradient))
    return list(shapes.values())
