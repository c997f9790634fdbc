"""Engine: the interface that runs a model, one property and one method. A fake engine can replace a real one."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.errors import WrongUse


class Engine(Protocol):
    """An open model; every `engines/NAME.py` returns one."""

    @property
    def contract(self) -> Contract:
        """The contract of the model."""
        ...

    def run(self, x: Array) -> Array:
        """Return the model's result for padded pictures; both are N×C×H×W of float32 in [0, 1].

        Several threads may call it at once. It raises MemoryError where memory is not enough; then it can be called
        again with smaller pictures.
        """
        ...


@runtime_checkable
class OnDevice(Protocol):
    """An engine that knows the memory of its device."""

    @property
    def device_memory(self) -> int | None:
        """Bytes of the device's own memory; None: it computes in the processor's, or does not tell."""
        ...


@dataclass(frozen=True)
class EngineOptions:
    """Options of an engine; it refuses those that it does not support."""

    device: str = "auto"
    """`auto` is the processor."""
    fast: bool = False
    """Compute in bf16, or in fp16 on devices besides the processor. An engine or device that cannot, and a device where
    the model loses accuracy in fp16, raise `FastUnavailable`."""
    threads: int | None = None
    """None: one for each core."""
    cache: bool = True
    """Cache the compiled model."""


class FastUnavailable(WrongUse):
    """The engine or its device cannot compute in half precision, or the model loses accuracy in it there."""


class Bf16Unavailable(FastUnavailable):
    """The engine or its device has no bf16."""
