"""Ahead: what one thread makes while another uses what was made before."""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TypeVar

Thing = TypeVar("Thing")


def ahead(making: Iterator[Thing]) -> Iterator[Thing]:
    """The same things, each made in a thread of its own while the one before is in use; never more than these two.

    What the thread raises arrives here. Who stops early also stops the thread, before it makes another thing.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    made: SimpleQueue[tuple[Thing | None, BaseException | None]] = SimpleQueue()
    wanted = Semaphore(1)
    stopped = False

    def make() -> None:
        try:
            while wanted.acquire() and not stopped:
                made.put((next(making), None))
        except BaseException as problem:  # noqa: BLE001 (it is raised again where it is expected)
            made.put((None, problem))

    maker = Thread(target=make, name="ahead")
    maker.start()
    try:
        while True:
            thing, problem = made.get()
            if isinstance(problem, StopIteration):
                return
            if problem is not None:
                raise problem
            wanted.release()
            yield thing  # type: ignore[misc]
    finally:
        stopped = True
        wanted.release()
        maker.join()
