"""The bar on the terminal: how far, how fast, how long still."""

import sys
from time import perf_counter
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from repix.training.learner import learning


class Bar(Callback):
    """Drawn on the terminal's error stream; nothing where that is no terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self._progress: Progress | None = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw it."""
        if sys.stderr is None or not self.console.is_terminal:
            return
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
        self._task = self._progress.add_task(
            "", total=learning(pl_module).schedule.steps, completed=trainer.global_step, speed=""
        )
        self._first, self._begin = trainer.global_step, perf_counter()
        self._progress.start()

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        """Move it."""
        if self._progress is None:
            return
        learner, step = learning(pl_module), trainer.global_step
        speed = (step - self._first) / max(perf_counter() - self._begin, 1e-9)
        patches = speed * learner.schedule.phase(min(step, learner.schedule.steps - 1)).count
        said = f"loss {learner.loss:.3g} · {speed:.1f} steps/s · {patches:.0f} patches/s"
        self._progress.update(self._task, completed=step, speed=said)

    def on_train_end(self, *_: Any) -> None:
        """Wipe it away."""
        self._stop()

    def on_exception(self, *_: Any) -> None:
        """Wipe it away."""
        self._stop()

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
