"""Training runs below the studio's folder: state, settings, curves, samples and messages, from their own files."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from repix.studio.folder import NotServed, ServedFolder
from repix.studio.metric_table import MetricTable, read_table
from repix.studio.run_record import RunRecord, read_record
from repix.training.run_folder import RunFolder

TEXT, LINES = 2**16, 200
"""The most bytes and lines at the end of the messages."""
TOML, TABLE = 2**20, 2**23
"""The most bytes of run.toml and of metrics.csv."""
CHECKERBOARD = "checkerboard (dB)"
SAMPLE = re.compile(r"step-(\d{7,12})\.png")
PROGRESS = re.compile(r"step (\d+) of (\d+): ")
FILES = ("model.onnx", "run.toml", "metrics.csv", "curve.svg", "terms.svg", "log.txt", "output.txt")
"""Files of a run that can be downloaded."""


@dataclass(frozen=True)
class Run:
    """A run of the studio's folder."""

    folder: ServedFolder
    name: str
    is_starting: bool = False
    """True if the studio started its process, which may not have locked the folder yet."""
    is_asked: bool = False
    """True if its process was asked to stop."""

    @cached_property
    def path(self) -> RunFolder:
        """Its folder."""
        return RunFolder(self.folder.inside(self.name))

    @cached_property
    def state(self) -> str:
        """`running`, `finished` or `stopped`; a killed process holds no lock, so its run is stopped."""
        if self.is_starting or self.path.is_locked:
            return "running"
        return "finished" if self.path.finished else "stopped"

    @cached_property
    def record(self) -> RunRecord:
        """Its settings; before they are chosen, those that it was started with."""
        for file in ("run.toml", "recipe.toml"):
            try:
                return read_record(self.folder.read(f"{self.name}/{file}", TOML), self.folder, file)
            except NotServed as problem:
                if problem.status != 404:
                    return RunRecord(problem=f"{file}: {problem}")
        return RunRecord(problem="" if self.state == "running" else "This folder has no run.toml.")

    @cached_property
    def table(self) -> MetricTable:
        """Its metrics; empty before the first validation."""
        try:
            return read_table(self.folder.read(f"{self.name}/metrics.csv", TABLE))
        except NotServed as problem:
            return MetricTable(problem="" if problem.status == 404 else f"metrics.csv: {problem}")

    @cached_property
    def log(self) -> list[str]:
        """Its last messages."""
        return self._lines("log.txt")

    @cached_property
    def output(self) -> list[str]:
        """The last lines that its process printed, if the studio started it."""
        return self._lines("output.txt")

    @property
    def samples(self) -> list[int]:
        """The steps that have a sample sheet."""
        try:
            names = [one.name for one in self.folder.inside(f"{self.name}/samples").iterdir()]
        except (NotServed, OSError):
            return []
        return sorted(int(found[1]) for found in map(SAMPLE.fullmatch, names) if found)

    @property
    def files(self) -> list[str]:
        """The names of its files that can be downloaded."""
        return [name for name in FILES if (self.path.path / name).is_file()]

    @property
    def error(self) -> str:
        """The sentence with which its process failed; empty if it did not."""
        last = next((line for line in reversed(self.output) if line), "")
        is_error = last.startswith("repix: ") and self.state == "stopped"
        return last.removeprefix("repix: ") if is_error else ""

    def summary(self) -> dict[str, Any]:
        """Return what a list of runs shows."""
        step, steps = self._progress()
        problems = (self.record.problem, self.table.problem, self.error)
        return {
            "name": self.name,
            "state": self.state,
            "is_stopping": self.is_asked and self.state == "running",
            "task": self.record.named("task"),
            "network": self.record.named("network"),
            "step": step,
            "steps": steps,
            "seconds": self.table.last("seconds"),
            "checkerboard": self.table.last(CHECKERBOARD),
            "metrics": self.record.metrics[:1],
            "problems": [one for one in problems if one],
        }

    def detail(self) -> dict[str, Any]:
        """Return everything about the run, without its pictures."""
        return {
            **self.summary(),
            "settings": dict(self.record.settings),
            "metrics": self.record.metrics,
            "curves": self.table.curves(),
            "samples": self.samples,
            "files": self.files,
            "log": self.log,
            "output": self.output,
            "can_continue": self.state == "stopped" and (self.path.recipe.is_file()),
        }

    def _progress(self) -> tuple[int | None, int | None]:
        """Return the last step that is known, and the number of all."""
        told = next((found for line in reversed(self.log) if (found := PROGRESS.search(line))), None)
        steps = self.record.steps if told is None else int(told[2])
        step = self.table.last("step")
        return None if step is None else int(step), steps

    def _lines(self, file: str) -> list[str]:
        text = self.folder.end(f"{self.name}/{file}", TEXT)
        return self.folder.spoken(text).splitlines()[-LINES:]
