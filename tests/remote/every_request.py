"""Kill a run at its every request to a store, go on, and look: `python -m tests.remote.every_request FOLDER`.

Each run is a child that dies before or after its n-th request, without any `finally`; another child goes on. Printed is
what is wrong then. Three cases: results that are new, renewed because the options changed, and kept.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from repix import batch
from repix.batch.jobs import find
from repix.batch.remote_journal import read_remote_record
from repix.batch.remote_lock import GUARD
from repix.pictures import Fidelity
from tests.batch.every_step import in_child
from tests.remote.folder_store import FolderStore

NAMES = ("a.npy", "sub/b.npy")


def convert(store: FolderStore, key: str) -> int:
    """Each file and the key, behind one another."""

    def work(source: Path, target: Path, advance) -> Fidelity:
        target.write_bytes(source.read_bytes() + key.encode())
        return Fidelity()

    jobs = find([store.path("in")], store.path("out"), recursive=True)
    return batch.run(jobs, batch.Work(work, {"key": key})).exit_code


class Dying(FolderStore):
    """A store whose process is killed at a request."""

    def __init__(self, folder: Path, at: int) -> None:
        super().__init__(folder)
        self._at = at

    def counted(self, total: int) -> None:
        if total == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def results(folder: Path) -> dict[str, bytes]:
    found = [one for one in (folder / "out").rglob("*") if one.is_file() and not one.name.endswith(".jsonl")]
    return {one.relative_to(folder / "out").as_posix(): one.read_bytes() for one in found}


def wrong_after(step: int, folder: Path, earlier: str | None) -> tuple[bool, list[str]]:
    """Whether the run came to its end before the step, and what is wrong after going on."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    if earlier is not None:
        in_child(lambda: convert(FolderStore(folder), earlier))
    status = in_child(lambda: convert(Dying(folder, step), "new"))
    if status not in (0, -signal.SIGKILL):
        return True, [f"step {step}: the run ended with {status}"]
    wanted = {name: (folder / "in" / name).read_bytes() + b"new" for name in NAMES}
    standing = [name for name, content in results(folder).items() if wanted.get(name) == content]
    times = {name: (folder / "out" / name).stat().st_mtime_ns for name in standing}
    if (folder / "out" / GUARD).exists():
        return False, [f"step {step}: {GUARD} stands there"]
    again = in_child(lambda: convert(FolderStore(folder), "new"))
    wrong = [f"step {step}: going on ended with {again}"] if again else []
    if results(folder) != wanted:
        wrong.append(f"step {step}: {sorted(results(folder))} stand there, not as they should")
    if doubled := [name for name in standing if (folder / "out" / name).stat().st_mtime_ns != times[name]]:
        wrong.append(f"step {step}: {doubled} were made twice")
    if len(read_remote_record(FolderStore(folder).path("out")).made) != len(NAMES):
        wrong.append(f"step {step}: the journal does not know all")
    return status == 0, wrong


def main(folder: Path) -> None:
    for name in NAMES:
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_bytes(name.encode())
    for earlier in (None, "old", "new"):
        over, step = False, 0
        while not over:
            step += 1
            over, wrong = wrong_after(step, folder, earlier)
            print(*wrong, sep="\n", end="\n" if wrong else "")
        print(f"{step - 1} steps, after {earlier}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
