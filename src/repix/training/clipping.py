"""Gradient clipping relative to the usual norm, because that depends on the loss and the network."""

import torch
from torch import Tensor, nn

LIMIT = 2.0
"""The largest norm, as a multiple of the usual one."""
MOMENTUM = 0.02
"""Weight of a step's norm in the moving average that is the usual norm."""


class GradientClipping:
    """Clips the gradients of one network, and tracks their usual norm.

    >>> layer, clipping = nn.Linear(2, 1, bias=False), GradientClipping()
    >>> clipping.usual_norm = torch.tensor(1.0)
    >>> layer.weight.grad = torch.tensor([[30.0, 40.0]])
    >>> clipping.clip(layer)
    >>> round(layer.weight.grad.norm().item(), 3), round(clipping.usual_norm.item(), 3)
    (2.0, 1.02)
    """

    def __init__(self) -> None:
        self.usual_norm = torch.zeros(())

    def clip(self, network: nn.Module) -> None:
        """Clip the gradients, and update the usual norm."""
        weights = list(network.parameters())
        norm = nn.utils.get_total_norm([weight.grad for weight in weights if weight.grad is not None])
        usual = self.usual_norm.to(norm.device)
        largest = torch.where(usual > 0, LIMIT * usual, norm)
        nn.utils.clip_grads_with_norm_(weights, float(largest), norm)
        self.usual_norm = torch.where(usual > 0, usual.lerp(torch.minimum(norm, largest), MOMENTUM), norm)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state that `load_state_dict` takes."""
        return {"usual_norm": self.usual_norm}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restore a saved state."""
        self.usual_norm = state["usual_norm"]
