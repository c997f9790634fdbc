"""Worker processes that are threads here, to test the crew and its tasks without Ray."""

import threading
from concurrent.futures import Future

from repix.cluster.crew import Crew, MemberLost
from repix.cluster.worker_process import WorkerProcess
from repix.errors import RepixError


class ThreadMember:
    """A `WorkerProcess` in threads; it is "lost" with each task after so many."""

    def __init__(self, shipment, slots=2, lives=10**9):
        self.slots, self.lives, self.ended, self.done = slots, lives, False, 0
        self.process = WorkerProcess()
        assert self.process.open(shipment) == ""

    def begin(self, task):
        return ThreadCall(self, task)

    def end(self):
        self.ended = True


class ThreadCall:
    def __init__(self, member, task):
        member.done += 1
        self.member, self.number = member, member.done
        self.future = Future()
        if self.number <= member.lives:
            threading.Thread(target=self._do, args=(task,), daemon=True).start()

    def wait(self, seconds):
        if self.number > self.member.lives:
            raise MemberLost("killed")
        try:
            answer = self.future.result(seconds)
        except TimeoutError:
            return None
        if isinstance(answer, RepixError):
            raise answer
        return answer

    def _do(self, task):
        try:
            self.future.set_result(self.member.process.do(self.number, task))
        except BaseException as problem:  # noqa: BLE001 (as Ray does)
            self.future.set_exception(problem)

    def pixels(self):
        return self.member.process.progress().get(self.number)

    def stop(self):
        self.member.process.stop(self.number)


def crew_of(*members):
    crew = Crew()
    for member in members:
        crew.join(member)
    return crew
