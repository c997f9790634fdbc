"""Threads or processes: a long run measures both, and goes on in the faster way; the results are the same bytes."""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import LifoQueue
from time import monotonic

from repix.batch.child_process import ChildLost, ChildProcess, Unusable
from repix.batch.place import Check, Made, Order, Threads
from repix.batch.program import Program
from repix.batch.turns import Choice, Turns, Way
from repix.batch.work import Advance, WorkFunction
from repix.errors import Unreadable

SETTLED, LONG = 10.0, 120.0
"""Processes are tried after so many seconds in threads, if the rest takes at least so many more."""
ATTEMPTS = 2
"""Processes that may be lost with one file, before the file counts as the reason."""


class MeasuredPlace:
    """The place of a run in this process and, if that is faster, in processes with one file each."""

    def __init__(self, function: WorkFunction, workers: int, program: Program, clock: Callable[[], float] = monotonic):
        self.most = workers
        self.files = 0
        """Number of files to make, as far as known."""
        self._threads, self._program, self._clock = Threads(function, workers), program, clock
        self._lock = threading.Lock()
        self._began: float | None = None
        self._made = 0
        self._turns = Turns(workers, clock)
        self._children = _Children(program, workers)

    @property
    def choice(self) -> Choice | None:
        """What was chosen; None if nothing was measured."""
        return self._turns.choice

    def room(self) -> int:
        """Return the number of files at a time."""
        return self.most

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file, in this thread or in a process."""
        pixels = 0

        def counted(some: int = 0) -> None:
            nonlocal pixels
            pixels += some
            advance(some)

        way = self._way()
        made = self._made_in(way, order, counted, check)
        with self._lock:
            self._made += 1
            if made is not None and self._children.are_ready:
                self._turns.add(way, pixels)
            is_decided = self._turns.choice is not None and self._turns.choice.way == "threads"
        if is_decided:
            self._children.end()
        return self._threads.make(order, counted, check) if made is None else made

    def begin(self) -> None:
        """Start the processes in the background; files are made in threads until all are ready."""
        if self._children.fit:
            self._children.begin(self._end)
        else:
            self._turns.end("the pictures are too large for several processes within --memory")

    def close(self) -> None:
        """End the processes."""
        self._children.end()

    def _made_in(self, way: Way, order: Order, advance: Advance, check: Check) -> Made | None:
        """Make a file in this way; None if processes cannot be used."""
        if way == "threads":
            return self._threads.make(order, advance, check)
        try:
            return self._children.make(order, advance, check)
        except Unusable as problem:
            self._end(str(problem))
        return None

    def _way(self) -> Way:
        """Return the way for the next file; processes begin when that is worth while."""
        with self._lock:
            now = self._clock()
            self._began = now if self._began is None else self._began
            if not self._children.are_begun and self._turns.choice is None and self._is_long(now - self._began):
                self.begin()
            return self._turns.way if self._children.are_ready or self._turns.choice else "threads"

    def _is_long(self, passed: float) -> bool:
        rest = passed / max(self._made, 1) * (self.files - self._made)
        return passed >= SETTLED and rest >= LONG

    def _end(self, reason: str) -> None:
        with self._lock:
            self._turns.end(reason)


class _Children:
    """The processes."""

    def __init__(self, program: Program, count: int) -> None:
        self._program, self._count = program, count
        self._idle = LifoQueue[ChildProcess]()
        self._all: list[ChildProcess] = []
        self._starter: threading.Thread | None = None
        self._is_over = False
        self.are_ready = False
        self._lock = threading.Lock()

    @property
    def are_begun(self) -> bool:
        return self._starter is not None

    @property
    def fit(self) -> bool:
        """True if the largest file so far fits into the memory beside all processes."""
        return self._program.pool.largest <= self._most_memory

    def begin(self, on_refusal: Callable[[str], None]) -> None:
        """Start the processes in the background."""

        def start() -> None:
            try:
                started = [self._started() for _ in range(self._count)]
                for one in started:
                    one.require_open()
                    self._idle.put(one)
                self.are_ready = True
            except Unusable as problem:
                on_refusal(str(problem))

        self._starter = threading.Thread(target=start, daemon=True, name="repix-children")
        self._starter.start()

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
        return self._program.pool.size - self._count * self._program.base

    def _started(self) -> ChildProcess:
        with self._lock:
            if self._is_over:
                raise Unusable("the run ends")
            try:
                one = ChildProcess(self._program, self._count, self._most_memory)
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
