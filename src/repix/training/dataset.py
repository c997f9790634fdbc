"""Dataset of patches: the batch of each step, made by the task. A step's number says all about its batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from repix.data import Cache, Crops
from repix.errors import WrongUse
from repix.pictures.picture import Picture
from repix.tasks import Task
from repix.training.schedule import Schedule

NOISE = 2
"""Distinguishes the generators of the task's random choices from all others of one seed."""

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True, eq=False)
class PatchDataset(Dataset[Batch]):
    """Sources and targets for each step."""

    cache: Cache
    task: Task
    schedule: Schedule
    seed: int
    orientations: int = 8
    """Mirrored and rotated ways to show a patch: 8, or 2 where the sky must stay above."""

    @cached_property
    def crops(self) -> dict[int, Crops]:
        """Crops of every size in the schedule."""
        sizes = {phase.size for phase in self.schedule.phases}
        return {size: Crops(self.cache, size, self.seed, self.orientations, zoom=self.task.zoom) for size in sizes}

    def __getitem__(self, step: int) -> Batch:
        """Sources N×C×H×W and targets, channels last in memory; of classes N×H×W."""
        phase = self.schedule.phase(step)
        first = phase.before + (step - phase.first) * phase.count
        pairs = [self._pair(phase.size, index) for index in range(first, first + phase.count)]
        sources, targets = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        return as_tensor(sources), as_tensor(targets)

    def _pair(self, size: int, index: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """The crop of this number as its source and target for the model, 1×C×H×W or, of classes, 1×H×W."""
        first, *rest = (np.ascontiguousarray(cut) for cut in self.crops[size].cut(index))
        if rest and rest[0].ndim == 2:
            return self.task.encode(self._varied(Picture(first), index)), rest[0][np.newaxis]
        if rest:
            source, target = Picture(first), Picture(rest[0])
        else:
            source, target = self._made(Picture(first), index)
        return self.task.encode(source), self.task.encode_target(target)

    def _made(self, clean: Picture, index: int) -> tuple[Picture, Picture]:
        """The pair that the task makes of a crop; what is random about it depends on the crop's number."""
        if self.task.make_pair is None:
            raise WrongUse(f"{self.task.name} cannot make pairs out of pictures; it needs them given.")
        return self.task.make_pair(clean, self._generator(index))

    def _varied(self, source: Picture, index: int) -> Picture:
        """The source of a crop, changed where the task says how."""
        return source if self.task.augment is None else self.task.augment(source, self._generator(index))

    def _generator(self, index: int) -> np.random.Generator:
        """Of what is random about this crop, but for its place."""
        return np.random.Generator(np.random.Philox(key=np.array([self.seed + (NOISE << 32), index], np.uint64)))


def as_tensor(array: NDArray[Any]) -> Tensor:
    """Pictures channels last in memory, class numbers as torch wants them."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor.long()


class StepSampler(Sampler[int]):
    """The numbers of all steps from one on."""

    def __init__(self, first: int, steps: int) -> None:
        self.first, self.steps = first, steps

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.steps))

    def __len__(self) -> int:
        return max(0, self.steps - self.first)


def loader(dataset: PatchDataset, first: int, workers: int) -> DataLoader[Batch]:
    """Return the batches of all steps from one on; workers make them ahead, where there are any."""
    return DataLoader(
        dataset,
        batch_size=None,
        sampler=StepSampler(first, dataset.schedule.steps),
        num_workers=workers,
        worker_init_fn=_single_threaded if workers else None,
    )


def _single_threaded(_: int) -> None:
    """A worker computes with one thread; there are as many workers as are needed."""
    torch.set_num_threads(1)
