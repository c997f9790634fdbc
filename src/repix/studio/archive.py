"""Results of several jobs as one zip file, written while it is sent."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

CHUNK = 2**20


def zipped(files: Iterable[tuple[str, Path]]) -> Iterator[bytes]:
    """Yield the bytes of a zip file with these files; equal names get numbers. Pictures are compressed already.

    >>> import tempfile
    >>> from io import BytesIO
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.txt")
    ...     length = file.write_text("text")
    ...     made = b"".join(zipped([("a.png", file), ("a.png", file)]))
    >>> zipfile.ZipFile(BytesIO(made)).namelist()
    ['a.png', 'a (2).png']
    """
    written = _Written()
    with zipfile.ZipFile(written, "w") as archive:  # type: ignore[call-overload]  # it needs no more of a file
        for name, path in _unique(files):
            with path.open("rb") as source, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield written.taken()
    yield written.taken()


class _Written:
    """A file without a position that is only written to; what was written is taken from it."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> int:
        self._chunks.append(bytes(chunk))
        return len(chunk)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        taken, self._chunks = b"".join(self._chunks), []
        return taken


def _unique(files: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    """Yield the files with names of which no two are equal, whatever their case."""
    seen = set[str]()
    for name, path in files:
        stem, suffix = Path(name).stem, Path(name).suffix
        new, number = name, 1
        while new.lower() in seen:
            number += 1
            new = f"{stem} ({number}){suffix}"
        seen.add(new.lower())
        yield new, path
