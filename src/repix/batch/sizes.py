"""Pixel counts of the files of a run, read from their headers while the first files are converted.

Remote files are not read ahead: theirs are known when they are fetched.
"""

import threading
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from repix.batch.jobs import Job
from repix.errors import RepixError
from repix.pictures.band_reader import open_bands
from repix.pictures.sources import FileSource

UNKNOWN = -1
Pixels = Callable[[FileSource], int]
"""Returns the pixel count of a file."""


def pixels_of(path: FileSource) -> int:
    """Return height × width from the file's header; nothing is decoded."""
    with open_bands(path) as bands:
        return bands.size[0] * bands.size[1]


class Sizes:
    """Pixel counts of waiting files, by number; a file of unknown size counts as the mean of the others.

    >>> jobs = [Job(Path(name), Path("out", name)) for name in ("a.png", "b.png")]
    >>> sizes = Sizes(jobs, lambda path: 100)
    >>> sizes.of(0, jobs[0].source), sizes.waiting()
    (100, (2, 200.0))
    >>> sizes.drop(0)
    >>> sizes.waiting()
    (1, 100.0)
    """

    def __init__(self, jobs: Sequence[Job], pixels: Pixels = pixels_of) -> None:
        self._jobs, self._pixels = jobs, pixels
        self._waits, self._count = bytearray(b"\1") * len(jobs), len(jobs)
        """1 for each waiting file, and their number."""
        self._known = array("q", [UNKNOWN]) * len(jobs)
        self._seen, self._seen_pixels, self._waiting_pixels, self._waiting_known = 0, 0, 0, 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read_ahead, daemon=True)

    def of(self, number: int, path: FileSource) -> int | None:
        """Return the pixel count of a file, at its local path; None if its header cannot be read."""
        found = self._known[number]
        return self._read(number, path) if found == UNKNOWN else found

    def known(self, number: int) -> int:
        """Return the pixel count of a file, 0 if unknown; nothing is read."""
        return max(self._known[number], 0)

    def drop(self, number: int) -> None:
        """Remove a file from the waiting ones."""
        with self._lock:
            if self._waits[number]:
                self._waits[number] = 0
                self._count -= 1
                if self._known[number] != UNKNOWN:
                    self._waiting_pixels -= self._known[number]
                    self._waiting_known -= 1

    def waiting(self) -> tuple[int, float]:
        """Return the number of waiting files and of their pixels."""
        with self._lock:
            mean = self._seen_pixels / self._seen if self._seen else 0.0
            unknown = self._count - self._waiting_known
            return self._count, self._waiting_pixels + unknown * mean

    def begin(self) -> None:
        """Start a thread that reads the headers."""
        self._reader.start()

    def end(self) -> None:
        """Stop the thread."""
        self._over.set()
        if self._reader.is_alive():
            self._reader.join()

    def _read(self, number: int, path: FileSource) -> int | None:
        try:
            found = self._pixels(path)
        except RepixError:
            return None
        with self._lock:
            if self._known[number] == UNKNOWN:
                self._known[number] = found
                self._seen, self._seen_pixels = self._seen + 1, self._seen_pixels + found
                if self._waits[number]:
                    self._waiting_pixels, self._waiting_known = self._waiting_pixels + found, self._waiting_known + 1
        return found

    def _read_ahead(self) -> None:
        for number in range(len(self._jobs)):
            if self._over.is_set():
                return
            source = self._jobs[number].source
            if isinstance(source, Path) and self._waits[number] and self._known[number] == UNKNOWN:
                self._read(number, source)
