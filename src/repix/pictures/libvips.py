"""Access to libvips through pyvips, which is imported at first use."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, TypeVar

R = TypeVar("R")

MOST_THREADS = 8
"""Most threads for libvips. More threads buffer more rows: 32 need 885 MB for a PNG 30,000 pixels wide."""


@cache
def library() -> Any:
    """Return the pyvips module, with its operation cache disabled, which would keep pictures in memory."""
    import pyvips

    pyvips.cache_set_max(0)
    pyvips.concurrency_set(min(pyvips.concurrency_get(), MOST_THREADS))
    return pyvips


def blob(image: Any, name: str) -> bytes | None:
    """Return a metadata block of an image, or None."""
    return bytes(image.get(name)) if image.get_typeof(name) else None


def error_text(problem: Exception) -> str:
    """Return the last line of a libvips error."""
    lines = [line.strip() for line in str(getattr(problem, "detail", problem)).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


class Callbacks:
    """Python functions that libvips calls; the first exception is stored in `problem`, because libvips would drop it.

    >>> callbacks = Callbacks()
    >>> callbacks.guarded(lambda: 1 / 0, -1)(), callbacks.problem
    (-1, ZeroDivisionError('division by zero'))
    """

    problem: BaseException | None = None

    def guarded(self, function: Callable[..., R], failed: R) -> Callable[..., R]:
        """Wrap a function: after an exception it returns `failed`, which tells libvips to stop."""

        @wraps(function)
        def called(*arguments: Any) -> R:
            try:
                return function(*arguments)
            except BaseException as problem:  # noqa: BLE001 (the caller of libvips raises it)
                self.problem = self.problem or problem
                return failed

        return called


@contextmanager
def defer_interrupt() -> Iterator[None]:
    """Defer SIGINT to the end of the block; a `KeyboardInterrupt` raised inside a callback from C would be lost.

    Nothing changes outside the main thread, or where the program has installed its own handler.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    waiting = []
    signal.signal(signal.SIGINT, lambda *_: waiting.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if waiting:
        raise KeyboardInterrupt
