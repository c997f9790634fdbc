"""Worker process of a cluster: it opens what the tasks need, does them, and reports the pixels of unfinished ones."""

import socket
import threading
from typing import Any

from repix.cluster.shipment import Shipment, TaskFunction, refusal
from repix.errors import RepixError


class WorkerProcess:
    """Does tasks, in several threads.

    >>> WorkerProcess().progress()
    {}
    """

    def __init__(self) -> None:
        self._function: TaskFunction | None = None
        self._node = socket.gethostname()
        self._pixels: dict[int, int] = {}
        """Converted pixels of the tasks that are being done, by their numbers."""
        self._stopped: set[int] = set()
        """The numbers of tasks that are to end early."""
        self._lock = threading.Lock()

    def open(self, shipment: Shipment) -> str:
        """Open what the tasks need, such as a model; return an empty text, or why this process cannot be used."""
        try:
            self._function = shipment.opened()
        except RepixError as problem:
            return refusal(problem, self._node)
        return ""

    def do(self, number: int, task: Any) -> Any:
        """Do a task; `number` is its name in `progress`.

        An error of repix is returned, not raised, so that it arrives as it is. If the task is to end early, `advance`
        raises KeyboardInterrupt.
        """
        if self._function is None:
            return RepixError("The worker process has opened nothing.")

        def advance(pixels: int = 0) -> None:
            with self._lock:
                self._pixels[number] = self._pixels.get(number, 0) + pixels
                if number in self._stopped:
                    raise KeyboardInterrupt

        try:
            return self._function(task, advance)
        except RepixError as problem:
            return problem
        finally:
            with self._lock:
                self._pixels.pop(number, None)
                self._stopped.discard(number)

    def stop(self, number: int) -> None:
        """Ask a task to end early."""
        with self._lock:
            if number in self._pixels:
                self._stopped.add(number)

    def progress(self) -> dict[int, int]:
        """Return the number of converted pixels of each task that is being done."""
        with self._lock:
            return dict(self._pixels)
