"""Ctrl-C during a library call that does not react to it."""

import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

Result = TypeVar("Result")

POLL_SECONDS = 0.1
"""Seconds between two checks; on some systems Ctrl-C does not end a wait."""
GRACE_SECONDS = 1.0
"""Seconds that a library has to end a canceled call."""


class _Abandoned:
    """The number of library calls that were abandoned while they ran."""

    count = 0


class _Worker:
    """A thread, named `repix-engine`, that runs one call after the other.

    It starts early, while there is memory. A thread that starts without memory can die before it reports its start, and
    its creator would wait forever.
    """

    current: "_Worker | None" = None

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True, name="repix-engine").start()

    @classmethod
    def idle(cls) -> "_Worker":
        """Return the current worker, or a new one."""
        if cls.current is None:
            cls.current = cls()
        return cls.current

    @classmethod
    def forget(cls) -> None:
        """Abandon the current worker."""
        cls.current = None

    def do(self, work: Callable[[], None]) -> None:
        """Run a function in this thread."""
        self._asked.put(work)

    def _run(self) -> None:
        while True:
            self._asked.get()()


os.register_at_fork(after_in_child=_Worker.forget)


def interruptible(work: Callable[[], Result], cancel: Callable[[], object] = lambda: None) -> Result:
    """Return the result of `work`; in the main thread Ctrl-C can interrupt it.

    On Ctrl-C `cancel` is called, and KeyboardInterrupt is raised, even if the library still runs. In other threads, and
    where the program has its own Ctrl-C handler, `work` is simply called.

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
    """Return whether an interrupted library call may still run; Python cannot exit cleanly then."""
    return _Abandoned.count > 0
