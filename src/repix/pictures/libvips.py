"""libvips, through pyvips: loaded when it is needed first."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

R = TypeVar("R")

MOST_THREADS = 8
"""Threads that libvips may have. With more it keeps more rows: with 32, 885 MB of a PNG 30,000 pixels wide."""


@cache
def library() -> Any:
    """pyvips, without its cache: nothing here is computed twice, and a cached picture is never let go."""
    import pyvips

    pyvips.cache_set_max(0)
    pyvips.concurrency_set(min(pyvips.concurrency_get(), MOST_THREADS))
    return pyvips


def blob(image: Any, name: str) -> bytes | None:
    """Bytes that an image carries beside its pixels."""
    return bytes(image.get(name)) if image.get_typeof(name) else None


def complaint(problem: Exception) -> str:
    """What the library said last, on one line."""
    lines = [line.strip() for line in str(getattr(problem, "detail", problem)).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


class Callbacks:
    """Functions that libvips calls. What goes wrong in them would be lost there; it is kept, and libvips told to stop.

    >>> callbacks = Callbacks()
    >>> callbacks.guarded(lambda: 1 / 0, -1)(), callbacks.problem
    (-1, ZeroDivisionError('division by zero'))
    """

    problem: BaseException | None = None

    def guarded(self, function: Callable[..., R], failed: R) -> Callable[..., R]:
        """The function, with what it returns when it failed."""

        @wraps(function)
        def called(*arguments: Any) -> R:
            try:
                return function(*arguments)
            except BaseException as problem:  # noqa: BLE001 (whoever called libvips raises it)
                self.problem = self.problem or problem
                return failed

        return called
