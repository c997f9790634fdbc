"""Device and precision of a training."""

import ctypes
import logging
import os
import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import torch
from lightning.fabric import Fabric
from lightning.fabric.plugins import MixedPrecision, Precision
from lightning.fabric.strategies.strategy import Strategy

from repix.errors import WrongUse
from repix.training.recipe import DeviceName, PrecisionName

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
"""Names of options of glibc's mallopt."""


class Autocast(MixedPrecision):
    """Mixed precision that keeps the input in 32 bits, because networks add their result to it."""

    def convert_input(self, data: Any) -> Any:
        """Return the input unchanged; Fabric would round it to 16 bits."""
        return data


@dataclass(frozen=True)
class Device:
    """A device and a precision that it supports.

    >>> choose_device("cpu", "fp32")
    Device(name='cpu', precision='fp32')
    """

    name: Literal["cpu", "cuda"]
    precision: Literal["fp32", "bf16"]

    def fabric(self, devices: int = 1, nodes: int = 1, strategy: Strategy | None = None) -> Fabric:
        """Return Lightning Fabric for this device and precision; the strategy is for several processes."""
        keep_freed_memory()
        for name in ("lightning.fabric", "lightning.pytorch"):  # they log their precision and their processes
            logging.getLogger(name).setLevel(logging.ERROR)
        precision = Autocast("bf16-mixed", self.name) if self.precision == "bf16" else Precision()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*LeafSpec.*")  # between Lightning and torch
            return Fabric(
                accelerator=self.name,
                devices=devices,
                num_nodes=nodes,
                strategy=strategy or "auto",
                plugins=[precision],
            )

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context in which torch computes with this precision."""
        return torch.autocast(self.name, torch.bfloat16) if self.precision == "bf16" else nullcontext()

    @property
    def workers(self) -> int:
        """Processes that make batches; none on a CPU, where they would compete with the network."""
        return min(16, max(1, (os.cpu_count() or 1) - 1)) if self.name == "cuda" else 0


def choose_device(name: DeviceName, precision: PrecisionName, devices: int = 1) -> Device:
    """Return the device and precision asked for; `auto` is the fastest available one. `devices` are needed of it."""
    if name == "cuda" and not torch.cuda.is_available():
        raise WrongUse("torch finds no GPU on this machine; leave --device out, or choose cpu.")
    found: Literal["cpu", "cuda"] = "cuda" if torch.cuda.is_available() else "cpu"
    chosen = found if name == "auto" else name
    if chosen == "cuda" and devices > torch.cuda.device_count():
        raise WrongUse(
            f"--devices is {devices}, but torch finds {torch.cuda.device_count()} GPUs on this machine; choose as many."
        )
    has_bf16 = torch.cuda.is_bf16_supported() if chosen == "cuda" else _processor_has_bf16()
    if precision == "bf16" and not has_bf16:
        raise WrongUse(f"This {chosen} has no bf16 instructions, and emulated bf16 is slow; choose fp32.")
    return Device(chosen, "fp32" if precision == "fp32" or not has_bf16 else "bf16")


def keep_freed_memory() -> None:
    """Let glibc keep freed memory for the next step; with another C library, do nothing.

    Otherwise large arrays are returned to the system and allocated again, page by page, in every step. That took a
    tenth of the time of a U-Net's step, and a seventh of a DnCNN's.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    set_option(MMAP_THRESHOLD, 1 << 30)
    set_option(TRIM_THRESHOLD, (1 << 31) - 1)


def _processor_has_bf16() -> bool:
    """Return whether the CPU has bf16 instructions; torch otherwise emulates them, slowly."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16") or has.get("bf16"))
