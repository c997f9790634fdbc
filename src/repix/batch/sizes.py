"""How many pixels a run has before it, read from the files' headers while the first ones are converted."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from repix.errors import RepixError
from repix.pictures.band_reader import open_bands


def pixels_of(path: Path) -> int:
    """Height × width, as the file's header says; nothing is decoded."""
    with open_bands(path) as bands:
        return bands.size[0] * bands.size[1]


class Sizes:
    """The pixels of files that wait, by number; those of unknown size count as much as the others on average.

    >>> sizes = Sizes({0: Path("a.png"), 1: Path("b.png")}, lambda path: 100)
    >>> sizes.of(0), sizes.waiting()
    (100, (2, 200.0))
    >>> sizes.drop(0)
    >>> sizes.waiting()
    (1, 100.0)
    """

    def __init__(self, sources: Mapping[int, Path], pixels: Callable[[Path], int] = pixels_of) -> None:
        self._sources, self._pixels = sources, pixels
        self._waits = dict.fromkeys(sources)
        self._known: dict[int, int] = {}
        self._seen, self._seen_pixels, self._waiting_pixels, self._waiting_known = 0, 0, 0, 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read_ahead, daemon=True)

    def of(self, number: int) -> int | None:
        """The pixels of one file; None where its header does not say, which is for others to complain of."""
        found = self._known.get(number)
        return self._read(number) if found is None else found

    def known(self, number: int) -> int:
        """The pixels of one file as far as they are known; nothing is read."""
        return self._known.get(number, 0)

    def drop(self, number: int) -> None:
        """A file waits no more."""
        with self._lock:
            if number in self._waits:
                del self._waits[number]
                if number in self._known:
                    self._waiting_pixels -= self._known[number]
                    self._waiting_known -= 1

    def waiting(self) -> tuple[int, float]:
        """How many files wait, and how many pixels they have together."""
        with self._lock:
            mean = self._seen_pixels / self._seen if self._seen else 0.0
            unknown = len(self._waits) - self._waiting_known
            return len(self._waits), self._waiting_pixels + unknown * mean

    def begin(self) -> None:
        """Read ahead from now on, beside everything else."""
        self._reader.start()

    def end(self) -> None:
        """Read no more."""
        self._over.set()
        if self._reader.is_alive():
            self._reader.join()

    def _read(self, number: int) -> int | None:
        try:
            found = self._pixels(self._sources[number])
        except RepixError:
            return None
        with self._lock:
            if number not in self._known:
                self._known[number] = found
                self._seen, self._seen_pixels = self._seen + 1, self._seen_pixels + found
                if number in self._waits:
                    self._waiting_pixels, self._waiting_known = self._waiting_pixels + found, self._waiting_known + 1
        return found

    def _read_ahead(self) -> None:
        for number in self._sources:
            if self._over.is_set():
                return
            if number in self._waits and number not in self._known:
                self._read(number)
