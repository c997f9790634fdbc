"""Progress bar on the terminal: steps, loss, speed and ETA."""

import sys
from time import perf_counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from repix.training.schedule import Schedule


class ProgressBar:
    """Shown on standard error within a `with` block; nothing if that is not a terminal."""

    def __init__(self, step: int, shown: bool = True, console: Console | None = None) -> None:
        self.console, self._shown = console or Console(stderr=True), shown
        self._first, self._begin = step, perf_counter()
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        if not self._shown or sys.stderr is None or not self.console.is_terminal:
            return self
        self._progress = Progress(
            TextColumn("{task.completed}/{task.total}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[speed]}"),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, completed=self._first, speed="")
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def update(self, step: int, schedule: Schedule, loss: float) -> None:
        """Show a step of the schedule."""
        if self._progress is None:
            return
        speed = (step - self._first) / max(perf_counter() - self._begin, 1e-9)
        patches = speed * schedule.phase(min(step, schedule.steps - 1)).count
        text = f"loss {loss:.3g} · {speed:.1f} steps/s · {patches:.0f} patches/s"
        self._progress.update(self._task, completed=step, total=schedule.steps, speed=text)
