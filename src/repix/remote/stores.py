"""Stores by URL: each server is connected once, when a path of it is used."""

import re
from contextlib import suppress
from pathlib import Path

from repix.errors import WrongUse
from repix.printable import shown
from repix.registry import library
from repix.remote.path import AnyPath, RemotePath
from repix.remote.store import Store

KNOWN = ("file", "gs", "memory", "s3", "sftp")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?:/+(.*))?", re.DOTALL)
"""A scheme and the rest; one slash is enough, because a `Path` keeps one. A drive of Windows has one letter."""


def is_url(given: str | Path) -> bool:
    """Return True for the URL of a remote file; one in a `Path`, which has lost a slash, counts.

    >>> is_url("s3://bucket/a.png"), is_url(Path("s3://bucket/a.png")), is_url("photos/a.png"), is_url("C:/a.png")
    (True, True, False, False)
    """
    text = given if isinstance(given, str) else _text(given)
    if ":" not in text:  # texts of a million paths come here
        return False
    found = _URL.fullmatch(text)
    return found is not None and found[1].lower() in KNOWN


class Stores:
    """The open stores of a command.

    >>> with Stores() as stores:
    ...     stores.located("photos/a.png"), str(stores.located(Path("memory://photos/a.png")))
    (PosixPath('photos/a.png'), 'memory://photos/a.png')
    """

    def __init__(self) -> None:
        self._open: dict[str, Store] = {}

    def __enter__(self) -> "Stores":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all connections."""
        for store in self._open.values():
            with suppress(OSError):
                store.close()
        self._open.clear()

    def located(self, given: str | Path) -> AnyPath:
        """Return the path that a text names: a remote one for a URL, a local one for anything else.

        Raises:
            WrongUse: the URL has an unknown scheme, or a password.
            MissingLibrary: the scheme needs a library that is not installed.
        """
        found = _URL.fullmatch(_text(given))
        if found is None:
            return Path(given)
        scheme, rest, said = found[1].lower(), found[2] or "", shown(url_text(given))
        if scheme == "file":
            return Path("/", rest)
        if scheme not in KNOWN and (found[2] is None or Path(given).exists()):  # names of files here may have a colon
            return Path(given)
        if scheme not in KNOWN:
            known = ", ".join(f"{one}://" for one in KNOWN if one != "memory")
            raise WrongUse(f"{said}: repix does not know URLs of {scheme}://; it knows {known}.")
        key = "/".join(part for part in rest.split("/") if part not in ("", "."))
        if ".." in key.split("/"):
            raise WrongUse(f"{said}: a URL cannot contain the part '..'; write the whole path.")
        if not key:
            what = "host" if scheme == "sftp" else "bucket"
            raise WrongUse(f"{said} names no {what}; write {scheme}://{what.upper()}/PATH.")
        root = f"{scheme}://"
        if scheme == "sftp":
            host, _, key = key.partition("/")
            _require_no_password(host)
            root = f"sftp://{host}/"
        if root not in self._open:
            self._open[root] = _opened(scheme, root)
        return RemotePath(root, key, self._open[root])


def url_text(given: str | Path) -> str:
    """Return a URL with both slashes, of which a `Path` keeps one.

    >>> url_text(Path("s3://bucket/a.png"))
    's3://bucket/a.png'
    """
    scheme, _, rest = _text(given).partition(":")
    return f"{scheme}://{rest.lstrip('/')}"


def _opened(scheme: str, root: str) -> Store:
    """Return the store of a scheme; it connects when it is first used."""
    if scheme == "sftp":
        library("paramiko")
        from repix.remote.sftp import SftpStore

        return SftpStore(root)
    if scheme == "s3":
        library("s3fs")
        from repix.remote.s3 import S3Store

        return S3Store(root)
    from repix.remote.objects import ObjectStore, file_system

    return ObjectStore(root, file_system(scheme))


def _require_no_password(host: str) -> None:
    user, _, rest = host.rpartition("@")
    if ":" in user:
        raise WrongUse(
            f"sftp://{rest}: other users of this machine could see a password in a URL; use a key, in an agent or in "
            "~/.ssh, and leave the password out."
        )


def _text(given: str | Path) -> str:
    return given if isinstance(given, str) else given.as_posix()
