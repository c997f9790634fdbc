"""Sources of `read`: the path of a file, its bytes, an open binary file, or the ranges of a file elsewhere."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from repix.errors import Unreadable, WrongUse
from repix.pictures.file_bytes import Bytes
from repix.pictures.limits import Limits
from repix.pictures.ranged_bytes import RangedBytes

FileSource = Path | RangedBytes
"""A file of this machine, or one elsewhere that is read in ranges."""
Source = FileSource | str | bytes | bytearray | memoryview | BinaryIO
AT_A_TIME = 2**20
NAMELESS = "The picture"
"""Name in messages of a picture that has no path."""


def name_of(source: Source) -> str:
    """Return the name of a source in messages.

    >>> name_of("a.png"), name_of(b"...")
    ('a.png', 'The picture')
    """
    return str(source) if isinstance(source, str | FileSource) else NAMELESS


def open_source(source: Source, limits: Limits) -> AbstractContextManager[BinaryIO | Bytes]:
    """Open a source: return a context manager that gives an open file, or its contents.

    Args:
        source: a path, bytes, an open binary file, which is read from its beginning and stays open, or ranges.
        limits: largest file to read.

    Raises:
        Unreadable: the path is not a regular file.
        WrongUse: the source is of another type.

    >>> with open_source(b"GIF89a", Limits(1, 10)) as content:
    ...     content
    b'GIF89a'
    """
    if isinstance(source, str | Path):
        path = Path(source)
        if path.exists() and not path.is_file():
            what = "a folder; name the files in it" if path.is_dir() else "not a regular file"
            raise Unreadable(f"{path} is {what}.")
        return path.open("rb")
    if isinstance(source, RangedBytes):
        return nullcontext(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return nullcontext(bytes(source))
    if not is_binary_file(source, "read"):
        raise WrongUse(
            f"Cannot read from a {type(source).__name__}; give a path, the bytes of a file, or a file opened with 'rb'."
        )
    return nullcontext(_content(source, limits))


def is_binary_file(given: Any, verb: str) -> bool:
    """Return true for an open file that can be read (or written, for verb "write") in binary mode.

    >>> import io
    >>> is_binary_file(io.BytesIO(), "read"), is_binary_file(io.StringIO(), "read"), is_binary_file([1], "read")
    (True, False, False)
    """
    method = getattr(given, verb, None)
    if method is None or isinstance(given, type):
        return False
    try:
        return isinstance(method(0), bytes) if verb == "read" else isinstance(method(b""), int | None)
    except TypeError:  # a text file
        return False


def _content(file: BinaryIO, limits: Limits) -> bytes:
    """Return the contents of a file, from its beginning if it is seekable, up to the limit."""
    seekable = getattr(file, "seekable", None)
    if seekable is not None and seekable():
        file.seek(0)
    pieces, length = [], 0
    while piece := file.read(AT_A_TIME):
        pieces.append(piece)
        length += len(piece)
        limits.check_file(NAMELESS, length)
    return b"".join(pieces)
