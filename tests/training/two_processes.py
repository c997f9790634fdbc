"""A training by all processes that Fabric, torchrun or SLURM starts: the first step's gradients and the last weights.

python -m tests.training.two_processes FOLDER RUN GRADIENTS SETTINGS
"""

import json
import os
import sys
from pathlib import Path

import pytest
import torch

from repix.training import train
from repix.training.clipping import GradientClipping
from repix.training.loop import Loop
from repix.training.objectives import Batch
from repix.training.state import TrainingState
from tests.training import making
from tests.training.making import Told


def gradients_written(patch: pytest.MonkeyPatch, file: Path) -> None:
    """Save the gradients of the first step as they are before clipping, with the number of the process."""
    clip, step = GradientClipping.clip, Loop.step
    steps: list[int] = []

    def stepping(self: Loop, state: TrainingState, batch: Batch) -> float:
        steps.append(state.step)
        return step(self, state, batch)

    def clipping(self: GradientClipping, network: torch.nn.Module) -> None:
        if steps == [0]:
            torch.save([one.grad for one in network.parameters()], f"{file}{os.environ.get('LOCAL_RANK', 0)}")
        clip(self, network)

    patch.setattr(GradientClipping, "clip", clipping)
    patch.setattr(Loop, "step", stepping)


def main(folder: str, run: str, gradients: str, settings: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        making.learning_only(patch)
        gradients_written(patch, Path(gradients))
        train(making.recipe(Path(folder), **json.loads(settings)), Path(run), Told().reporter())


if __name__ == "__main__":
    main(*sys.argv[1:])
