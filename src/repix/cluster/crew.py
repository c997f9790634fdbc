"""Crew: worker processes as the place of a batch; a file whose worker is lost is made again by another one."""

import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Protocol

from repix.batch.place import Check, Made, Order, PlaceLost
from repix.batch.work import Advance
from repix.errors import FileProblem, Unreadable

PAUSE = 0.2
"""Seconds between two looks at a file that is being made."""
ATTEMPTS = 4
"""Workers that may be lost with one file, before the file counts as the reason."""
MOST = 2048
"""Files that are made at the same time at most; each has a thread in the process that runs the batch."""


class MemberLost(Exception):
    """A worker process ended while it made a file."""


class Call(Protocol):
    """A file that a worker makes now."""

    def wait(self, seconds: float) -> Made | None:
        """Return what was made, or None after so long; raises MemberLost, or what the work raised."""
        ...

    def pixels(self) -> int | None:
        """Return the number of pixels converted so far, as far as known; None before computing starts."""
        ...


class Member(Protocol):
    """A worker process."""

    @property
    def slots(self) -> int:
        """The number of files that it makes at the same time."""
        ...

    def begin(self, order: Order) -> Call:
        """Start to make a file."""
        ...

    def end(self) -> None:
        """End the process; it may have ended already."""
        ...


class Crew:
    """The worker processes of a run; they join and leave at any time.

    >>> crew = Crew()
    >>> crew.room()
    0
    """

    most = MOST

    def __init__(self) -> None:
        self._files: dict[Member, int] = {}
        """Number of files that each member makes now."""
        self._changed = threading.Condition()
        self._ended = ""
        self.is_stranded = False
        """True if the cluster is gone, so that its library would not end in order."""

    def join(self, member: Member) -> None:
        """Add a worker process."""
        with self._changed:
            self._files[member] = 0
            self._changed.notify_all()

    def members(self) -> list[Member]:
        """Return the worker processes."""
        with self._changed:
            return list(self._files)

    def end(self, why: str, stranded: bool = False) -> None:
        """End the run with a sentence: no worker process will come again."""
        with self._changed:
            self._ended, self.is_stranded = self._ended or why, self.is_stranded or stranded
            self._changed.notify_all()

    def room(self) -> int:
        """Return the number of files that can be made at the same time now."""
        with self._changed:
            self._require_going()
            return min(sum(member.slots for member in self._files), MOST)

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file with the member that has the fewest, and again with another one if that is lost."""
        for attempt in count(1):
            member = self._taken(check)
            try:
                return self._made_by(member, order, advance, check)
            except MemberLost as loss:
                self._dismiss(member)
                if attempt == ATTEMPTS:
                    raise Unreadable(
                        f"{order.source} was given up: {ATTEMPTS} worker processes ended while they converted it "
                        f"({loss}); convert it alone to see why."
                    ) from None
            finally:
                self._release(member)
        raise AssertionError

    def _made_by(self, member: Member, order: Order, advance: Advance, check: Check) -> Made:
        with _attempt(order) as tried:
            call, done, computing, made = member.begin(tried), 0, False, None
            try:
                while made is None:
                    made = call.wait(PAUSE)
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
            except FileProblem as problem:
                raise type(problem)(_by_own_names(str(problem), tried, order)) from None
            for one, result in zip(tried.results, order.results, strict=True):
                one.rename(result)
            return made

    def _taken(self, check: Check) -> Member:
        """Return the member with the fewest files, which gets one more; wait for a free one."""
        with self._changed:
            while True:
                self._require_going()
                free = [member for member, files in self._files.items() if files < member.slots]
                if free:
                    member = min(free, key=self._files.__getitem__)
                    self._files[member] += 1
                    return member
                self._changed.wait(PAUSE)
                check()

    def _dismiss(self, member: Member) -> None:
        """Remove a member that was lost; what is left of it ends, for it would keep a processor."""
        with self._changed:
            self._files.pop(member, None)
        member.end()

    def _release(self, member: Member) -> None:
        with self._changed:
            if member in self._files:
                self._files[member] -= 1
                self._changed.notify_all()

    def _require_going(self) -> None:
        if self._ended:
            raise PlaceLost(self._ended)


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
