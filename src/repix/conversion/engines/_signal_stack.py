"""Keeping the memory that the system runs signal handlers on."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class SignalStack(ctypes.Structure):
    """What Linux calls `stack_t`."""

    _fields_ = (("begin", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@contextmanager
def signal_stack_kept() -> Iterator[None]:
    """Whatever happens inside, this thread has the same stack for signals afterwards.

    OpenVINO 2026.4 gives the thread another one when it opens or runs a model, and frees it with the model, so that
    the next Ctrl-C would crash Python.
    """
    if sys.platform != "linux":
        yield
        return
    exchange = ctypes.CDLL(None).sigaltstack
    before = SignalStack()
    exchange(None, ctypes.byref(before))
    try:
        yield
    finally:
        exchange(ctypes.byref(before), None)
