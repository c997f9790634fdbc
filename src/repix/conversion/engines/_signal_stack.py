"""Protection of the alternate signal stack."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ON_LINUX = sys.platform == "linux"


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
