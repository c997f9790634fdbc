"""A journal in a remote store, where no file can grow: numbered segments, each written once, and merged by and by.

A segment's name is the range of its numbers, "0000000001-0000000032.jsonl". A merged segment is written before its
parts are deleted; parts inside a larger range are ignored, so a crash between the two does no harm.
"""

import re
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from repix.batch.record import Record, beginning, merged_lines
from repix.errors import RepixError, Unwritable
from repix.pictures.atomic import write_error
from repix.remote import RemotePath

FOLDER = ".repix-journal"
FAN_OUT = 32
"""Number of segments that are merged into one, and of those into the next larger one."""
_NAME = re.compile(r"(\d{10})-(\d{10})\.jsonl")


@dataclass(frozen=True, order=True)
class Segment:
    """A range of numbers; one number for each time the journal was written."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """Name of its file.

        >>> Segment(1, 32).name
        '0000000001-0000000032.jsonl'
        """
        return f"{self.first:010}-{self.last:010}.jsonl"

    @property
    def length(self) -> int:
        """Count of numbers."""
        return self.last - self.first + 1

    @classmethod
    def read(cls, name: str) -> Self | None:
        """Return the segment of a file name; None for another file."""
        found = _NAME.fullmatch(name)
        return None if found is None else cls(int(found[1]), int(found[2]))


def outermost(segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments in order, without those inside larger ones.

    >>> outermost([Segment(3, 3), Segment(1, 2), Segment(2, 2)])
    [Segment(first=1, last=2), Segment(first=3, last=3)]
    """
    kept: list[Segment] = []
    for one in sorted(segments, key=lambda one: (one.first, -one.last)):
        if not kept or one.last > kept[-1].last:
            kept.append(one)
    return kept


def to_merge(segments: Sequence[Segment], fan_out: int = FAN_OUT) -> int:
    """Return how many of the last segments are to be merged; 0 or 1 for none.

    A segment of 32 numbers is made of smaller ones, one of 1024 of segments below that, and so on: each line is written
    again only a few times, and few segments remain.

    >>> to_merge([Segment(1, 32), *(Segment(n, n) for n in range(33, 65))])
    32
    """
    count, size = 0, fan_out
    while True:
        tail = 0
        while tail < len(segments) and segments[-1 - tail].length < size:
            tail += 1
        if sum(one.length for one in segments[len(segments) - tail :]) < size:
            return count
        count, size = tail, size * fan_out


class SegmentLog:
    """Lines of a journal in segments; one PUT writes the lines of all threads that wait."""

    def __init__(self, folder: RemotePath, segments: Sequence[Segment]) -> None:
        self._folder, self._segments = folder, list(segments)
        self._number = segments[-1].last + 1 if segments else 1
        self._pending: list[bytes] = []
        self._texts: dict[Segment, bytes] = {}
        """Of small segments of this run, which need not be read again when they are merged."""
        self._listing, self._writing = threading.Lock(), threading.Lock()
        self._open = True

    def append(self, text: bytes, forced: bool) -> None:
        """Append a line; if `forced`, write it, with all lines that wait."""
        with self._listing:
            self._pending.append(text)
        if forced:
            with self._writing:
                self._flush()
                self._merge(to_merge(self._segments))

    def require_existing(self) -> None:
        """Do nothing: a segment of the same number, by another run, is noticed when the next one is written."""

    def close(self) -> None:
        """Write what waits, and merge the small segments; if that fails, no result is lost, only times of files."""
        with self._writing:
            if self._open:
                with suppress(OSError, RepixError):
                    self._flush()
                tail = 0
                while tail < len(self._segments) and self._segments[-1 - tail].length < FAN_OUT:
                    tail += 1
                self._merge(tail)
            self._open = False

    def delete(self) -> None:
        """Delete all segments, of a journal without results."""
        self._remove(self._segments)

    def _flush(self) -> None:
        """Write the lines that wait into a new segment; they wait on if that fails."""
        with self._listing:
            lines, self._pending = self._pending, []
        if not lines:  # another thread has written ours
            return
        try:
            if not self._open:
                raise Unwritable(f"{self._folder} is closed.")
            segment = Segment(self._number, self._number)
            self._texts[segment] = beginning() + b"".join(lines)
            self._write(segment, self._texts[segment])
        except BaseException:
            with self._listing:
                self._pending[:0] = lines
            raise
        self._segments.append(segment)
        self._number += 1

    def _write(self, segment: Segment, text: bytes) -> None:
        path = self._folder / segment.name
        try:
            if not path.store.create(path.key, text) and path.store.read(path.key) != text:
                raise Unwritable(f"{path} was written by another repix meanwhile.")
        except OSError as problem:
            raise write_error(str(path), problem) from None

    def _merge(self, count: int) -> None:
        """Merge the last segments into one. What fails is left for the next time: every line is written already."""
        if count < 2:
            return
        parts = self._segments[-count:]
        whole = Segment(parts[0].first, parts[-1].last)
        with suppress(OSError, RepixError):
            self._write(whole, merged_lines(self._text(one) for one in parts))
            self._segments[-count:] = [whole]
            self._remove(parts)

    def _text(self, segment: Segment) -> bytes:
        return self._texts.pop(segment, b"") or self._folder.store.read((self._folder / segment.name).key)

    def _remove(self, segments: Sequence[Segment]) -> None:
        with suppress(OSError, RepixError):
            self._folder.store.remove(*((self._folder / one.name).key for one in segments))


def read_segments(folder: RemotePath, segments: Iterable[Segment]) -> Record:
    """Return the record of a journal's segments."""
    record = Record()
    for one in segments:
        path = folder / one.name
        text = path.store.read(path.key)
        part, whole = Record.read(text, path)
        if whole != len(text):
            raise Unwritable(f"{path} is cut off; restore a copy, or delete the folder {folder}.")
        record.include(part)
    return record
