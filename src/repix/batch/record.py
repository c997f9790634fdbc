"""What a journal says: its lines, what they add up to, and what follows for a file that is to be made."""

import hashlib
import json
import os
import stat
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from repix._version import VERSION
from repix.batch.fingerprint import Fingerprint, fingerprint
from repix.errors import Unwritable

FORMAT = 1
"""Raised whenever older versions of repix would misread a journal."""
BEGINNING = b'{"repix-journal": '
"""What a journal begins with, so that a file that was cut off in its first line is told from any other file."""
Verdict = Literal["new", "renewed", "kept", "foreign"]
"""What stands where a result should go: nothing, an older result, this very result, or something of somebody else."""


@dataclass(frozen=True)
class Made:
    """One result: what it was made of, how, and how it looks."""

    target: str
    """Its path below the journal's folder, with forward slashes."""
    source: str
    input: Fingerprint
    key: str
    """The digest of the model's hash and the options."""
    output: Fingerprint
    pixels: int | None = None
    converted: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What `read` takes."""
        stamps = {"input": self.input.as_json(), "output": self.output.as_json()}
        return {**vars(self), **stamps, "converted": list(self.converted), "lost": list(self.lost)}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """What `as_json` gave; a ValueError, TypeError or KeyError for anything else."""
        stamps = {name: Fingerprint.read(given[name]) for name in ("input", "output")}
        found = cls(**{**given, **stamps, "converted": tuple(given["converted"]), "lost": tuple(given["lost"])})
        texts = (found.target, found.source, found.key, *found.converted, *found.lost)
        if not all(isinstance(text, str) for text in texts) or type(found.pixels) not in (int, type(None)):
            raise ValueError
        return found


def digest(key: Mapping[str, Any]) -> str:
    """The hash of model and options.

    >>> digest({"model": "ab", "quality": 90}) == digest({"quality": 90, "model": "ab"})
    True
    """
    return hashlib.sha256(json.dumps(key, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def line(content: Mapping[str, Any]) -> bytes:
    r"""A line of the journal, with a checksum of its own.

    >>> line({"a": 1})
    b'{"a": 1, "check": "7aa88204"}\n'
    """
    text = json.dumps(content)[:-1]
    return f'{text}, "check": "{zlib.crc32(text.encode()):08x}"}}\n'.encode()


def beginning() -> bytes:
    """The first line of a journal."""
    return line({"repix-journal": FORMAT, "version": VERSION})


@dataclass
class Record:
    """What is known of the results in a folder."""

    made: dict[str, list[Made]] = field(default_factory=dict)
    """By target, oldest first."""
    keys: set[str] = field(default_factory=set)
    _sources: dict[str, Fingerprint] = field(default_factory=dict)

    @classmethod
    def read(cls, text: bytes, path: Path) -> tuple[Self, int]:
        """What a journal says, and how many of its bytes are whole lines: the last one may have been cut off.

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

    def add(self, one: Made) -> None:
        """Take note of a result, or that it was seen again."""
        self._sources[one.source] = one.input
        known = [other for other in self.made.get(one.target, []) if other.output.sha256 != one.output.sha256]
        self.made[one.target] = [*known, one]

    def fingerprint_of(self, source: Path, found: os.stat_result, check: Callable[[], None]) -> Fingerprint:
        """The stamp of a source; it is read through only where it does not look as it did."""
        known = self._sources.get(os.path.abspath(source))  # noqa: PTH100 (links stay as they are)
        return known if known is not None and known.looks_like(found) else fingerprint(source, check)

    def kept_by_looks(self, target: str, path: Path, source: Path, key: str) -> Made | None:
        """The result, where by their looks alone neither it nor its source has changed; nothing is read."""
        known = self._sources.get(os.path.abspath(source))  # noqa: PTH100
        try:
            if known is None or not known.looks_like(source.stat()):
                return None
            found = path.lstat()
        except OSError:
            return None
        same = (one for one in self.made.get(target, []) if (one.input.sha256, one.key) == (known.sha256, key))
        return next((one for one in same if stat.S_ISREG(found.st_mode) and one.output.looks_like(found)), None)

    def judge(self, target: str, path: Path, source: Fingerprint, key: str) -> tuple[Verdict, Made | None]:
        """What stands at a path, for who wants to make it of a source and by a key; and the result, if it is ours."""
        standing = self._standing(target, path)
        if standing is None:
            return "new", None
        if standing == "foreign":
            return "foreign", None
        same = (standing.input.sha256, standing.key) == (source.sha256, key)
        return ("kept" if same else "renewed"), standing

    def _standing(self, target: str, path: Path) -> Made | Literal["foreign"] | None:
        """Which of our results stands at a path; None: nothing stands there, "foreign": it is none of ours."""
        try:
            found = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:  # a name that is too long, or what cannot be seen: writing will say it
            return None
        known = self.made.get(target, [])
        if not stat.S_ISREG(found.st_mode):
            return "foreign"
        for one in reversed(known):
            if one.output.looks_like(found):
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
            self.add(Made.read(content[kind]))


def _damaged(path: Path, number: int) -> Unwritable:
    return Unwritable(
        f"{path} is damaged in line {number}; put back a copy, or delete it: then repix no longer knows which files in "
        "the folder are its own, and replaces them only with --overwrite."
    )


class _Newer(Exception):
    """The journal was written by a newer version."""


def _parsed(content: bytes) -> dict[str, Any]:
    """A line whose checksum is right."""
    text, _, check = content.rpartition(b', "check": "')
    if check != f'{zlib.crc32(text):08x}"}}'.encode():
        raise ValueError
    found: dict[str, Any] = json.loads(text + b"}")
    return found
