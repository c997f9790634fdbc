"""Atomic file writing: a file appears complete or not at all."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from repix.errors import DiskFull, Unreadable, Unwritable

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the disk is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "the file is larger than the system allows",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "part of the path is a file, not a folder",
    errno.EISDIR: "it is a folder",
    errno.EEXIST: "a file of that name exists",
    errno.ELOOP: "its symbolic links form a loop",
}
_TRACKED: set[Path] = set()
"""Unfinished files and folders, to be removed when the process must end at once."""


@contextmanager
def atomic_file(path: Path, overwrite: bool) -> Iterator[BinaryIO]:
    """Open a temporary file for writing that is renamed to `path` when the block ends without an error.

    After an error or an interruption no file is left. A symbolic link is followed; a replaced file keeps its mode.

    Args:
        path: the file to write.
        overwrite: replace an existing file.

    Raises:
        Unwritable: the file exists and `overwrite` is false, or the system refuses to write it.
        DiskFull: the disk or the quota is full.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_file(Path(folder, "a"), overwrite=False) as file:
    ...         written = file.write(b"new")
    ...     Path(folder, "a").read_bytes()
    b'new'
    """
    check_replaceable(path, overwrite)
    try:
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".repix-{secrets.token_hex(8)}.tmp")
        track(temporary)
        try:
            with temporary.open("x+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _put_in_place(temporary, target, overwrite)
        finally:
            with suppress(OSError):
                temporary.unlink()
            untrack(temporary)
    except (OSError, ValueError) as problem:
        raise write_error(path, problem) from None


def move_into_place(finished: Path, path: Path, overwrite: bool) -> None:
    """Rename a finished file to `path`, on the same file system, as `atomic_file` does.

    Args:
        finished: the complete file.
        path: its new name.
        overwrite: replace an existing file.

    Raises:
        Unwritable: the file exists and `overwrite` is false, or the system refuses.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = Path(folder, "made").write_bytes(b"new")
    ...     move_into_place(Path(folder, "made"), Path(folder, "name"), overwrite=False)
    ...     [file.name for file in Path(folder).iterdir()], Path(folder, "name").read_bytes()
    (['name'], b'new')
    """
    check_replaceable(path, overwrite)
    try:
        _put_in_place(finished, Path(os.path.realpath(path)), overwrite)
        finished.unlink(missing_ok=True)
    except (OSError, ValueError) as problem:
        raise write_error(path, problem) from None


def write_error(path: Path | str, problem: Exception) -> Unwritable:
    """Return the error to raise where the system refused to write a file; `DiskFull` if the disk is full.

    >>> write_error(Path("a.png"), OSError(errno.ENOSPC, "No space left on device"))
    DiskFull('a.png cannot be written: the disk is full.')
    """
    full = isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT)
    return (DiskFull if full else Unwritable)(f"{path} cannot be written: {reason(problem)}.")


def read_error(path: str | Path, problem: Exception) -> Unreadable:
    """Return the error to raise where the system refused to read a file.

    >>> read_error("a.png", FileNotFoundError(errno.ENOENT, "No such file or directory"))
    Unreadable('a.png: there is no such file.')
    """
    if isinstance(problem, FileNotFoundError):
        return Unreadable(f"{path}: there is no such file.")
    return Unreadable(f"{path} cannot be read: {reason(problem)}.")


def folder_error(folder: Path, problem: Exception) -> Unwritable:
    """Return the error to raise where a folder could not be created.

    >>> folder_error(Path("new/deep"), FileNotFoundError(errno.ENOENT, "No such file or directory"))
    Unwritable('The folder new/deep cannot be created: new does not exist.')
    """
    why = f"{folder.parent} does not exist" if isinstance(problem, FileNotFoundError) else reason(problem)
    return Unwritable(f"The folder {folder} cannot be created: {why}.")


def check_free(path: Path, overwrite: bool) -> None:
    """Check that a file of this name can be written into its folder; call it before any expensive work.

    Raises:
        Unwritable: `check_replaceable` refuses the path; or its folder does not exist, or does not take new files.

    >>> check_free(Path("."), overwrite=False)
    Traceback (most recent call last):
    repix.errors.Unwritable: . is a folder; name a file in it.
    """
    check_replaceable(path, overwrite)
    try:
        with TemporaryFile(dir=Path(os.path.realpath(path)).parent):  # the system says why it cannot be written
            pass
    except (OSError, ValueError) as problem:
        raise write_error(path, problem) from None


def check_writable(folder: Path) -> None:
    """Check that files can be written into a folder, which may be created later; call it before any expensive work.

    Raises:
        Unwritable: the folder, or the first of its parents that exists, does not take new files.

    >>> check_writable(Path("/dev/null/results"))
    Traceback (most recent call last):
    repix.errors.Unwritable: /dev/null/results cannot be written: part of the path is a file, not a folder.
    """
    try:
        there = next(one for one in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(one))
        with TemporaryFile(dir=there):  # the system says why it cannot be written
            pass
    except (OSError, ValueError) as problem:
        raise write_error(folder, problem) from None


def check_replaceable(path: Path, overwrite: bool) -> None:
    """Check that nothing of this name is in the way; its folder may be created later.

    Raises:
        Unwritable: `path` is a folder or a special file, or it exists and `overwrite` is false.
    """
    try:
        _check_replaceable(path, overwrite)
    except (OSError, ValueError) as problem:
        raise write_error(path, problem) from None


def _check_replaceable(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise Unwritable(f"{path} is a folder; name a file in it.")
    if not os.path.lexists(path):
        return
    if path.exists() and not path.is_file():
        raise Unwritable(f"{path} is not a regular file, so repix does not replace it; name another file.")
    if not overwrite:
        raise Unwritable(f"{path} exists already; use --overwrite to replace it, or name another file.")


def reason(problem: Exception) -> str:
    """Return the cause of a system error as part of a sentence.

    >>> reason(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full'
    """
    if isinstance(problem, OSError):
        return _REASONS.get(problem.errno or 0, (problem.strerror or str(problem)).lower())
    return str(problem)


def _put_in_place(temporary: Path, target: Path, overwrite: bool) -> None:
    """Rename a finished file; without `overwrite`, a file that appeared in the meantime is not replaced either."""
    if overwrite:
        with suppress(FileNotFoundError):
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    else:
        _link(temporary, target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's directory entries to the disk (fsync), where the system supports it."""
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
        temporary.rename(target)  # the file system has no hard links


def track(*paths: Path) -> None:
    """Register unfinished files for `remove_tracked`; in normal operation their writers remove them."""
    _TRACKED.update(paths)


def untrack(*paths: Path) -> None:
    """Unregister files that are finished or removed."""
    _TRACKED.difference_update(paths)


def remove_tracked() -> None:
    """Remove all registered files and folders.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "half")
    ...     _ = path.write_bytes(b"half")
    ...     track(path)
    ...     remove_tracked()
    ...     path.exists()
    False
    """
    for path in tuple(_TRACKED):
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        untrack(path)
