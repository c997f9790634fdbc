"""Places: where the files of a batch are made, in threads of this process or in other processes.

The rest of a run is the same for all places: one process decides which results are made, writes the journal, and moves
each result to its path.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from repix.batch.fingerprint import Fingerprint, fingerprint
from repix.batch.work import Advance, WorkFunction
from repix.errors import RepixError
from repix.pictures.fidelity_report import Fidelity

Check = Callable[[], None]
"""To be called often; raises KeyboardInterrupt if the run is to stop."""


class PlaceLost(RepixError):
    """The place of a run ended, such as a cluster; the run stops, and the same command continues it."""


@dataclass(frozen=True)
class Order:
    """A file to make."""

    source: Path
    results: tuple[Path, ...]
    """Temporary paths in one folder: of the result, then of its side outputs."""
    known: Fingerprint | None = None
    """Fingerprint of the source, if it was read already."""
    hashed: bool = True
    """True if fingerprints are needed, for a journal."""


@dataclass(frozen=True)
class Made:
    """A result at its temporary path."""

    fidelity: Fidelity
    source: Fingerprint | None = None
    results: tuple[Fingerprint, ...] = ()
    """Of the result and its side outputs, in the order of `Order.results`."""


class Place(Protocol):
    """Where files are made."""

    @property
    def most(self) -> int:
        """The largest number of files at the same time."""
        ...

    def room(self) -> int:
        """Return the number of files that can be made at the same time now; raises PlaceLost."""
        ...

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file; called from several threads. Raises what the work raises, KeyboardInterrupt, and PlaceLost."""
        ...


@dataclass(frozen=True)
class Threads:
    """The place in this process: so many threads call the work's function."""

    function: WorkFunction
    most: int

    def room(self) -> int:
        """Return the number of threads."""
        return self.most

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file in the calling thread."""
        return make(self.function, order, advance, check)


def make(function: WorkFunction, order: Order, advance: Advance, check: Check) -> Made:
    """Make a file and the fingerprints that the journal needs.

    >>> import shutil, tempfile
    >>> def copy(source, target, advance):
    ...     shutil.copy(source, target)
    ...     return Fidelity()
    >>> with tempfile.TemporaryDirectory() as name:
    ...     source, result = Path(name, "a"), Path(name, "b")
    ...     size = source.write_bytes(b"...")
    ...     made = make(copy, Order(source, (result,)), lambda pixels=0: None, lambda: None)
    >>> made.source.sha256 == made.results[0].sha256
    True
    """
    if not order.hashed:
        return Made(function(order.source, order.results[0], advance))
    source = order.known or fingerprint(order.source, check)
    fidelity = function(order.source, order.results[0], advance)
    check()  # a library's callback may have swallowed the exception
    return Made(fidelity, source, tuple(fingerprint(one, check, settled=True) for one in order.results))
