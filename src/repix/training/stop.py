"""Stop request: Ctrl-C and SIGTERM stop a training after the current step; a second Ctrl-C ends it at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

TERMINATED = 143
"""The exit code of a process that was ended by SIGTERM."""


class Terminated(SystemExit):
    """SIGTERM came; the process ends with its exit code."""


def _end(_: int, __: FrameType | None) -> None:
    raise Terminated(TERMINATED)


@contextmanager
def terminable() -> Iterator[None]:
    """Within the block, SIGTERM raises `Terminated`, so that unfinished files are removed and processes stopped.

    A training in the block handles it by itself: it stops with a checkpoint.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class StopRequest:
    """Handles the signals within a `with` block; another handler of SIGTERM stays in place."""

    def __init__(self) -> None:
        self.asked = False
        """True if the training is to stop after the current step."""
        self.terminated = False
        """True if the request was SIGTERM: there may only be time for the checkpoint."""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._listen(signal.SIGINT, self._interrupted)
            if signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, _end):
                self._listen(signal.SIGTERM, self._terminated)
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _listen(self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> None:
        self._before[number] = signal.signal(number, handler)

    def _interrupted(self, _: int, __: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, self._before[signal.SIGINT])

    def _terminated(self, _: int, __: FrameType | None) -> None:
        self.asked = self.terminated = True
