"""Kill a run at its every step, go on and look: `python -m tests.batch.every_step FOLDER` says what is wrong.

A step is whatever Python asks of the system about files (its audit events tell) and every write and fsync. For each the
run is begun in a child that dies there, without any `finally`, and then gone on with. Three cases: results that are
new, renewed because the options changed, and kept.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from repix import batch
from repix.batch.jobs import find
from repix.batch.journal import NAME
from repix.pictures import Fidelity

NAMES = ("a.npy", "sub/b.npy")
EVENTS = ("open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.scandir", "os.truncate")


def convert(sources: Path, output: Path, key: str) -> int:
    """Each file and the key, behind one another."""

    def work(source: Path, target: Path, advance) -> Fidelity:
        target.write_bytes(source.read_bytes() + key.encode())
        return Fidelity()

    jobs = find([sources], output, recursive=True)
    return batch.run(jobs, batch.Work(work, {"key": key})).exit_code


def in_child(task) -> int:
    """The status of a child that does a task and ends at once."""
    child = os.fork()
    if not child:
        code = 99
        try:
            code = task()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dying_at(step: int, task):
    """The task, killed at a step."""
    left = [step]

    def count() -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(function):
        def call(*given):
            count()
            return function(*given)

        return call

    def run() -> int:
        os.write, os.fsync = counted(os.write), counted(os.fsync)
        sys.addaudithook(lambda event, _: count() if event in EVENTS else None)
        return task()

    return run


def found(output: Path) -> dict[str, bytes]:
    files = [file for file in output.rglob("*") if not file.is_dir() and file.name != NAME]
    return {file.relative_to(output).as_posix(): file.read_bytes() for file in files}


def lines(output: Path) -> int:
    journal = output / NAME
    return journal.read_bytes().count(b'{"made"') if journal.exists() else 0


def wrong_after(step: int, folder: Path) -> tuple[bool, list[str]]:
    """Whether the run came to its end before the step, and what is wrong after going on."""
    sources, earlier, output = folder / "in", folder / "earlier", folder / "out"
    shutil.rmtree(output, ignore_errors=True)
    if earlier.exists():
        shutil.copytree(earlier, output)
    status = in_child(dying_at(step, lambda: convert(sources, output, "new")))
    if status not in (0, -signal.SIGKILL):
        return True, [f"step {step}: the run ended with {status}"]
    wanted = {name: (sources / name).read_bytes() + b"new" for name in NAMES}
    standing, before = [name for name, content in found(output).items() if wanted.get(name) == content], lines(output)
    again = in_child(lambda: convert(sources, output, "new"))
    wrong = [f"step {step}: going on ended with {again}"] if again else []
    if found(output) != wanted:
        wrong.append(f"step {step}: {sorted(found(output))} stand there, not as they should")
    if lines(output) - before != len(NAMES) - len(standing):
        wrong.append(f"step {step}: {lines(output) - before} were made, with {len(standing)} standing")
    return status == 0, wrong


def main(folder: Path) -> None:
    for name in NAMES:
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_bytes(name.encode())
        os.utime(folder / "in" / name, (1, 1))
    for earlier in (None, "old", "new"):
        if earlier is not None:
            in_child(lambda key=earlier: convert(folder / "in", folder / "earlier", key))
        over, step = False, 0
        while not over:
            step += 1
            over, wrong = wrong_after(step, folder)
            print(*wrong, sep="\n", end="\n" if wrong else "")
        print(f"{step - 1} steps, after {earlier}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
