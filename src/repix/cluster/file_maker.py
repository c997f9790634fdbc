"""File maker: the tasks of a batch, in a worker process."""

import socket
from dataclasses import dataclass
from pathlib import Path

from repix.batch.place import Made, Order, make
from repix.batch.work import Advance, WorkFunction
from repix.errors import Unreadable, Unwritable


@dataclass(frozen=True)
class FileMaker:
    """Makes files with the function of a work; a task is an order."""

    function: WorkFunction

    def __call__(self, order: Order, advance: Advance) -> Made:
        """Make a file and its fingerprints."""
        _require_shared(order)
        return make(self.function, order, advance, lambda: None)


def _require_shared(order: Order) -> None:
    """Refuse paths that do not exist here, although they exist where the run was started."""
    advice = "the machines of a cluster need the same shared folders"
    if not order.source.exists():
        raise Unreadable(f"{order.source} does not exist on the machine {socket.gethostname()}; {advice}.")
    folder: Path = order.results[0].parent
    if not folder.is_dir():
        raise Unwritable(f"{folder.parent} does not exist on the machine {socket.gethostname()}; {advice}.")
