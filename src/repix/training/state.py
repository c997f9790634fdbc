"""State of a training: everything that changes from step to step, and is saved in a checkpoint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from repix.training.ema import ExponentialMovingAverage
from repix.training.objectives import Diverged, Objective
from repix.training.schedule import Schedule

KEYS = ("step", "schedule", "objective", "ema", "history")
"""The keys of a saved state."""


@dataclass
class History:
    """The validations and losses so far."""

    rows: list[dict[str, float]] = field(default_factory=list)
    """The rows of metrics.csv, one for each validation."""
    best: float = float("-inf")
    best_step: int = 0
    flat: int = 0
    """The number of validations in a row in which every result was flat."""
    losses: list[float] = field(default_factory=list)
    """The losses since the last validation."""
    terms: dict[str, list[float]] = field(default_factory=dict)
    """The same of everything else that the objective returns, such as the parts of the loss."""
    seconds: float = 0.0
    """Seconds of training, in all sessions."""

    def add(self, losses: Mapping[str, float]) -> None:
        """Add what the objective returned for a step."""
        for name, value in losses.items():
            kept = self.losses if name == "loss" else self.terms.setdefault(name, [])
            kept.append(value)

    def take_means(self) -> dict[str, float]:
        """Return the means since the last validation, `loss` first, and forget the values."""
        every = {"loss": self.losses, **self.terms}
        means = {name: float(np.mean(values)) for name, values in every.items() if values}
        for values in every.values():
            values.clear()
        return means

    def state_dict(self) -> dict[str, Any]:
        """Return the state that `load_state_dict` takes."""
        return dict(vars(self))

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore a saved state."""
        vars(self).update(state)


@dataclass(eq=False)
class TrainingState:
    """The state of a training."""

    objective: Objective
    ema: ExponentialMovingAverage
    schedule: Schedule
    history: History = field(default_factory=History)
    step: int = 0
    """The number of steps made."""

    @property
    def complete(self) -> bool:
        """True if every step of the schedule was made."""
        return self.step >= self.schedule.steps

    def state_dict(self) -> dict[str, Any]:
        """Return the content of a checkpoint."""
        return {
            "step": self.step,
            "schedule": self.schedule.to_dict(),
            "objective": self.objective.state_dict(),
            "ema": self.ema.state_dict(),
            "history": self.history.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore a checkpoint; one that does not fit raises a KeyError, RuntimeError, TypeError or ValueError."""
        self.schedule = self.schedule.as_saved(state["schedule"])
        self.objective.load_state_dict(state["objective"])
        self.ema.load_state_dict(state["ema"])
        self.history.load_state_dict(state["history"])
        self.step = state["step"]

    def require_finite(self) -> None:
        """Refuse weights, or their averages, that are infinite or NaN, so that they replace no finite ones."""
        if not all(bool(tensor.isfinite().all()) for tensor in _weights(self)):
            raise Diverged(
                f"The weights became infinite in step {self.step}. Train again with a lower learning rate (--lr; it "
                f"was {self.objective.settings.lr:g}), or with precision fp32; the last checkpoint is kept."
            )


def _weights(state: TrainingState) -> Iterator[Tensor]:
    for part in state.objective.parts.values():
        yield from part.network.state_dict().values()
        yield part.clipping.usual_norm
    yield from (one for one in state.ema.state_dict().values() if isinstance(one, torch.Tensor))
