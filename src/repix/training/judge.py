"""Judge: from time to time, whole pictures that are kept out go through the network, and all is written down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from lightning.pytorch import Callback, LightningModule, Trainer
from torch.utils.tensorboard import SummaryWriter

from repix.conversion import WHOLE, Contract, convert
from repix.evaluation import Example, Examples, measure
from repix.masks import coloured
from repix.pictures import Picture, write
from repix.pictures.atomic import write_error
from repix.tasks import Settings
from repix.tasks.segment import Segment
from repix.training.curve import curve
from repix.training.engine import TorchEngine
from repix.training.learner import Diverged, Learner, learning
from repix.training.machine import Machine
from repix.training.run_folder import RunFolder
from repix.training.sheet import sheet
from repix.training.time_budget import TimeBudget

SHOWN = 3
"""Pictures on a sheet of samples."""
FLAT_TIMES = 3
"""So many judgements in a row with nothing but flat results end a training that is not young any more."""

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Court:
    """What a training is judged by, and where it is written down."""

    examples: Examples
    contract: Contract
    machine: Machine
    folder: RunFolder
    say: Say
    times: int
    """How often, the last step included."""
    budget: TimeBudget | None = None
    """Where there is a deadline."""

    def engine(self, learner: Learner) -> TorchEngine:
        """The average of the weights as an engine."""
        return TorchEngine(learner.average.module, self.contract, self.machine, learner.task.scores)


class Judge(Callback):
    """Measures, and keeps the best weights, the table, the curve, the sheets and the events."""

    def __init__(self, court: Court) -> None:
        self.court = court
        self.rows: list[dict[str, float]] = []
        self.best, self.best_step = float("-inf"), 0
        self.flat = 0
        self.losses: list[float] = []
        self.seconds = 0.0
        """Of training, without what was before a resumption."""
        self._events: SummaryWriter | None = None

    def state_dict(self) -> dict[str, Any]:
        """What a resumed training must know."""
        return {
            "rows": self.rows,
            "best": self.best,
            "best_step": self.best_step,
            "flat": self.flat,
            "losses": self.losses,
            "seconds": self.seconds,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there."""
        for name, value in state_dict.items():
            setattr(self, name, value)

    def on_train_start(self, trainer: Trainer, *_: Any) -> None:
        """Begin to count, and to write events, where the state says."""
        self._since = perf_counter()
        if self.court.budget is not None:
            self.court.budget.began()
        with self._writing():
            self._events = SummaryWriter(str(self.court.folder.events), purge_step=trainer.global_step + 1)

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        """After the steps that it is due."""
        learner = learning(pl_module)
        self.losses.append(learner.loss)
        now = perf_counter()
        self.seconds, self._since = self.seconds + now - self._since, now
        self._keep_time(learner, trainer.global_step)

    def _keep_time(self, learner: Learner, step: int) -> None:
        """Judge where it is due and can be afforded, and end or replan the steps where the deadline asks for it."""
        budget, steps = self.court.budget, learner.schedule.steps
        left = {one for one in due(steps, self.court.times) if one >= step}
        if budget is not None:
            budget.stepped()
        learner.ends = step >= steps or (budget is not None and budget.over)
        learner.validated = learner.ends or (step in left and (budget is None or budget.affords_validation))
        if learner.validated:
            with nullcontext() if budget is None else budget.validation():
                self._judge(learner, step)
        if budget is None or step >= steps:
            return
        learner.ends = learner.ends or (learner.validated and budget.over)  # never without a look at the last weights
        changed = step if learner.ends else budget.replanned(step, steps, len(left - {step, steps}))
        learner.replanned = None if changed is None else learner.schedule.replanned(step, changed)

    def on_train_end(self, *_: Any) -> None:
        """Let go of the file of events."""
        if self._events is not None:
            with self._writing():
                self._events.close()

    def on_exception(self, *_: Any) -> None:
        """Let go of the file of events; what went wrong before is what is said."""
        if self._events is not None:
            with suppress(OSError):
                self._events.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """TensorBoard's writer, and folders, fail as the system does."""
        try:
            yield
        except OSError as problem:
            raise write_error(self.court.folder.events, problem) from None

    def _judge(self, learner: Learner, step: int) -> None:
        rows: list[list[Picture]] = []
        flat: list[bool] = []

        def look(example: Example, result: Picture) -> None:
            flat.append(is_flat(result) and not is_flat(example.target))
            if len(rows) < SHOWN:
                shown = [_to_look_at(one, learner.task.settings) for one in (result, example.target)]
                rows.append([example.source, *shown])

        rate = learner.optimizing.rate * learner.schedule.rate(step)
        row = {"step": step, "seconds": round(self.seconds, 1), "rate": rate, "loss": float(np.mean(self.losses))}
        self.losses.clear()
        score = float(step)  # where nothing is kept out, the last weights count as the best
        if len(self.court.examples):
            engine = self.court.engine(learner)
            outcome = measure(
                lambda picture: convert(picture, engine, WHOLE),
                self.court.examples,
                learner.task.metrics,
                on_result=look,
            )
            if not outcome.totals:
                raise Diverged(f"Nothing could be judged in step {step}: {outcome.failures[0]}")
            row |= outcome.totals
            score = next(iter(outcome.totals.values()))  # of the first protocol that measured anything
        self.rows.append(row)
        self.flat = self.flat + 1 if flat and all(flat) and not learner.schedule.young(step) else 0
        if score > self.best:
            self.best, self.best_step = score, step
            self.court.folder.write_weights(learner.average.module.state_dict())
        self._write_down(learner, row, rows)
        if self.flat >= FLAT_TIMES:
            raise Diverged(
                f"The network has given the same value for every pixel of every picture {FLAT_TIMES} times in a row, "
                f"last in step {step}; it learns nothing. Try a lower rate (it was {learner.optimizing.rate:g}), or "
                "another network or loss."
            )

    def _write_down(self, learner: Learner, row: dict[str, float], rows: list[list[Picture]]) -> None:
        folder, step = self.court.folder, int(row["step"])
        folder.write_metrics(self.rows)
        measured = [name for name in row if name not in ("step", "seconds", "rate", "loss")]
        losses = [(one["step"], one["loss"]) for one in self.rows]
        metric = measured[0] if measured else ""
        points = [(one["step"], one[metric]) for one in self.rows if metric in one]
        title = f"{learner.task.name}: {self.court.contract.network}"
        folder.write(folder.curve, curve(losses, points, metric, title).encode())
        if rows:
            with self._writing():
                folder.samples.mkdir(exist_ok=True)
            write(sheet(rows), folder.samples / f"step-{step:07}.png", overwrite=True)
        if self._events is not None:
            with self._writing():
                for name in ("loss", "rate", *measured):
                    self._events.add_scalar(name, row[name], step)
                self._events.flush()
        numbers = ", ".join(f"{name} {row[name]:.4g}" for name in ("loss", *measured))
        self.court.say(f"step {step} of {learner.schedule.steps}: {numbers}")


def due(steps: int, times: int) -> frozenset[int]:
    """The steps after which a training is judged so many times; the last one always.

    >>> sorted(due(5, 12)), len(due(2440, 12)), max(due(2440, 12)), due(19, 1)
    ([1, 2, 3, 4, 5], 12, 2440, frozenset({19}))
    """
    return frozenset(max(1, steps * k // times) for k in range(1, times + 1))


def is_flat(picture: Picture) -> bool:
    """Whether all pixels are alike."""
    return bool((picture.pixels == picture.pixels[:1, :1]).all())


def _to_look_at(picture: Picture, settings: Settings) -> Picture:
    """A mask in colours, and any other picture as it is."""
    return coloured(picture, settings.encoding) if isinstance(settings, Segment) else picture
