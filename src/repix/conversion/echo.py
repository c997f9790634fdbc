"""Echo: an engine that gives back what it is given, enlarged by repeating pixels; for tests and trials."""

from dataclasses import dataclass

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract


@dataclass(frozen=True)
class Echo:
    """Keeps a contract's sizes and channels without any model; channels repeat where more come out than go in.

    >>> Echo(Contract("upscale", scale=2)).run(np.array([[[[0.25, 0.5]]]], np.float32))[0, 0].tolist()
    [[0.25, 0.25, 0.5, 0.5], [0.25, 0.25, 0.5, 0.5]]
    """

    contract: Contract

    def run(self, x: Array) -> Array:
        """Return each pixel as a block of scale × scale."""
        self.contract.require(x)
        arriving, leaving = self.contract.channels
        y = x[:, np.arange(leaving) % arriving]
        return y.repeat(self.contract.scale, axis=2).repeat(self.contract.scale, axis=3)
