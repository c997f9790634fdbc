"""A large remote picture that is read in ranges, while it is converted; nothing is kept of it on this machine."""

import hashlib
from collections.abc import Callable

from repix.batch.fingerprint import Fingerprint, certain_time, file_status, read_range, require_unchanged
from repix.pictures.headers import file_format
from repix.pictures.ranged_bytes import BLOCK, RangedBytes
from repix.pictures.tiff_pages import count_full_pages
from repix.remote import RemotePath

LARGEST_FETCHED = 2**26
"""Bytes of the largest file that is always fetched whole: with one request instead of several, and with little more
room than the blocks of a larger one take."""
FORMATS = ("JPEG", "NPY", "PBM", "PGM", "PPM", "TIFF")
"""Formats that are decoded from the beginning of the file to its end. A PNG may have an orientation after its pixels,
BMP and PFM begin with the last row, and the decoders of the others need the whole file."""
TEXT = (b"P1", b"P2", b"P3")
"""Beginnings of files whose values are text, which is parsed as a whole."""


class RangedFile:
    """A remote picture that is read in ranges; its hash is made of the blocks that are read in their order.

    Args:
        path: the file.
        check: is called before each request; raises KeyboardInterrupt if the run stops.
    """

    def __init__(self, path: RemotePath, check: Callable[[], None]) -> None:
        self._path, self._check = path, check
        self._status = file_status(path)
        self._hashed, self._hash = 0, hashlib.sha256()
        """Bytes from the beginning that are in the hash."""
        self.data = RangedBytes(str(path), self._status.st_size, self._fetch)

    @property
    def is_from_top_to_bottom(self) -> bool:
        """True for a picture whose decoder reads the file from the beginning to the end.

        Raises:
            Unreadable: it is not a picture that repix reads.
        """
        form = file_format(self.data, str(self._path)).name
        return form in FORMATS and self.data[:2] not in TEXT and (form != "TIFF" or count_full_pages(self.data) <= 1)

    def fingerprint(self) -> Fingerprint:
        """Return the fingerprint of the whole file; blocks that were not read in their order are requested for it."""
        while self._hashed < self._status.st_size:
            self._fetch(self._hashed, min(self._hashed + BLOCK, self._status.st_size))
        self.require_unchanged()
        time = certain_time(self._status)
        return Fingerprint(self._status.st_size, time, self._status.st_ino, self._hash.hexdigest())

    def require_unchanged(self) -> None:
        """Refuse a file that changed since it was opened."""
        require_unchanged(self._path, self._status)

    def _fetch(self, start: int, stop: int) -> bytes:
        self._check()
        found = read_range(self._path, self._status, start, stop)
        if start == self._hashed:
            self._hash.update(found)
            self._hashed = stop
        return found
