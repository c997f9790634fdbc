"""Keys of paths: equal for all names of one file, on any file system."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from repix.errors import Unwritable
from repix.remote import AnyPath, RemotePath
from repix.remote.stores import is_url


class PathKeys:
    """Cached queries to the file system, one for each folder.

    >>> keys = PathKeys()
    >>> keys.key("a/É.png") == keys.key("a/../a/e\N{COMBINING ACUTE ACCENT}.PNG")
    True
    """

    def __init__(self) -> None:
        self._real: dict[str, str] = {}
        """Path of each folder with links resolved, before its separator."""
        self._there: dict[str, bool] = {}

    def key(self, path: str | AnyPath) -> str:
        """Return the key of a path: links of its folder resolved, case folded, Unicode normalized; of a URL itself."""
        text = path if isinstance(path, str) else str(path)
        if isinstance(path, RemotePath) or (":" in text and is_url(path)):
            return text
        folder, name = split(text)
        real = self._real.get(folder)
        if real is None:
            real = self._real[folder] = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118
        return _folded(real + name)

    def has_folder(self, folder: str | Path) -> bool:
        """Return True if a folder exists; a file of its name is refused."""
        text = str(folder)
        if text not in self._there:
            self._there[text] = _is_there(Path(folder))
        return self._there[text]


def split(path: str) -> tuple[str, str]:
    """Return folder and name of a path, as `os.path.split`; faster, which counts for millions of paths.

    >>> split("a/b.png"), split("b.png"), split("/b.png")
    (('a', 'b.png'), ('', 'b.png'), ('/', 'b.png'))
    """
    if os.sep != "/":
        return os.path.split(path)
    folder, slash, name = path.rpartition("/")
    return folder or slash, name


def folders_above(key: str) -> Iterator[str]:
    """Yield the parent folders of a path, innermost first.

    >>> list(folders_above("/a/b/c"))
    ['/a/b', '/a', '/']
    """
    while (folder := os.path.dirname(key)) != key:  # noqa: PTH120
        yield folder
        key = folder


def _is_there(folder: Path) -> bool:
    for one in (folder, *folder.parents):
        if os.path.isdir(one):  # noqa: PTH112
            return one == folder
        if os.path.lexists(one):
            raise Unwritable(f"The folder {one} cannot be created: a file of that name exists.")
    return False


def _folded(text: str) -> str:
    """Return text as the strictest file system compares it: case folded, accents composed (NFC)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
