"""Work: the function that a batch applies to each file, and what its results depend on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from repix.batch.program import Program
from repix.batch.sizes import Pixels, pixels_of
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.ranged_bytes import RangedBytes


class Advance(Protocol):
    """Progress callback: call it without pixels when computing starts, then with the pixels since the last call.

    Raises KeyboardInterrupt if the run is to stop.
    """

    def __call__(self, pixels: int = 0) -> None:
        """Report the pixels since the last call."""


WorkFunction = Callable[[Path, Path, Advance], Fidelity]
"""Function from source to result file. It writes to a temporary path with the result's suffix.

Side outputs of the job are written in the same folder, named after that path, and are moved with it.
"""

RangedFunction = Callable[[RangedBytes, Path, Advance], Fidelity]
"""The same for a picture elsewhere."""


@dataclass(frozen=True)
class Work:
    """A function from file to file, and everything else that determines the bytes of its results."""

    function: WorkFunction
    fingerprint: Mapping[str, Any] = field(default_factory=dict)
    """Names and options, as JSON. Results with another fingerprint are made again."""
    pixels: Pixels = pixels_of
    """Returns the pixel count of a file, for the time left."""
    most_workers: int | None = None
    """Largest useful number of workers; None: no limit."""
    temporary: bool = False
    """True if the results are deleted when the program ends, so that they need not be flushed to the disk."""
    program: Program | None = None
    """A program with which other processes do the same; None: they cannot."""
    ranged: RangedFunction | None = None
    """The same for large remote pictures, which are read in ranges; None: they are fetched whole."""
