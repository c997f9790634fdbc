"""Engine: what runs a model. One property and one method, so that a fake is as good as a real one."""

from typing import Protocol

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract


class Engine(Protocol):
    """What every `engines/NAME.py` opens."""

    @property
    def contract(self) -> Contract:
        """What the model promises."""
        ...

    def run(self, x: Array) -> Array:
        """What the model makes of padded pictures: N×C×H×W of float32 in [0, 1], both ways."""
        ...
