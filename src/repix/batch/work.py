"""Work: what a batch does with each file, and what the results depend on besides the files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from repix.batch.sizes import pixels_of
from repix.pictures.fidelity_report import Fidelity


class Advance(Protocol):
    """To be called without pixels when computing begins, and then with the pixels computed since the last call.

    Raises a KeyboardInterrupt when the run is to stop.
    """

    def __call__(self, pixels: int = 0) -> None:
        """Report that this many more pixels are done."""


WorkFunction = Callable[[Path, Path, Advance], Fidelity]
"""Makes a file from a source. The path it is given is not yet the result's, but has the same suffix and is free.

Side outputs of the job are written beside that path, named after it, and move to the result's folder with it.
"""


@dataclass(frozen=True)
class Work:
    """A function from file to file, and all that changes the bytes of its results."""

    function: WorkFunction
    fingerprint: Mapping[str, Any] = field(default_factory=dict)
    """Names and options, as JSON. A result made with another fingerprint is made again."""
    pixels: Callable[[Path], int] = pixels_of
    """Returns how many pixels of a file are to be computed; for the time left."""
    most_workers: int | None = None
    """More workers than this gain nothing; None: as many as the user likes."""
    temporary: bool = False
    """Whether the results are deleted when the program ends, so that they need not be flushed to the disk."""


@dataclass(frozen=True)
class BatchOptions:
    """How a batch runs; nothing here changes a result."""

    overwrite: bool = False
    """Replace files that stand in the way of results and that repix did not write."""
    workers: int = 1
    """Files at a time."""
