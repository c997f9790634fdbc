"""Crew: worker processes that answer tasks, as the place of a batch or as a map; lost workers' tasks go to others."""

import os
import secrets
import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Protocol, TypeVar

from repix.batch.place import Check, Made, Order, PlaceLost
from repix.batch.work import Advance
from repix.errors import FileProblem, Unreadable

PAUSE = 0.2
"""Seconds between two looks at a task that is being done."""
ATTEMPTS = 4
"""Workers that may be lost with one task, before the task counts as the reason."""
MOST = 2048
"""Tasks at the same time at most; each has a thread in the process that runs the batch."""
AHEAD = 2
"""Tasks of a map that are begun beyond those for which there is room, so that a slow one leaves no worker idle."""
Answer = TypeVar("Answer")


class MemberLost(Exception):
    """A worker process ended while it did a task."""


class Call(Protocol):
    """A task that a worker does now."""

    def wait(self, seconds: float) -> Any:
        """Return the answer, or None after so long; raises MemberLost, or what the work raised."""
        ...

    def pixels(self) -> int | None:
        """Return the number of pixels converted so far, as far as known; None before computing starts."""
        ...

    def stop(self) -> None:
        """Ask the worker to end the task early; it may be called again."""
        ...


class Member(Protocol):
    """A worker process."""

    @property
    def slots(self) -> int:
        """The number of tasks that it does at the same time."""
        ...

    def begin(self, task: Any) -> Call:
        """Start to do a task: for files, an `Order`."""
        ...

    def end(self) -> None:
        """End the process; it may have ended already."""
        ...


def _go_on() -> None:
    """Do nothing: the run is not to stop."""


def _report_nothing(pixels: int = 0) -> None:
    """Report no progress."""


class Crew:
    """The worker processes of a run; they join and leave at any time.

    >>> crew = Crew()
    >>> crew.room()
    0
    """

    most = MOST

    def __init__(self) -> None:
        self._tasks: dict[Member, int] = {}
        """Number of tasks that each member does now."""
        self._changed = threading.Condition()
        self._ended = ""
        self.is_stranded = False
        """True if the cluster is gone, so that its library would not end in order."""

    def join(self, member: Member) -> None:
        """Add a worker process."""
        with self._changed:
            self._tasks[member] = 0
            self._changed.notify_all()

    def members(self) -> list[Member]:
        """Return the worker processes."""
        with self._changed:
            return list(self._tasks)

    def end(self, why: str, stranded: bool = False) -> None:
        """End the run with a sentence: no worker process will come again."""
        with self._changed:
            self._ended, self.is_stranded = self._ended or why, self.is_stranded or stranded
            self._changed.notify_all()

    def room(self) -> int:
        """Return the number of tasks that can be done at the same time now."""
        with self._changed:
            self._require_going()
            return min(sum(member.slots for member in self._tasks), MOST)

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file with the member that has the fewest, and again with another one if that is lost."""

        def made(member: Member) -> Made:
            return self._made_by(member, order, advance, check)

        return self._kept_at(made, f"{order.source} was", check)

    def each(
        self, tasks: Iterable[Any], name: Callable[[Any], str], check: Check = _go_on, most: int = MOST
    ) -> Iterator[Any]:
        """Yield the answers to tasks in their order, as `map` does; tasks are read as workers have room for them.

        Args:
            tasks: the tasks; they are read in the caller's thread.
            name: returns the name of a task, for the sentence about one that ends its workers.
            check: called often; what it raises ends the map.
            most: tasks and answers on the way at most.

        Raises:
            PlaceLost: the run was ended.
            Unreadable: several workers were lost with one task.
        """
        stopped = threading.Event()

        def go_on() -> None:
            if stopped.is_set():
                raise KeyboardInterrupt

        def answered(task: Any) -> Any:
            def one(member: Member) -> Any:
                return self._answer(member, task, _report_nothing, go_on)

            return self._kept_at(one, f"{name(task)} was", go_on)

        waiting, ahead, is_over = iter(tasks), deque[Future[Any]](), False
        pool = ThreadPoolExecutor(MOST, thread_name_prefix="repix-tasks")
        try:
            while ahead or not is_over:
                while not is_over and len(ahead) < min(self.room() + AHEAD, most):
                    task = next(waiting, None)
                    is_over = task is None
                    if not is_over:
                        ahead.append(pool.submit(answered, task))
                if ahead:
                    yield _result(ahead.popleft(), check)
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)

    def ask(self, task: Any, name: str, stop: threading.Event) -> Any:
        """Return the answer to one long task.

        Args:
            task: the task.
            name: its name, for the sentence about one that ends its workers.
            stop: when it is set, the worker is asked to end the task early, and its answer is still waited for.

        Raises:
            KeyboardInterrupt: `stop` was set before a worker was free.
            PlaceLost: the run was ended.
            Unreadable: several workers were lost with the task.
        """

        def check() -> None:
            if stop.is_set():
                raise KeyboardInterrupt

        def one(member: Member) -> Any:
            return self._answer(member, task, _report_nothing, _go_on, stop)

        return self._kept_at(one, f"{name} was", check)

    def _kept_at(self, one: Callable[[Member], Answer], named: str, check: Check) -> Answer:
        """Return what a member answers; if it is lost, another one is asked."""
        for attempt in count(1):
            member = self._taken(check)
            try:
                return one(member)
            except MemberLost as loss:
                self._dismiss(member)
                if attempt == ATTEMPTS:
                    raise Unreadable(
                        f"{named} given up: {ATTEMPTS} worker processes ended while they worked on it ({loss}); "
                        "run the command for it alone, without --cluster, to see why."
                    ) from None
            finally:
                self._release(member)
        raise AssertionError

    def _made_by(self, member: Member, order: Order, advance: Advance, check: Check) -> Made:
        with _attempt(order) as tried:
            try:
                made: Made = self._answer(member, tried, advance, check)
            except FileProblem as problem:
                raise type(problem)(_by_own_names(str(problem), tried, order)) from None
            for one, result in zip(tried.results, order.results, strict=True):
                one.rename(result)
            return made

    def _answer(
        self, member: Member, task: Any, advance: Advance, check: Check, stop: threading.Event | None = None
    ) -> Any:
        """Return a member's answer to a task; progress that was reported for a lost one is taken back."""
        call, done, computing, answer = member.begin(task), 0, False, None
        try:
            while answer is None:
                answer = call.wait(PAUSE)
                if stop is not None and stop.is_set():
                    call.stop()
                check()
                self._require_going()
                pixels = call.pixels()
                if pixels is not None and not computing:
                    computing = True
                    advance()
                if pixels is not None and pixels > done:
                    advance(pixels - done)
                    done = pixels
        except MemberLost:
            if done:
                advance(-done)
            raise
        return answer

    def _taken(self, check: Check) -> Member:
        """Return the member with the fewest tasks, which gets one more; wait for a free one."""
        with self._changed:
            while True:
                self._require_going()
                free = [member for member, tasks in self._tasks.items() if tasks < member.slots]
                if free:
                    member = min(free, key=self._tasks.__getitem__)
                    self._tasks[member] += 1
                    return member
                self._changed.wait(PAUSE)
                check()

    def _dismiss(self, member: Member) -> None:
        """Remove a member that was lost; what is left of it ends, for it would keep a processor."""
        with self._changed:
            self._tasks.pop(member, None)
        member.end()

    def _release(self, member: Member) -> None:
        with self._changed:
            if member in self._tasks:
                self._tasks[member] -= 1
                self._changed.notify_all()

    def _require_going(self) -> None:
        if self._ended:
            raise PlaceLost(self._ended)


def _result(future: "Future[Any]", check: Check) -> Any:
    """Return a future's result; `check` is called while it is not there."""
    while not wait([future], PAUSE).done:
        check()
    return future.result()


@contextmanager
def _attempt(order: Order) -> Iterator[Order]:
    """Yield the order with absolute paths, its results in a folder of its own.

    A worker that was given up, but is not dead, may still write: never into the folder of the next attempt.
    """
    folder = Path(os.path.abspath(order.results[0].parent), f"{secrets.token_hex(8)}.part")  # noqa: PTH100
    folder.mkdir()
    source = Path(os.path.abspath(order.source))  # noqa: PTH100 (links stay as they are)
    try:
        yield replace(order, source=source, results=tuple(folder / one.name for one in order.results))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _by_own_names(sentence: str, tried: Order, order: Order) -> str:
    """Return a worker's sentence with the paths as they were given."""
    folders = (str(tried.results[0].parent), str(order.results[0].parent))
    return sentence.replace(*folders).replace(str(tried.source), str(order.source))
