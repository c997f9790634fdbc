"""A worker process in Ray: an actor, as a member of the crew."""

from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from typing import Any

from repix.cluster.crew import MemberLost
from repix.errors import RepixError


class RayMember:
    """An actor of the class `WorkerProcess`."""

    def __init__(self, ray: Any, actor: Any, slots: int) -> None:
        self._ray, self._actor, self.slots = ray, actor, slots
        self._numbers = count()
        self.pixels: dict[int, int] = {}
        """Converted pixels of its tasks, when it was last asked."""
        self._asked: Future[dict[int, int]] | None = None

    def opened(self, shipment: Any) -> "Future[str]":
        """Let the process open what its tasks need; the future's result is empty, or a refusal."""
        future: Future[str] = self._actor.open.remote(shipment).future()
        return future

    def begin(self, task: Any) -> "RayCall":
        """Start to do a task."""
        number = next(self._numbers)
        try:
            return RayCall(self, number, self._actor.do.remote(number, task).future())
        except (self._ray.exceptions.RayError, ConnectionError) as problem:
            raise MemberLost(type(problem).__name__) from None

    def ask_progress(self) -> None:
        """Ask for the pixels of unfinished tasks; the answer is taken when it has come."""
        if self._asked is not None:
            if not self._asked.done():
                return
            with suppress(self._ray.exceptions.RayError):  # the process ended; its tasks tell
                self.pixels = self._asked.result()
        self._asked = self._actor.progress.options(concurrency_group="progress").remote().future()

    def stop(self, number: int) -> None:
        """Ask a task to end early."""
        with suppress(Exception):  # the process may have ended, or the cluster; its task tells
            self._actor.stop.options(concurrency_group="progress").remote(number)

    def end(self) -> None:
        """End the process."""
        with suppress(Exception):  # it may have ended, or the cluster
            self._ray.kill(self._actor)

    def result(self, future: "Future[Any]", seconds: float) -> Any:
        """Return the answer of the process, None after so long; raise its error."""
        try:
            answer = future.result(seconds)
        except TimeoutError:
            return None
        except self._ray.exceptions.RayTaskError as problem:
            raise problem.cause from problem
        except (self._ray.exceptions.RayError, ConnectionError) as problem:
            raise MemberLost(type(problem).__name__) from None
        if isinstance(answer, RepixError):
            raise answer
        return answer


class RayCall:
    """A task that the process does now."""

    def __init__(self, member: RayMember, number: int, future: "Future[Any]") -> None:
        self._member, self._number, self._future = member, number, future

    def wait(self, seconds: float) -> Any:
        """Return the answer, or None after so long."""
        return self._member.result(self._future, seconds)

    def pixels(self) -> int | None:
        """Return the number of converted pixels when the process was last asked; None if it was not yet."""
        return self._member.pixels.get(self._number)

    def stop(self) -> None:
        """Ask the process to end the task early."""
        self._member.stop(self._number)
