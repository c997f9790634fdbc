"""Tiles of a job's pictures: their pyramids, made when they are first asked for."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from repix.errors import RepixError
from repix.studio.pyramid import Pyramid

Side = Literal["before", "after"]


@dataclass(eq=False)
class Tiles:
    """The pyramids of one job."""

    _made: dict[Side, Pyramid] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, side: Side, source: Path, room: int) -> Pyramid:
        """Return the pyramid of a file; whoever asks first makes it, all others wait.

        The files lie beside the picture, so that they are removed with the job.
        """
        with self._lock:
            if side not in self._made:
                self._made[side] = _made(source, side, room)
            return self._made[side]


def _made(source: Path, side: Side, room: int) -> Pyramid:
    """Return a new pyramid; a picture that cannot be read leaves no files."""
    try:
        return Pyramid.make(source, source.parent, side, room)
    except (RepixError, OSError):
        for file in source.parent.glob(f"{side}-*.level"):
            file.unlink(missing_ok=True)
        raise
