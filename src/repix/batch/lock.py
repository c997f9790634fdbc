"""Lock of an output folder: one run at a time, also on a file system that several machines share.

The lock file is created atomically and holds the host, the process id and the start time of the process. Another run
that finds it is refused. If a killed run left it behind, the next run on the same machine finds that the process has
ended, and takes the lock over. For another machine this cannot be known, so the error names the file to delete.
"""

import errno
import json
import os
import secrets
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from repix.errors import Unwritable
from repix.pictures.atomic import write_error
from repix.pictures.internal_file import lock_file, open_internal
from repix.printable import printable
from repix.remote import AnyPath

NAME = ".repix-lock"
HELD = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)
"""Error codes for a file that another process has locked."""
ATTEMPTS = 100
"""Attempts to get a lock file that other runs create and delete at the same time."""
LONGEST = 64
"""The most characters of a host name or a time in a message; a damaged file may contain thousands."""
WITHOUT_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK)
"""Error codes of a file system without hard links."""


@dataclass(frozen=True)
class Holder:
    """The process that holds the lock."""

    host: str
    machine: str
    """Unique id of the machine."""
    boot: str
    """Id of the machine's last start, if the system has one."""
    space: str
    """Process namespace (of a container), if the system has them."""
    pid: int
    started: str
    """Start time of the process in the system's units; it distinguishes processes with the same id."""
    since: str

    @classmethod
    def here(cls) -> "Holder":
        """Return the holder for this process."""
        return cls(
            host=socket.gethostname(),
            machine=_content("/etc/machine-id") or f"{uuid.getnode():x}",
            boot=_content("/proc/sys/kernel/random/boot_id"),
            space=_link("/proc/self/ns/pid"),
            pid=os.getpid(),
            started=start_of(os.getpid()),
            since=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @classmethod
    def read(cls, text: bytes) -> "Holder | None":
        """Return the holder in a lock file; None if its content is invalid."""
        try:
            found = cls(**json.loads(text))
        except (ValueError, TypeError, RecursionError):
            return None
        kinds = {part.name: int if part.name == "pid" else str for part in fields(cls)}
        sound = all(type(getattr(found, name)) is kind for name, kind in kinds.items())
        return found if sound and 0 < found.pid < 2**31 else None

    def is_visible_to(self, other: "Holder") -> bool:
        """Return True if the other process could see this one in its list of processes."""
        same_machine = (self.host, self.machine) == (other.host, other.machine)
        return same_machine and (self.boot != other.boot or self.space == other.space)

    def is_over(self, now: "Holder") -> bool:
        """Return True if this process has certainly ended, as seen by another process."""
        if not self.is_visible_to(now):
            return False
        return self.boot != now.boot or start_of(self.pid) != self.started


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; if another run holds it, the error names that run.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, lock_folder(Path(folder)):
    ...     with lock_folder(Path(folder)):
    ...         pass
    Traceback (most recent call last):
    repix.errors.Unwritable: ... is being written to by another repix: process ...
    """
    path = folder / NAME
    try:
        file = _acquired(path, Holder.here())
    except OSError as problem:
        raise write_error(path, problem) from None
    with file:
        try:
            _clear(folder)
            yield
        finally:
            with suppress(OSError):
                if os.path.samestat(os.fstat(file.fileno()), path.lstat()):
                    path.unlink()


def start_of(pid: int) -> str:
    """Return the start time of a process in the system's units; empty if it has ended."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self/stat").exists() else _start_by_command(pid)
    words = line.rpartition(")")[2].split()  # the name before it may contain any character
    return "" if words[0] in ("Z", "X") else words[19]


def _start_by_command(pid: int) -> str:
    with suppress(OSError):
        asked = subprocess.run(  # noqa: S603 (the only argument is a number)
            ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 (its place differs between systems)
            capture_output=True,
            text=True,
            check=False,
        )
        return asked.stdout.strip()
    return ""


def _acquired(path: Path, us: Holder) -> BinaryIO:
    """Return the lock file, open and held by this process."""
    for _ in range(ATTEMPTS):
        try:
            file = _attempt(path, us)
        except FileNotFoundError:  # another run that got the lock deleted our temporary file
            if not path.parent.is_dir():
                raise
        else:
            if file is not None:
                return file
    raise Unwritable(f"{path} is used by other runs of repix; wait until they end, or name another folder.")


def _attempt(path: Path, us: Holder) -> BinaryIO | None:
    """Return the lock file, or None if it changed meanwhile. It is written to a temporary file first."""
    temporary = path.with_name(f"{NAME}-{secrets.token_hex(8)}.tmp")
    file = temporary.open("x+b")
    try:
        with suppress(OSError):  # not every file system has locks; then the file's content alone counts
            lock_file(file.fileno())
        file.write(json.dumps(asdict(us)).encode())
        file.flush()
        os.fsync(file.fileno())
        if _create(temporary, path) or _take_over(temporary, path, us):
            return file
    except BaseException:
        file.close()
        raise
    finally:
        with suppress(OSError):
            temporary.unlink()
    file.close()
    return None


def _clear(folder: Path) -> None:
    """Delete temporary files of killed runs; a run that is alive writes its own again."""
    for left in folder.glob(f"{NAME}-*.tmp"):
        with suppress(OSError):
            left.unlink()


def _create(temporary: Path, path: Path) -> bool:
    """Create the lock file; return False if it exists."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as problem:
        if problem.errno not in WITHOUT_LINKS:
            raise
        return _create_without_links(temporary, path)
    return True


def _create_without_links(temporary: Path, path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    try:
        temporary.replace(path)
    except FileNotFoundError:
        path.unlink()
        raise
    return True


def _take_over(temporary: Path, path: Path, us: Holder) -> bool:
    """Take over the lock of a run that has ended; return False if the lock file changed meanwhile."""
    writable = os.access(path, os.W_OK)
    try:
        descriptor = open_internal(path, os.O_RDWR if writable else os.O_RDONLY)
    except FileNotFoundError:
        return False
    with os.fdopen(descriptor, "r+b" if writable else "rb") as file:
        holder = Holder.read(file.read(4096))
        if holder is None:
            raise Unwritable(
                f"{path} has no valid content; if no other repix writes to {path.parent}, delete it and try again."
            )
        if not holder.is_over(us) or not _is_free(file):
            raise locked_error(path, holder, us)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.lstat()):
                temporary.replace(path)
                return True
    return False


def _is_free(file: BinaryIO) -> bool:
    """Lock the file; return False if another process has locked it, as far as the file system knows."""
    try:
        lock_file(file.fileno())
    except OSError as problem:
        return problem.errno not in HELD
    return True


def locked_error(path: AnyPath, holder: Holder, us: Holder) -> Unwritable:
    """Return the error for a lock that another run holds."""
    host, since = (printable(part[:LONGEST]) for part in (holder.host, holder.since))
    who = f"process {holder.pid} on {host}, since {since}"
    text = f"{path.parent} is being written to by another repix: {who}."
    if holder.is_visible_to(us):
        return Unwritable(f"{text} Wait until it ends, or name another folder.")
    return Unwritable(f"{text} If that run has ended, delete {path} and try again; else wait, or name another folder.")


def _content(path: str) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return Path(path).read_text(encoding="utf-8").strip()
    return ""


def _link(path: str) -> str:
    with suppress(OSError):
        return str(Path(path).readlink())
    return ""
