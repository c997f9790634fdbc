"""Children: the processes of a run, as a place; each makes one file at a time, and a lost one is replaced."""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import LifoQueue

from repix.batch.child_process import ChildLost, ChildProcess, Unusable
from repix.batch.place import Check, Made, Order
from repix.batch.program import Program
from repix.batch.work import Advance
from repix.errors import Unreadable

ATTEMPTS = 2
"""Processes that may be lost with one file, before the file counts as the reason."""


class Children:
    """The processes; `begin` starts them."""

    def __init__(self, program: Program, count: int) -> None:
        self._program, self.most = program, count
        self._idle = LifoQueue[ChildProcess]()
        self._all: list[ChildProcess] = []
        self._starter: threading.Thread | None = None
        self._is_over = False
        self.are_ready = False
        self._lock = threading.Lock()

    @property
    def are_begun(self) -> bool:
        """True if they were started; they may not be ready yet."""
        return self._starter is not None

    @property
    def fit(self) -> bool:
        """True if the largest file so far fits into the memory beside all processes."""
        return self._program.pool.largest <= self._most_memory

    def begin(self, on_refusal: Callable[[str], None]) -> None:
        """Start the processes in the background."""

        def start() -> None:
            try:
                started = [self._started() for _ in range(self.most)]
                for one in started:
                    one.require_open()
                    self._idle.put(one)
                self.are_ready = True
            except Unusable as problem:
                on_refusal(str(problem))

        self._starter = threading.Thread(target=start, daemon=True, name="repix-children")
        self._starter.start()

    def wait(self) -> None:
        """Wait until all processes are ready, or refused."""
        if self._starter is not None:
            self._starter.join()

    def running(self) -> list[int]:
        """Return the numbers of the processes."""
        with self._lock:
            return [one.number for one in self._all]

    def room(self) -> int:
        """Return the number of files at a time."""
        return self.most

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file in a free process, of which there is one for each thread that calls this."""
        losses = 0
        while losses < ATTEMPTS:
            child = self._idle.get()
            try:
                made = child.make(order, advance, check)
            except ChildLost as loss:
                losses += loss.began
                _remove(order)
                self._idle.put(self._replaced())
                continue
            except BaseException as problem:
                if isinstance(problem, Exception) and not isinstance(problem, Unusable):
                    self._idle.put(child)  # it failed with this file only
                raise
            self._idle.put(child)
            return made
        raise Unreadable(
            f"{order.source} was given up: {ATTEMPTS} worker processes ended while they converted it; convert it alone "
            "to see why."
        )

    def end(self) -> None:
        """End all processes."""
        with self._lock:
            self._is_over = True
            for one in self._all:
                one.end()
            self._all.clear()
        if self._starter is not None and self._starter is not threading.current_thread():
            self._starter.join()

    @property
    def _most_memory(self) -> int:
        return self._program.pool.size - self.most * self._program.base

    def _started(self) -> ChildProcess:
        with self._lock:
            if self._is_over:
                raise Unusable("the run ends")
            try:
                one = ChildProcess(self._program, self.most, self._most_memory)
            except OSError as problem:
                raise Unusable(f"a worker process could not start: {problem}") from None
            self._all.append(one)
            return one

    def _replaced(self) -> ChildProcess:
        one = self._started()
        one.require_open()
        return one


def _remove(order: Order) -> None:
    """Remove what a lost process made: the next one finds the paths free."""
    for one in order.results:
        with suppress(OSError):
            one.unlink()
