"""Where a training computes, and with how many bits."""

import ctypes
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal

import torch

from repix.errors import WrongUse
from repix.training.recipe import Device, Precision

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
"""Names of options of glibc's mallopt."""


@dataclass(frozen=True)
class Machine:
    """A device and a precision that it has.

    >>> choose("cpu", "fp32")
    Machine(device='cpu', precision='fp32')
    """

    device: Literal["cpu", "cuda"]
    precision: Literal["fp32", "bf16"]

    def computing(self) -> AbstractContextManager[object]:
        """Within it, torch computes with this precision."""
        return torch.autocast(self.device, torch.bfloat16) if self.precision == "bf16" else nullcontext()

    @property
    def workers(self) -> int:
        """Processes that make batches. A processor that computes the network makes them itself, in between."""
        return min(16, max(1, (os.cpu_count() or 1) - 1)) if self.device == "cuda" else 0

    @property
    def lightning(self) -> Literal["bf16-mixed", "32-true"]:
        """What Lightning calls this precision."""
        return "bf16-mixed" if self.precision == "bf16" else "32-true"


def choose(device: Device, precision: Precision) -> Machine:
    """The device and precision asked for; `auto` takes the fastest that is there."""
    if device == "cuda" and not torch.cuda.is_available():
        raise WrongUse("There is no GPU that torch can use here; leave --device out, or choose cpu.")
    found: Literal["cpu", "cuda"] = "cuda" if torch.cuda.is_available() else "cpu"
    chosen = found if device == "auto" else device
    has_bf16 = torch.cuda.is_bf16_supported() if chosen == "cuda" else _processor_has_bf16()
    if precision == "bf16" and not has_bf16:
        raise WrongUse(f"This {chosen} has no bf16 of its own, and without it bf16 is slow; choose fp32.")
    return Machine(chosen, "fp32" if precision == "fp32" or not has_bf16 else "bf16")


def keep_freed_memory() -> None:
    """Let the C library keep what a step frees for the next one, where it is glibc.

    Otherwise large arrays go back to the system and come anew, page by page, in every step, which took a tenth of the
    time of a U-Net's step and a seventh of a DnCNN's.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    set_option(MMAP_THRESHOLD, 1 << 30)
    set_option(TRIM_THRESHOLD, (1 << 31) - 1)


def _processor_has_bf16() -> bool:
    """Whether the processor multiplies bf16 numbers itself; torch also emulates it, slowly."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16") or has.get("bf16"))
