"""Transfer: sources come from remote stores to this machine, results go there; all work is done on local files."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from repix.batch.fingerprint import Fingerprint, fetched
from repix.batch.place import Check
from repix.errors import Unwritable
from repix.pictures.atomic import track, untrack, write_error
from repix.pictures.scratch import Scratch, remove_left_behind
from repix.remote import AnyPath, RemotePath
from repix.volumes.formats import whole_suffix

PREFIX = "repix-remote-"


class Transfer:
    """Copies of remote files on this machine, in a scratch folder that exists when it is needed."""

    def __init__(self) -> None:
        self._scratch: Scratch | None = None
        self._making = Lock()

    @contextmanager
    def local(self, source: AnyPath, check: Check) -> Iterator[tuple[Path, Fingerprint | None]]:
        """Yield a local path of a source; for a remote one with its fingerprint, as it was read anyway."""
        if isinstance(source, Path):
            yield source, None
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
