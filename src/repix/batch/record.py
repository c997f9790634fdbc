"""Content of a journal: its lines, the known results, and the status of the file at a result's path."""

import hashlib
import json
import stat
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from repix._version import VERSION
from repix.batch.any_path import absolute
from repix.batch.fingerprint import FileStatus, Fingerprint, fingerprint
from repix.errors import Unwritable
from repix.remote import AnyPath, RemotePath, Status

FORMAT = 1
"""Format number of journals; older versions of repix refuse a higher one."""
BEGINNING = b'{"repix-journal": '
"""First bytes of a journal: they distinguish a journal cut off in its first line from any other file."""
ResultStatus = Literal["new", "renewed", "kept", "foreign"]
"""State of a result's path: nothing, an outdated result, this result, or a file that is not from repix."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One result: fingerprints of its source and itself, and the digest of the options."""

    target: str
    """Its path within the journal's folder, with forward slashes."""
    source: str
    input: Fingerprint
    key: str
    """Digest of the work's fingerprint."""
    output: Fingerprint
    pixels: int | None = None
    converted: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary that `read` takes."""
        return {
            "target": self.target,
            "source": self.source,
            "input": self.input.as_json(),
            "key": self.key,
            "output": self.output.as_json(),
            "pixels": self.pixels,
            "converted": list(self.converted),
            "lost": list(self.lost),
        }

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Return the entry from the dictionary of `as_json`; else raises ValueError, TypeError or KeyError."""
        fingerprints = {name: Fingerprint.read(given[name]) for name in ("input", "output")}
        found = cls(**{**given, **fingerprints, "converted": tuple(given["converted"]), "lost": tuple(given["lost"])})
        texts = (found.target, found.source, found.key, *found.converted, *found.lost)
        if not all(isinstance(text, str) for text in texts) or type(found.pixels) not in (int, type(None)):
            raise ValueError
        return found


def digest(key: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a dictionary as JSON; the order of its keys does not matter.

    >>> digest({"model": "ab", "quality": 90}) == digest({"quality": 90, "model": "ab"})
    True
    """
    return hashlib.sha256(json.dumps(key, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def line(content: Mapping[str, Any]) -> bytes:
    r"""Return a line of the journal, which ends with its checksum.

    >>> line({"a": 1})
    b'{"a": 1, "check": "7aa88204"}\n'
    """
    text = json.dumps(content)[:-1]
    return f'{text}, "check": "{zlib.crc32(text.encode()):08x}"}}\n'.encode()


def beginning() -> bytes:
    """Return the first line of a journal."""
    return line({"repix-journal": FORMAT, "version": VERSION})


def merged_lines(texts: Iterable[bytes]) -> bytes:
    """Return parts of a journal as one, without lines that later ones replace.

    >>> merged_lines([beginning(), beginning()]) == beginning()
    True
    """
    latest: dict[tuple[str, ...], bytes] = {}
    for text in texts:
        for content in text.splitlines(keepends=True)[1:]:
            identity = _identity(_parsed(content.removesuffix(b"\n")))
            latest.pop(identity, None)
            latest[identity] = content
    return beginning() + b"".join(latest.values())


def _identity(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a line of a journal is about; of two with the same, the later counts."""
    if "key" in content:
        return (content["key"],)
    entry = content.get("made") or content["seen"]
    return (entry["target"], entry["output"]["sha256"])


@dataclass
class Record:
    """Known results of a folder."""

    made: dict[str, list[Entry]] = field(default_factory=dict)
    """By target, oldest first."""
    keys: set[str] = field(default_factory=set)
    listed: Mapping[str, Status] | None = None
    """Files of a remote folder when it was listed, by name; for one on this machine None: it is asked file by file."""
    _sources: dict[str, Fingerprint] = field(default_factory=dict)

    @classmethod
    def read(cls, text: bytes, path: AnyPath) -> tuple[Self, int]:
        """Return the record of a journal's text, and the number of bytes in whole lines: the last line may be cut off.

        >>> from pathlib import Path
        >>> Record.read(beginning() + b'{"mad', Path("j"))[1] == len(beginning())
        True
        """
        record = cls()
        whole = text.rfind(b"\n") + 1
        if not whole and not BEGINNING.startswith(text[: len(BEGINNING)]):
            raise _damaged(path, 1)
        for number, content in enumerate(text[:whole].split(b"\n")[:-1], 1):
            try:
                record._add(_parsed(content), first=number == 1)
            except _Newer:
                raise Unwritable(
                    f"{path} was written by a newer repix; update this one, or name another folder."
                ) from None
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise _damaged(path, number) from None
        return record, whole

    def include(self, later: "Record") -> None:
        """Add the results of a later part of the journal."""
        self.keys |= later.keys
        for entries in later.made.values():
            for one in entries:
                self.add(one)
        self._sources |= later._sources

    def add(self, one: Entry) -> None:
        """Add a result, or replace its entry."""
        self._sources[one.source] = one.input
        known = [other for other in self.made.get(one.target, []) if other.output.sha256 != one.output.sha256]
        self.made[one.target] = [*known, one]

    def fingerprint_of(self, source: AnyPath, found: FileStatus, check: Callable[[], None]) -> Fingerprint:
        """Return the fingerprint of a source; the file is read only if its size, time or inode changed."""
        return self.known(source, found) or fingerprint(source, check)

    def known(self, source: AnyPath, found: FileStatus) -> Fingerprint | None:
        """Return the fingerprint of a source whose size, time and inode did not change; no file is read."""
        known = self._sources.get(absolute(source)) if self._sources else None
        return known if known is not None and known.matches(found) else None

    def unchanged(self, target: str, path: AnyPath, source: AnyPath, key: str) -> Entry | None:
        """Return the entry if size, time and inode prove that result and source are unchanged; no file is read."""
        known = self._sources.get(absolute(source))
        try:
            if known is None or not known.matches(listed_status(source) or source.stat()):
                return None
            found = path.lstat() if self.listed is None else self.listed[target]
        except (OSError, KeyError):
            return None
        same = (one for one in self.made.get(target, []) if (one.input.sha256, one.key) == (known.sha256, key))
        return next((one for one in same if stat.S_ISREG(found.st_mode) and one.output.matches(found)), None)

    def status_of(self, target: str, path: AnyPath, source: Fingerprint, key: str) -> tuple[ResultStatus, Entry | None]:
        """Return the status of the file at a result's path, for this source and key, and its entry if repix made it."""
        existing = self._existing(target, path)
        if existing is None:
            return "new", None
        if existing == "foreign":
            return "foreign", None
        same = (existing.input.sha256, existing.key) == (source.sha256, key)
        return ("kept" if same else "renewed"), existing

    def _existing(self, target: str, path: AnyPath) -> Entry | Literal["foreign"] | None:
        """Return the entry of the file at a path; None if nothing exists there, "foreign" if repix did not make it."""
        try:
            found = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:  # a name that is too long, or no permission: writing reports it
            return None
        known = self.made.get(target, [])
        if not stat.S_ISREG(found.st_mode):
            return "foreign"
        for one in reversed(known):
            if one.output.matches(found):
                return one
        if not any(one.output.size == found.st_size for one in known):
            return "foreign"
        content = fingerprint(path, settled=True)
        return next((one for one in reversed(known) if one.output.sha256 == content.sha256), "foreign")

    def _add(self, content: dict[str, Any], first: bool) -> None:
        if first:
            if type(content["repix-journal"]) is not int:
                raise ValueError
            if content["repix-journal"] > FORMAT:
                raise _Newer
        elif content.keys() == {"key", "of"}:
            self.keys.add(content["key"])
        else:
            (kind,) = content.keys() & {"made", "seen"}
            self.add(Entry.read(content[kind]))


def listed_status(path: AnyPath) -> Status | None:
    """Return the status of a remote file when its folder was listed, if it was."""
    return path.listed if isinstance(path, RemotePath) else None


def _damaged(path: AnyPath, number: int) -> Unwritable:
    return Unwritable(
        f"{path} is damaged in line {number}; restore a copy, or delete it: then repix does not know which files in "
        "the folder it made, and replaces them only with --overwrite."
    )


class _Newer(Exception):
    """The journal was written by a newer version."""


def _parsed(content: bytes) -> dict[str, Any]:
    """Return the content of a line; a wrong checksum is a ValueError."""
    text, _, check = content.rpartition(b', "check": "')
    if check != f'{zlib.crc32(text):08x}"}}'.encode():
        raise ValueError
    found: dict[str, Any] = json.loads(text + b"}")
    return found
