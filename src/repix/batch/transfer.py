"""Transfer: sources come from remote stores to this machine, results go there; large pictures are read in ranges."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock

from repix.batch.fingerprint import Fingerprint, fetched, file_status
from repix.batch.place import Check
from repix.batch.ranged_file import LARGEST_FETCHED, RangedFile
from repix.errors import Unwritable
from repix.pictures.atomic import track, untrack, write_error
from repix.pictures.scratch import Scratch, remove_left_behind
from repix.remote import AnyPath, RemotePath, Status
from repix.volumes.formats import is_nifti, whole_suffix

PREFIX = "repix-remote-"


class Transfer:
    """Copies of remote files on this machine, in a scratch folder that exists when it is needed.

    Args:
        ranged: whether large pictures are read in ranges instead, where the format allows it.
    """

    def __init__(self, ranged: bool = False) -> None:
        self._ranged = ranged
        self._scratch: Scratch | None = None
        self._making = Lock()

    @contextmanager
    def opened(self, source: AnyPath, check: Check) -> Iterator[tuple[Path | RangedFile, Fingerprint | None]]:
        """Yield a local path of a source, for a remote one with its fingerprint, as it was read anyway; or its ranges.

        Raises:
            Unreadable: the remote file is missing, or changes while it is read; a large one is not a picture.
        """
        if isinstance(source, Path):
            yield source, None
            return
        if self._ranged:
            source = _with_status(source)
            if (found := _in_ranges(source, check)) is not None:
                yield found, None
                return
        copy = self.new(source.name)
        try:
            known = fetched(source, copy, check)
            yield copy, known
        finally:
            copy.unlink(missing_ok=True)

    def new(self, name: str) -> Path:
        """Return a new temporary path with the suffix of a name."""
        with self._making:
            if self._scratch is None:
                remove_left_behind(PREFIX)
                self._scratch = Scratch(PREFIX)
                track(self._scratch.folder)
        return self._scratch.folder / f"{secrets.token_hex(8)}{whole_suffix(name)}"

    def close(self) -> None:
        """Delete the copies."""
        if self._scratch is not None:
            self._scratch.close()
            untrack(self._scratch.folder)
            self._scratch = None


def _with_status(source: RemotePath) -> RemotePath:
    """Return a remote path with its status, which is requested once."""
    status = source.listed or file_status(source)
    return replace(source, listed=status) if isinstance(status, Status) else source


def _in_ranges(source: RemotePath, check: Check) -> RangedFile | None:
    """Return the ranges of a large picture; None for a file that is fetched whole."""
    if source.listed is None or source.listed.st_size <= LARGEST_FETCHED or is_nifti(Path(source.name)):
        return None
    found = RangedFile(source, check)
    return found if found.is_from_top_to_bottom else None


def publish(made: Path, target: RemotePath, overwrite: bool) -> None:
    """Copy a finished file to a remote path, where it appears whole.

    Raises:
        Unwritable: the file exists and `overwrite` is false, or the store refuses to write it.
    """
    try:
        target.store.publish(made, target.key, overwrite)
    except FileExistsError:
        raise Unwritable(f"{target} exists already; use --overwrite to replace it, or name another file.") from None
    except OSError as problem:
        raise write_error(str(target), problem) from None
