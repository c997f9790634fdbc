"""Files on an SFTP server, through paramiko: fsspec's own way to SFTP trusts every host key.

Host names, users, ports and keys come from ~/.ssh/config, as for `ssh`; only hosts of ~/.ssh/known_hosts are trusted.
"""

import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import LifoQueue
from threading import Lock
from typing import Any

from repix.errors import RepixError, Unreachable
from repix.printable import shown
from repix.registry import library
from repix.remote.store import Status

CHANNELS = 8
"""Sessions at a time; OpenSSH allows ten."""
CONNECT_SECONDS = 15
PIECE = 2**15
"""Bytes of one request, which every server answers; of more, paramiko makes several, in quadratic time."""


class SftpStore:
    """One server, and the user on it; a key "photos/a.png" is the file /photos/a.png."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._host = root.removeprefix("sftp://").rstrip("/")
        self._connecting = Lock()
        self._client: Any = None
        self._free: LifoQueue[Any] = LifoQueue()
        """Sessions, and None for each that may still be opened. paramiko's are for one thread at a time."""
        for _ in range(CHANNELS):
            self._free.put(None)

    def status(self, key: str) -> Status:
        """Return the status of a file or folder; links are followed."""
        with self._session() as sftp:
            return _status(sftp.stat(f"/{key}"))

    def is_folder(self, key: str) -> bool:
        """Return True for a folder."""
        try:
            return stat.S_ISDIR(self.status(key).st_mode)
        except FileNotFoundError:
            return False

    def listing(self, key: str, recursive: bool) -> Iterator[tuple[str, Status]]:
        """Yield the files of a folder; links to files are followed, links to folders are not."""
        waiting = [key]
        while waiting:
            folder = waiting.pop()
            with self._session() as sftp:
                entries = sftp.listdir_attr(f"/{folder}")
            for entry in entries:
                below = f"{folder}/{entry.filename}".lstrip("/")
                if stat.S_ISDIR(entry.st_mode):
                    waiting += [below] if recursive else []
                elif stat.S_ISREG(entry.st_mode):
                    yield below, _status(entry)
                elif stat.S_ISLNK(entry.st_mode):
                    yield from self._linked(below)

    def _linked(self, key: str) -> Iterator[tuple[str, Status]]:
        with suppress(OSError):  # it leads nowhere
            found = self.status(key)
            if stat.S_ISREG(found.st_mode):
                yield key, found

    def fetch(self, key: str, path: Path) -> None:
        """Copy a file to a local path."""
        with path.open("wb") as file, self._session() as sftp:
            sftp.getfo(f"/{key}", file)

    def read(self, key: str) -> bytes:
        """Return the content of a file."""
        with self._session() as sftp, sftp.open(f"/{key}", "rb") as file:
            return bytes(file.read())

    def read_range(self, key: str, start: int, stop: int) -> bytes:
        """Return some bytes of a file; the requests for its parts do not wait for each other."""
        with self._session() as sftp, sftp.open(f"/{key}", "rb") as file:
            return b"".join(file.readv([(at, min(PIECE, stop - at)) for at in range(start, stop, PIECE)]))

    def create(self, key: str, content: bytes) -> bool:
        """Create a file by renaming, which replaces no other, so that its content is there at once."""
        unfinished = _unfinished(key)
        with self._session() as sftp:
            _make_folders(sftp, key)
            with sftp.open(unfinished, "wx") as file:
                file.write(content)
            return _renamed(sftp, unfinished, f"/{key}")

    def publish(self, path: Path, key: str, overwrite: bool) -> None:
        """Copy a local file under a temporary name in the same folder, and rename it."""
        unfinished = _unfinished(key)
        with self._session() as sftp:
            _make_folders(sftp, key)
            try:
                sftp.put(str(path), unfinished)
                if overwrite:
                    sftp.posix_rename(unfinished, f"/{key}")
                elif not _renamed(sftp, unfinished, f"/{key}"):
                    raise FileExistsError(key)
            except OSError:
                with suppress(OSError):
                    sftp.remove(unfinished)
                raise

    def remove(self, *keys: str) -> None:
        """Delete files, one after another."""
        with self._session() as sftp:
            for key in keys:
                with suppress(FileNotFoundError):
                    sftp.remove(f"/{key}")

    def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            self._client.close()

    @contextmanager
    def _session(self) -> Iterator[Any]:
        """Yield a session, which no other thread uses meanwhile."""
        client = self._connected()
        paramiko = library("paramiko")
        session = self._free.get()
        try:
            session = session or client.open_sftp()
            yield session
        except (paramiko.SSHException, EOFError, ConnectionError) as problem:
            session = None
            raise self._lost(str(problem) or type(problem).__name__) from None
        except OSError as problem:
            transport = client.get_transport()
            if transport is None or not transport.is_active():  # else it is about a file
                session = None
                raise self._lost(str(problem)) from None
            raise
        finally:
            self._free.put(session)

    def _lost(self, why: str) -> Unreachable:
        return Unreachable(f"The connection to {self.root} was lost ({why}); run the same command again.")

    def _connected(self) -> Any:
        with self._connecting:
            if self._client is None:
                self._client = _connected(self.root, self._host)
            return self._client


def _connected(root: str, host: str) -> Any:
    """Return paramiko's client of a server, as `ssh` would connect."""
    paramiko = library("paramiko")
    user, _, place = host.rpartition("@")
    name, _, port = place.partition(":")
    if port and not port.isdecimal():
        raise Unreachable(f"{root}: the port is {shown(port)}; it must be a number.")
    known = _ssh_config(paramiko).lookup(name)
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    try:
        with suppress(FileNotFoundError):
            client.load_host_keys(str(_ssh_folder() / "known_hosts"))
        client.connect(
            known.get("hostname", name),
            int(port or known.get("port", 22)),
            user or known.get("user"),
            key_filename=known.get("identityfile"),
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
        )
    except Exception as problem:  # noqa: BLE001 (paramiko raises its own, and those of sockets and keys)
        client.close()
        raise _refusal(paramiko, problem, root, place) from None
    return client


def _refusal(paramiko: Any, problem: Exception, root: str, place: str) -> RepixError:
    """Return the error for a connection that failed."""
    if isinstance(problem, paramiko.BadHostKeyException):
        return Unreachable(
            f"{root} shows another host key than ~/.ssh/known_hosts has for it; if the server was set up again, "
            "correct that file; else another server answers in its place."
        )
    if isinstance(problem, paramiko.AuthenticationException) or "authentication methods" in str(problem):
        return Unreachable(
            f"{root} accepts none of your keys; name the user, sftp://USER@{place}, and have its key in an agent or in "
            "~/.ssh."
        )
    if isinstance(problem, paramiko.SSHException) and "known_hosts" in str(problem):
        return Unreachable(f"{root} is not in ~/.ssh/known_hosts; connect once with `ssh` and check its host key.")
    why = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return Unreachable(f"{root} cannot be reached: {why}; check host, port and network.")


def _ssh_config(paramiko: Any) -> Any:
    try:
        return paramiko.SSHConfig.from_path(str(_ssh_folder() / "config"))
    except FileNotFoundError:
        return paramiko.SSHConfig()


def _ssh_folder() -> Path:
    return Path.home() / ".ssh"


def _status(found: Any) -> Status:
    return Status(found.st_size, found.st_mtime * 10**9, 0, found.st_mode)


def _unfinished(key: str) -> str:
    folder = key.rpartition("/")[0]
    return f"/{folder}/.repix-{secrets.token_hex(8)}.tmp"


def _renamed(sftp: Any, old: str, new: str) -> bool:
    """Rename a file; return False if the new name exists. SFTP's own renaming replaces nothing."""
    try:
        sftp.rename(old, new)
    except OSError:
        try:
            sftp.stat(new)
        except OSError:
            pass
        else:
            with suppress(OSError):
                sftp.remove(old)
            return False
        raise
    return True


def _make_folders(sftp: Any, key: str) -> None:
    """Create the folders above a file."""
    folder, missing = key.rpartition("/")[0], []
    while folder and not _is_there(sftp, folder):
        missing.append(folder)
        folder = folder.rpartition("/")[0]
    for one in reversed(missing):
        try:
            sftp.mkdir(f"/{one}")
        except OSError:  # another thread may have made it
            if not _is_there(sftp, one):
                raise


def _is_there(sftp: Any, folder: str) -> bool:
    try:
        sftp.stat(f"/{folder}")
    except FileNotFoundError:
        return False
    return True
