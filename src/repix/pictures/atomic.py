"""Writing a file whole or not at all."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from repix.errors import DiskFull, Unreadable, Unwritable

_REASONS = {
    errno.EACCES: "there is no permission for it",
    errno.EPERM: "there is no permission for it",
    errno.EROFS: "the disk is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EFBIG: "the file is larger than is allowed here",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "a part of the path is a file and no folder",
    errno.EISDIR: "that is a folder",
    errno.EEXIST: "there is a file of that name",
    errno.ELOOP: "its links go round in a circle",
}


@contextmanager
def atomic_file(path: Path, overwrite: bool) -> Iterator[BinaryIO]:
    """A new file that takes its name only when all is written; on any error or interruption nothing is left.

    A link is followed, and the mode of a replaced file is kept.
    """
    check_free(path, overwrite)
    try:
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".repix-{secrets.token_hex(8)}.tmp")
        begun(temporary)
        try:
            with temporary.open("x+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _put_in_place(temporary, target, overwrite)
        finally:
            with suppress(OSError):
                temporary.unlink()
            ended(temporary)
    except (OSError, ValueError) as problem:
        raise write_error(path, problem) from None


def place(finished: Path, path: Path, overwrite: bool) -> None:
    """Give a finished file of the same disk its name at last, as `atomic_file` does with its own.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = Path(folder, "made").write_bytes(b"new")
    ...     place(Path(folder, "made"), Path(folder, "name"), overwrite=False)
    ...     [file.name for file in Path(folder).iterdir()], Path(folder, "name").read_bytes()
    (['name'], b'new')
    """
    check_free(path, overwrite)
    try:
        _put_in_place(finished, Path(os.path.realpath(path)), overwrite)
        finished.unlink(missing_ok=True)
    except (OSError, ValueError) as problem:
        raise write_error(path, problem) from None


def write_error(path: Path, problem: Exception) -> Unwritable:
    """The error that says what the system refused; a full disk has a kind of its own.

    >>> write_error(Path("a.png"), OSError(errno.ENOSPC, "No space left on device"))
    DiskFull('a.png cannot be written: the disk is full.')
    """
    full = isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT)
    return (DiskFull if full else Unwritable)(f"{path} cannot be written: {reason(problem)}.")


def read_error(path: str | Path, problem: Exception) -> Unreadable:
    """The same for what cannot be read.

    >>> read_error("a.png", FileNotFoundError(errno.ENOENT, "No such file or directory"))
    Unreadable('a.png: there is no such file.')
    """
    if isinstance(problem, FileNotFoundError):
        return Unreadable(f"{path}: there is no such file.")
    return Unreadable(f"{path} cannot be read: {reason(problem)}.")


def folder_error(folder: Path, problem: Exception) -> Unwritable:
    """The same for a folder that cannot be made.

    >>> folder_error(Path("new/deep"), FileNotFoundError(errno.ENOENT, "No such file or directory"))
    Unwritable('The folder new/deep cannot be made: new does not exist.')
    """
    why = f"{folder.parent} does not exist" if isinstance(problem, FileNotFoundError) else reason(problem)
    return Unwritable(f"The folder {folder} cannot be made: {why}.")


def check_free(path: Path, overwrite: bool) -> None:
    """Refuse a name that cannot be taken, before any work is done."""
    try:
        _check_free(path, overwrite)
    except (OSError, ValueError) as problem:
        raise write_error(path, problem) from None


def _check_free(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise Unwritable(f"{path} is a folder; name a file in it.")
    if not os.path.lexists(path):
        return
    if path.exists() and not path.is_file():
        raise Unwritable(f"{path} is no ordinary file, and repix replaces only those.")
    if not overwrite:
        raise Unwritable(f"{path} exists already; use --overwrite to replace it, or name another file.")


def reason(problem: Exception) -> str:
    """Why the system refused, as half a sentence."""
    if isinstance(problem, OSError):
        return _REASONS.get(problem.errno or 0, (problem.strerror or str(problem)).lower())
    return str(problem)


def _put_in_place(temporary: Path, target: Path, overwrite: bool) -> None:
    """Give the finished file its name; without `overwrite` not even a file that has appeared meanwhile is replaced."""
    if overwrite:
        with suppress(FileNotFoundError):
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    else:
        _link(temporary, target)
    settle(target.parent)


def settle(folder: Path) -> None:
    """Force a folder's list of files to the disk, where the system can do it for folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _link(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise Unwritable(f"{target} exists already; use --overwrite to replace it, or name another file.") from None
    except OSError as problem:
        if problem.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        temporary.rename(target)  # a file system without hard links
