"""Journal of a remote output folder: its lock, its segments, and the files that the folder lists."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from repix.batch.journal import Journal
from repix.batch.record import Record
from repix.batch.remote_lock import lock_remote
from repix.batch.segments import FOLDER, Segment, SegmentLog, outermost, read_segments
from repix.errors import RepixError
from repix.pictures.atomic import read_error
from repix.remote import RemotePath, Status

_UNFINISHED = re.compile(r"(^|/)\.repix-[0-9a-f]+\.tmp$")


@contextmanager
def opened_remote(folder: RemotePath) -> Iterator[Journal]:
    """Open the journal of a remote folder; unfinished uploads of a killed run are deleted."""
    with lock_remote(folder):
        files = _listed(folder)
        _remove_unfinished(folder, files)
        segments = outermost(_segments(files))
        merged = [one for one in _segments(files) if one not in segments]  # a run was killed before it deleted them
        with suppress(OSError, RepixError):
            folder.store.remove(*((folder / FOLDER / one.name).key for one in merged))
        log = SegmentLog(folder / FOLDER, segments)
        record = _record(folder, segments, files)
        try:
            yield Journal(folder, record, log)
        finally:
            log.close()
            if not record.made:
                log.delete()


def read_remote_record(folder: RemotePath) -> Record:
    """Return the record in the journal of a remote folder, empty without a journal; nothing is written or locked."""
    for _ in range(3):  # another run may merge segments between the listing and the reading
        files = _listed(folder)
        with suppress(FileNotFoundError):
            return _record(folder, outermost(_segments(files)), files)
    return _record(folder, outermost(_segments(files)), files)


def _listed(folder: RemotePath) -> dict[str, Status]:
    try:
        return {one.relative_to(folder).as_posix(): one.listed for one in folder.files(recursive=True) if one.listed}
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise read_error(str(folder), problem) from None


def _segments(files: dict[str, Status]) -> list[Segment]:
    found = [Segment.read(name.removeprefix(f"{FOLDER}/")) for name in files if name.startswith(f"{FOLDER}/")]
    return [one for one in found if one is not None]


def _record(folder: RemotePath, segments: list[Segment], files: dict[str, Status]) -> Record:
    record = read_segments(folder / FOLDER, segments)
    record.listed = files
    return record


def _remove_unfinished(folder: RemotePath, files: dict[str, Status]) -> None:
    """Delete temporary files, which uploads by SFTP have until they are renamed."""
    names = [name for name in files if _UNFINISHED.search(name)]
    with suppress(OSError, RepixError):
        folder.store.remove(*((folder / name).key for name in names))
