"""Ctrl-C while a library works that does not listen to it."""

import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

Result = TypeVar("Result")

POLL_SECONDS = 0.1
"""Seconds between two looks; not every system lets Ctrl-C end a wait."""
GRACE_SECONDS = 1.0
"""Seconds that a library gets to end what it was asked to end."""


class _Abandoned:
    """How many works were left to themselves."""

    count = 0


class _Worker:
    """A thread that does one work after the other; `repix-engine` is its name.

    It starts while there is memory: a thread that begins where there is none can die before it says that it has begun,
    and whoever started it waits for ever.
    """

    current: "_Worker | None" = None

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True, name="repix-engine").start()

    @classmethod
    def idle(cls) -> "_Worker":
        """Return the one that there is, or a new one."""
        if cls.current is None:
            cls.current = cls()
        return cls.current

    @classmethod
    def forget(cls) -> None:
        """Leave the one that there is to its work."""
        cls.current = None

    def do(self, work: Callable[[], None]) -> None:
        """Begin with it."""
        self._asked.put(work)

    def _run(self) -> None:
        while True:
            self._asked.get()()


os.register_at_fork(after_in_child=_Worker.forget)


def interruptible(work: Callable[[], Result], cancel: Callable[[], object] = lambda: None) -> Result:
    """Return what `work` gives. In the main thread Ctrl-C comes through meanwhile, though the library goes on alone.

    It is then asked by `cancel` to end. Other threads are never interrupted, and whoever has a handler of their own for
    Ctrl-C keeps it: there the work is simply done.

    >>> interruptible(lambda: 2)
    2
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return work()
    made: list[Result] = []
    problems: list[BaseException] = []
    done = threading.Event()

    def worked() -> None:
        try:
            made.append(work())
        except BaseException as problem:  # noqa: BLE001 (it is raised in the main thread)
            problems.append(problem)
        finally:
            done.set()

    _Worker.idle().do(worked)
    try:
        while not done.wait(POLL_SECONDS):
            pass
    except KeyboardInterrupt:
        cancel()
        if not done.wait(GRACE_SECONDS):
            _Abandoned.count += 1
            _Worker.forget()
        raise
    if problems:
        raise problems[0]
    return made[0]


def is_busy() -> bool:
    """Return whether a library may still be at work that was interrupted; Python cannot end in order beside it."""
    return _Abandoned.count > 0
