"""Runner: trains the runs of a grid side by side, each in its own process; a failure does not stop the others."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from typing import IO, Protocol

from repix.comparison.run_alone import DISK_FULL
from repix.comparison.run_log import RunLog
from repix.errors import DiskFull
from repix.training.run_folder import RunFolder

POLL = 0.2
"""Seconds between two looks at the processes."""
PATIENCE = 60.0
"""Seconds that a run has to write its checkpoint when the grid is stopped."""


@dataclass(frozen=True)
class Job:
    """One run of the grid: a member with a seed."""

    member: str
    seed: int
    recipe: Path
    run: RunFolder

    @property
    def title(self) -> str:
        """The member and the seed as text."""
        return f"{self.member}, seed {self.seed}"


class Process(Protocol):
    """A run in progress."""

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        ...

    def reason(self) -> str:
        """Return why it failed, as a sentence."""
        ...

    def stop(self) -> None:
        """Ask it to stop with a checkpoint."""
        ...


Start = Callable[[Job], Process]
"""Starts a run."""
Room = Callable[[], int]
"""Returns how many runs there is room for now."""


class TrainingProcess:
    """A run in a process of its own, with a limited number of threads."""

    def __init__(self, job: Job, threads: int) -> None:
        self._said = ""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (it is open as long as the process runs)
        limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
        self._process = subprocess.Popen(  # noqa: S603 (this Python, and paths as arguments)
            [sys.executable, "-m", "repix.comparison.run_alone", str(job.recipe), str(job.run.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            env={**os.environ, **limits},
            start_new_session=True,  # Ctrl-C is for the grid, which then asks its runs to stop
        )

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        code = self._process.poll()
        if code is not None and not self._errors.closed:
            self._errors.seek(0)
            self._said = self._errors.read().decode(errors="replace").strip()
            self._errors.close()
            if self._process.stdin is not None:
                self._process.stdin.close()
        return code

    def reason(self) -> str:
        """Return the last line that the process wrote to standard error."""
        ended = f"The process ended with code {self._process.returncode}, without a message."
        return self._said.splitlines()[-1] if self._said else ended

    def stop(self) -> None:
        """Ask the process to stop with a checkpoint."""
        self._process.terminate()


@dataclass
class Runner:
    """Trains jobs, at most `parallel` at the same time."""

    start: Start
    parallel: int
    message: Callable[[str], None]
    room: Room | None = None
    """Where the room changes, such as on a cluster."""
    failures: dict[Path, str] = field(default_factory=dict)
    """The reason of each failed run, by its folder."""

    def run(self, jobs: Sequence[Job]) -> None:
        """Train all jobs; after Ctrl-C, SIGTERM or an error, the running ones are stopped with a checkpoint.

        Raises:
            DiskFull: a run found the disk full; the others would, too.
        """
        waiting, running = list(jobs), list[tuple[Job, RunLog, Process]]()
        ended = 0
        try:
            while waiting or running:
                room = self.parallel if self.room is None else min(self.parallel, self.room())
                while waiting and len(running) < room:
                    job = waiting.pop(0)
                    self.message(f"{job.title}: the training {'continues' if job.run.recipe.exists() else 'begins'}.")
                    log = RunLog(job.run.log)
                    running.append((job, log, self.start(job)))
                for one in list(running):
                    job, log, process = one
                    code = process.poll()
                    for message in log.messages():
                        self.message(f"{job.title}: {message}")
                    if code is not None:
                        running.remove(one)
                        ended += 1
                        self._conclude(job, process, f"{ended} of {len(jobs)}")
                if waiting or running:
                    sleep(POLL)
        except BaseException:
            self._stop([process for _, _, process in running])
            raise

    def _conclude(self, job: Job, process: Process, count: str) -> None:
        code = process.poll()
        if code == 0:
            self.message(f"{count}: {job.title} is trained.")
        elif code == DISK_FULL:
            raise DiskFull(f"{process.reason()} Make room on it; then the same command continues.")
        else:
            self.failures[job.run.path] = process.reason()
            self.message(f"{count}: {job.title} failed: {process.reason()}")

    def _stop(self, processes: Sequence[Process]) -> None:
        for process in processes:
            with suppress(OSError):
                process.stop()
        waited = 0.0
        while waited < PATIENCE and any(process.poll() is None for process in processes):
            sleep(POLL)
            waited += POLL
