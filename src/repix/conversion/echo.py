"""Echo: a fake engine that returns its input, enlarged by repeating pixels; for tests and trials."""

from dataclasses import dataclass

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract


@dataclass(frozen=True)
class Echo:
    """An engine with the sizes and channels of a contract, but without a model; extra output channels are repeated.

    >>> Echo(Contract("upscale", scale=2)).run(np.array([[[[0.25, 0.5]]]], np.float32))[0, 0].tolist()
    [[0.25, 0.25, 0.5, 0.5], [0.25, 0.25, 0.5, 0.5]]
    """

    contract: Contract

    def run(self, x: Array) -> Array:
        """Return x with each pixel repeated as a block of scale × scale."""
        self.contract.require(x)
        channels_in, channels_out = self.contract.channels
        y = x[:, np.arange(channels_out) % channels_in]
        return y.repeat(self.contract.scale, axis=2).repeat(self.contract.scale, axis=3)
