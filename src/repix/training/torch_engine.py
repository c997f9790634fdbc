"""Torch engine: the network in training converts whole pictures as its model file will."""

from dataclasses import dataclass

import torch
from torch import nn

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.training.device import Device


@dataclass(frozen=True, eq=False)
class TorchEngine:
    """A module and its contract."""

    module: nn.Module
    contract: Contract
    device: Device
    scores: bool
    """True if the module returns scores, which softmax turns into probabilities."""

    def run(self, x: Array) -> Array:
        """Return the result for a padded picture, in evaluation mode; the module's mode is restored."""
        self.contract.require(x)
        was_training = self.module.training
        self.module.eval()
        try:
            with torch.inference_mode(), self.device.autocast():
                last = torch.channels_last if x.ndim == 4 else torch.channels_last_3d
                given = torch.from_numpy(x).to(self.device.name).contiguous(memory_format=last)
                y = self.module(given).float()
                y = y.softmax(1) if self.scores else y
        finally:
            self.module.train(was_training)
        result: Array = y.cpu().contiguous().numpy()
        return result
