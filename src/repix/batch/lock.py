"""One run at a time in a folder: a file says who is at work, so that it also holds on a disk that machines share.

The file appears at once and whole, with the host, the process and its start in it; who finds it goes away. A run that
was killed leaves it behind: the next one on the same machine sees that the process is gone and takes it over. Nobody
can see that for another machine, so there the user is told what to delete.
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
from repix.pictures.file_lock import lock_file
from repix.pictures.internal_file import open_internal
from repix.printable import printable

NAME = ".repix-lock"
HELD = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)
"""What the system says of a file that another process has taken."""
ATTEMPTS = 100
"""How often the file is looked at again that others put there and took away just then."""
LONGEST = 64
"""Characters of a host's name, or of a time, that a message shows: a damaged file may hold thousands."""
WITHOUT_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK)
"""What a disk says that has no hard links."""


@dataclass(frozen=True)
class Holder:
    """Who is at work."""

    host: str
    machine: str
    """What no other machine is called."""
    boot: str
    """Since when the machine runs, where the system says it."""
    space: str
    """Within which processes it can see others, where the system divides them."""
    pid: int
    started: str
    """When the process began, as the system counts; another one with the same number began later."""
    since: str

    @classmethod
    def here(cls) -> "Holder":
        """This process."""
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
        """What a lock file says; None: it makes no sense."""
        try:
            found = cls(**json.loads(text))
        except (ValueError, TypeError, RecursionError):
            return None
        kinds = {part.name: int if part.name == "pid" else str for part in fields(cls)}
        sound = all(type(getattr(found, name)) is kind for name, kind in kinds.items())
        return found if sound and 0 < found.pid < 2**31 else None

    def is_visible_to(self, other: "Holder") -> bool:
        """Whether the other could see this process."""
        same_machine = (self.host, self.machine) == (other.host, other.machine)
        return same_machine and (self.boot != other.boot or self.space == other.space)

    def is_over(self, now: "Holder") -> bool:
        """Whether this process has surely ended, as another process sees it."""
        if not self.is_visible_to(now):
            return False
        return self.boot != now.boot or start_of(self.pid) != self.started


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Nobody else works in this folder meanwhile; the second is refused with a sentence that says who does.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, only_run(Path(folder)):
    ...     with only_run(Path(folder)):
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
    """When a process began, as the system writes it; nothing for one that is no more."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self/stat").exists() else _start_by_command(pid)
    words = line.rpartition(")")[2].split()  # the name before may hold anything
    return "" if words[0] in ("Z", "X") else words[19]


def _start_by_command(pid: int) -> str:
    with suppress(OSError):
        asked = subprocess.run(  # noqa: S603 (a number is all that is put in)
            ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 (wherever the system has it)
            capture_output=True,
            text=True,
            check=False,
        )
        return asked.stdout.strip()
    return ""


def _acquired(path: Path, us: Holder) -> BinaryIO:
    """The lock file, open and ours."""
    for _ in range(ATTEMPTS):
        try:
            file = _attempt(path, us)
        except FileNotFoundError:  # our own was cleared away by one who got in meanwhile
            if not path.parent.is_dir():
                raise
        else:
            if file is not None:
                return file
    raise Unwritable(f"{path} comes and goes; wait for the other runs of repix to end, or name another folder.")


def _attempt(path: Path, us: Holder) -> BinaryIO | None:
    """The lock file if it could be had, None if it changed meanwhile; it is written beside, so nobody sees it half."""
    beside = path.with_name(f"{NAME}-{secrets.token_hex(8)}.tmp")
    file = beside.open("x+b")
    try:
        with suppress(OSError):  # a disk that cannot do it: then what stands in the file is all there is
            lock_file(file.fileno())
        file.write(json.dumps(asdict(us)).encode())
        file.flush()
        os.fsync(file.fileno())
        if _appears(beside, path) or _replaces(beside, path, us):
            return file
    except BaseException:
        file.close()
        raise
    finally:
        with suppress(OSError):
            beside.unlink()
    file.close()
    return None


def _clear(folder: Path) -> None:
    """Take away what was written beside by runs that were killed just then; one that is alive writes it again."""
    for left in folder.glob(f"{NAME}-*.tmp"):
        with suppress(OSError):
            left.unlink()


def _appears(beside: Path, path: Path) -> bool:
    """Whether the file could take the name that was free."""
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    except OSError as problem:
        if problem.errno not in WITHOUT_LINKS:
            raise
        return _appears_without_links(beside, path)
    return True


def _appears_without_links(beside: Path, path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    try:
        beside.replace(path)
    except FileNotFoundError:
        path.unlink()
        raise
    return True


def _replaces(beside: Path, path: Path, us: Holder) -> bool:
    """Whether the lock of a run that is over could be taken over; False: it has changed, look again."""
    writable = os.access(path, os.W_OK)
    try:
        descriptor = open_internal(path, os.O_RDWR if writable else os.O_RDONLY)
    except FileNotFoundError:
        return False
    with os.fdopen(descriptor, "r+b" if writable else "rb") as file:
        holder = Holder.read(file.read(4096))
        if holder is None:
            raise Unwritable(
                f"{path} cannot be understood; if no other repix writes to {path.parent}, delete it and try again."
            )
        if not holder.is_over(us) or not _is_free(file):
            raise _occupied(path, holder, us)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.lstat()):
                beside.replace(path)
                return True
    return False


def _is_free(file: BinaryIO) -> bool:
    """Whether nobody has taken the file, as far as this disk can say; from now on we have."""
    try:
        lock_file(file.fileno())
    except OSError as problem:
        return problem.errno not in HELD
    return True


def _occupied(path: Path, holder: Holder, us: Holder) -> Unwritable:
    host, since = (printable(text[:LONGEST]) for text in (holder.host, holder.since))
    who = f"process {holder.pid} on {host}, since {since}"
    said = f"{path.parent} is being written to by another repix: {who}."
    if holder.is_visible_to(us):
        return Unwritable(f"{said} Wait for it to end, or name another folder.")
    return Unwritable(f"{said} If that run is over, delete {path} and try again; else wait, or name another folder.")


def _content(path: str) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return Path(path).read_text(encoding="utf-8").strip()
    return ""


def _link(path: str) -> str:
    with suppress(OSError):
        return str(Path(path).readlink())
    return ""
