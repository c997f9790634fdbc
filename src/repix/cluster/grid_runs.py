"""Runs of a grid on a cluster: a worker process trains each, in a process of its own as on one machine."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import sleep

from repix.batch.work import Advance
from repix.cluster.crew import Crew
from repix.cluster.shipment import Shipment
from repix.comparison.runner import POLL, Job, Start, TrainingProcess
from repix.errors import RepixError

STOPPED = 130
"""Exit code of a run that was stopped."""


@dataclass(frozen=True)
class RunEnd:
    """The end of a run: its exit code, and why it failed."""

    code: int
    reason: str


@dataclass(frozen=True)
class Trainer:
    """Trains runs in a worker process; a run that was begun by a lost worker continues from its checkpoint."""

    threads: int

    def __call__(self, job: Job, advance: Advance) -> RunEnd:
        """Train a run; if it is to end early, it ends with a checkpoint."""
        process = TrainingProcess(job, self.threads)
        code, is_asked = None, False
        while code is None:
            sleep(POLL)
            code = process.poll()
            try:
                advance()
            except KeyboardInterrupt:
                if not is_asked:
                    process.stop()
                    is_asked = True
        return RunEnd(code, process.reason())


def runs_of(threads: int, device: str) -> Shipment:
    """Return the shipment for runs with so many threads; each takes a GPU if they are trained on one."""
    return Shipment(partial(Trainer, threads), threads, gpus=int(device == "cuda"), folder=str(Path.cwd()))


def start_on(crew: Crew) -> Start:
    """Return what starts runs on a cluster."""
    return partial(ClusterRun, crew)


class ClusterRun:
    """A run in progress on a cluster."""

    def __init__(self, crew: Crew, job: Job) -> None:
        self._stop = threading.Event()
        self._end: Future[RunEnd] = Future()
        threading.Thread(
            target=self._wait, args=(crew, job), daemon=True, name=f"repix-run-{job.run.path.name}"
        ).start()

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        return self._end.result().code if self._end.done() else None

    def reason(self) -> str:
        """Return why it failed, as a sentence."""
        return self._end.result().reason

    def stop(self) -> None:
        """Ask it to stop with a checkpoint."""
        self._stop.set()

    def _wait(self, crew: Crew, job: Job) -> None:
        """Wait for the end of the run, whatever ends it."""
        try:
            self._end.set_result(crew.ask(job, job.title, self._stop))
        except RepixError as problem:
            self._end.set_result(RunEnd(1, str(problem)))
        except KeyboardInterrupt:
            self._end.set_result(RunEnd(STOPPED, "The run was stopped."))
        except Exception as bug:  # noqa: BLE001 (it is raised where the run is asked for)
            self._end.set_exception(bug)
