"""Data set of patches: the task makes the batch of each step, which depends on the seed and the step's number only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from repix.data import Cache, Crops, VolumeCrops
from repix.errors import WrongUse
from repix.pictures.picture import Picture
from repix.tasks import Task
from repix.training.schedule import Schedule
from repix.volumes import Stack

NOISE, SIDE = 2, 3
"""Separate the generators of the task's random choices, and of side inputs, from the others of the same seed."""

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True, eq=False)
class PatchDataset(Dataset[Batch]):
    """The batch of each step: sources and targets."""

    cache: Cache
    task: Task
    schedule: Schedule
    seed: int
    orientations: int = 8
    """Mirrored and rotated orientations of a patch: 8, or 2 for tasks without rotations."""
    slices: int = 0
    """Slices of a patch of volumes; 0 for pictures."""
    share: Callable[[int], range] = range
    """Returns which patches of a batch this process computes, for the number of its patches; by default all."""

    @cached_property
    def crops(self) -> dict[int, Crops | VolumeCrops]:
        """The crops of each patch size in the schedule, which is that of the source."""
        sizes = {phase.size for phase in self.schedule.phases}
        if self.slices:
            return {
                size: VolumeCrops(self.cache, self.slices, size, self.seed, self.orientations, self.task.zoom)
                for size in sizes
            }
        times = times_larger(self.cache, self.task)
        return {
            size: Crops(self.cache, size * times, self.seed, self.orientations, zoom=self.task.zoom) for size in sizes
        }

    def __getitem__(self, step: int) -> Batch:
        """Return sources N×C×H×W and targets, channels last in memory; targets of classes are N×H×W.

        Volumes are N×C×D×H×W, and their targets N×D×H×W.
        """
        phase = self.schedule.phase(step)
        first = phase.before + (step - phase.first) * phase.count
        pairs = [self._pair(phase.size, first + number) for number in self.share(phase.count)]
        sources, targets = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        return as_tensor(sources), as_tensor(targets)

    def _pair(self, size: int, index: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the source and target of a crop, 1×C×H×W; a target of classes is 1×H×W."""
        first, *rest = (np.ascontiguousarray(cut) for cut in self.crops[size].cut(index))
        if self.slices:
            return self._slices(first, index), rest[0][np.newaxis]
        if rest and rest[0].ndim == 2:
            varied = self._varied(Picture(first), index)
            return self._encoded(varied, Picture(rest[0]), index), rest[0][np.newaxis]
        if rest:
            source, target = Picture(first), Picture(rest[0])
        else:
            source, target = self._made(Picture(first), index)
        return self._encoded(source, target, index), self.task.encode_target(target)

    def _slices(self, voxels: NDArray[Any], index: int) -> NDArray[Any]:
        """Return the network's input 1×C×D×H×W for a crop D×H×W×1 of a volume, augmented as one picture."""
        x = self.task.encode(self._varied(Stack.of_voxels(voxels), index))
        return x.reshape(*x.shape[:2], *voxels.shape[:3])

    def _encoded(self, source: Picture, target: Picture, index: int) -> NDArray[Any]:
        """Return the network's input for a crop, with the drawn values of side inputs."""
        x = self.task.encode(source)
        if self.task.side.inputs:
            drawn = self.task.side.draw(source, target, self._generator(index, SIDE))
            x[:, self.task.picture_channels :] = drawn.transpose(2, 0, 1)
        return x

    def _made(self, clean: Picture, index: int) -> tuple[Picture, Picture]:
        """Return the pair that the task makes of a crop; its random choices depend on the crop's number."""
        if self.task.make_pair is None:
            raise WrongUse(f"{self.task.name} cannot make a source from a picture; give pairs of source and target.")
        return self.task.make_pair(clean, self._generator(index))

    def _varied(self, source: Picture, index: int) -> Picture:
        """Return the source of a crop with the task's augmentation."""
        return source if self.task.augment is None else self.task.augment(source, self._generator(index))

    def _generator(self, index: int, purpose: int = NOISE) -> np.random.Generator:
        """Return the generator of a crop's random choices, other than its position."""
        return np.random.Generator(np.random.Philox(key=np.array([self.seed + (purpose << 32), index], np.uint64)))


def times_larger(cache: Cache, task: Task) -> int:
    """Return the factor by which cached pictures are higher and wider than the sources that the task makes of them."""
    return task.scale if all(len(row) == 1 for row in cache.places) else 1


def as_tensor(array: NDArray[Any]) -> Tensor:
    """Return pictures as a tensor with channels last in memory, and class numbers as 64-bit integers."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    if not tensor.is_floating_point():
        return tensor.long()
    return tensor.contiguous(memory_format=torch.channels_last if tensor.ndim == 4 else torch.channels_last_3d)


class StepSampler(Sampler[int]):
    """The numbers of the steps from `first` on."""

    def __init__(self, first: int, steps: int) -> None:
        self.first, self.steps = first, steps

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.steps))

    def __len__(self) -> int:
        return max(0, self.steps - self.first)


def loader(dataset: PatchDataset, first: int, workers: int) -> DataLoader[Batch]:
    """Return the batches of the steps from `first` on; workers, if any, make them ahead."""
    return DataLoader(
        dataset,
        batch_size=None,
        sampler=StepSampler(first, dataset.schedule.steps),
        num_workers=workers,
        worker_init_fn=_single_threaded if workers else None,
    )


def _single_threaded(_: int) -> None:
    """Let a worker compute with one thread, because there are enough workers.

    NumPy's BLAS has threads of its own, which wait for each other in a loop: on busy cores, small products of matrices
    take many times as long with two of them.
    """
    from threadpoolctl import threadpool_limits  # its import sets an environment variable, here in the worker's only

    torch.set_num_threads(1)
    threadpool_limits(1)
