"""Batches of crops as torch tensors; the only file of this room that imports torch."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import Dataset

from repix.data.crops import Crops


@dataclass(frozen=True, eq=False)
class Batches(Dataset[tuple[Tensor, ...]]):
    """One batch for each step of training; give it to a DataLoader with `batch_size=None`, or ask for a step."""

    crops: Crops
    count: int
    """Crops in a batch."""
    steps: int
    begin: int = 0
    """The step to go on from."""

    def __len__(self) -> int:
        return self.steps - self.begin

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        """Pictures N×C×H×W, laid out channels last, and class ids N×H×W."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        arrays = self.crops.batch(self.begin + index, self.count)
        tensors = [torch.from_numpy(array) for array in arrays]
        return tuple(tensor.permute(0, 3, 1, 2) if tensor.ndim == 4 else tensor.long() for tensor in tensors)
