"""Engine: what runs a model. One property and one method, so that a fake is as good as a real one."""

from dataclasses import dataclass
from typing import Protocol

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.errors import WrongUse


class Engine(Protocol):
    """What every `engines/NAME.py` opens."""

    @property
    def contract(self) -> Contract:
        """Return what the model promises."""
        ...

    def run(self, x: Array) -> Array:
        """Return what the model makes of padded pictures: N×C×H×W of float32 in [0, 1], both ways.

        Several threads may call it at once. Where memory is not enough it raises MemoryError and can be called again,
        with less.
        """
        ...


@dataclass(frozen=True)
class EngineOptions:
    """How an engine runs a model; it refuses what it cannot do."""

    device: str = "auto"
    """`auto` is the processor."""
    fast: bool = False
    """With bf16; an engine that has none where it is to run raises `Bf16Unavailable`."""
    threads: int | None = None
    """None: as many as there are cores."""
    cache: bool = True
    """Whether the compiled model may be cached; not for models that are only tried."""


class Bf16Unavailable(WrongUse):
    """The engine, or the processor it would run on, computes in float32 only."""
