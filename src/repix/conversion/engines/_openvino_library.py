"""The OpenVINO library: imported without its model converter, and kept from replacing the signal stack."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from repix import registry

CONVERTER = "openvino.tools.ovc"
ON_LINUX = sys.platform == "linux"


def openvino() -> Any:
    """Return the library; its model converter, which takes most of the import time, is imported when it is called.

    `openvino.convert_model` still works for other users of the library in this process.
    """
    if "openvino" in sys.modules or CONVERTER in sys.modules:
        return registry.library("openvino")
    stand_in = ModuleType(CONVERTER)
    stand_in.convert_model = _convert_model  # type: ignore[attr-defined]
    sys.modules[CONVERTER] = stand_in
    try:
        return registry.library("openvino")
    finally:
        sys.modules.pop(CONVERTER, None)


def _convert_model(*given: Any, **named: Any) -> Any:
    """Import the converter and call it."""
    return registry.library(CONVERTER).convert_model(*given, **named)


class SignalStack(ctypes.Structure):
    """The struct `stack_t` of Linux."""

    _fields_ = (("begin", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@contextmanager
def signal_stack_kept() -> Iterator[None]:
    """Restore this thread's alternate signal stack at the end of the block.

    OpenVINO 2026.4 replaces it when it opens or runs a model, and frees the new one with the model. The next Ctrl-C
    would crash Python.
    """
    if not ON_LINUX:  # `sys` is gone when Python, at its very end, closes the engines
        yield
        return
    exchange = ctypes.CDLL(None).sigaltstack
    before = SignalStack()
    exchange(None, ctypes.byref(before))
    try:
        yield
    finally:
        exchange(ctypes.byref(before), None)
