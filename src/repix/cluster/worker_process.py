"""Worker process of a cluster: it has the model open, makes files, and reports the pixels of unfinished ones."""

import socket
import threading
from pathlib import Path

from repix.batch.place import Made, Order, make
from repix.batch.work import WorkFunction
from repix.cluster.shipment import Shipment, refusal
from repix.conversion.folder import model_work
from repix.errors import RepixError, Unreadable, Unwritable

Answer = Made | RepixError
"""An error of repix is returned, not raised, so that it arrives as it is."""


class WorkerProcess:
    """Makes files with one model, in several threads.

    >>> WorkerProcess().progress()
    {}
    """

    def __init__(self) -> None:
        self._function: WorkFunction | None = None
        self._node = socket.gethostname()
        self._pixels: dict[int, int] = {}
        """Converted pixels of the files that are being made, by their numbers."""
        self._lock = threading.Lock()

    def open(self, shipment: Shipment) -> str:
        """Open the model; return an empty text, or why this process cannot be used."""
        try:
            self._function = model_work(shipment.opened(), shipment.options).function
        except RepixError as problem:
            return refusal(problem, self._node)
        return ""

    def make(self, number: int, order: Order) -> Answer:
        """Make a file; `number` is its name in `progress`."""
        if self._function is None:
            return RepixError("The worker process has no model.")

        def advance(pixels: int = 0) -> None:
            with self._lock:
                self._pixels[number] = self._pixels.get(number, 0) + pixels

        try:
            self._require_shared(order)
            return make(self._function, order, advance, lambda: None)
        except RepixError as problem:
            return problem
        finally:
            with self._lock:
                self._pixels.pop(number, None)

    def progress(self) -> dict[int, int]:
        """Return the number of converted pixels of each file that is being made."""
        with self._lock:
            return dict(self._pixels)

    def _require_shared(self, order: Order) -> None:
        """Refuse paths that do not exist here, although they exist where the run was started."""
        advice = "the machines of a cluster need the same shared folders"
        if not order.source.exists():
            raise Unreadable(f"{order.source} does not exist on the machine {self._node}; {advice}.")
        folder: Path = order.results[0].parent
        if not folder.is_dir():
            raise Unwritable(f"{folder.parent} does not exist on the machine {self._node}; {advice}.")
