"""Training loop: batch, step, EMA; validation and checkpoint when due; stop on request."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from lightning.fabric import Fabric
from lightning.fabric.utilities.warnings import PossibleUserWarning

from repix.training.build import Training
from repix.training.checkerboard_check import COLUMN
from repix.training.checkpoint import Checkpoint
from repix.training.dataset import loader
from repix.training.deadline import NO_DEADLINE, Deadline, NoDeadline
from repix.training.ema import ExponentialMovingAverage
from repix.training.logs import Log, Record
from repix.training.logs.csv_log import CsvLog
from repix.training.logs.curve_plot import CurvePlot
from repix.training.logs.sample_grid import SampleGrids
from repix.training.logs.tensorboard_log import TensorBoardLog
from repix.training.logs.term_plot import TermPlot
from repix.training.objectives import Batch
from repix.training.processes import Split, any_of, launched, share
from repix.training.progress import ProgressBar
from repix.training.run_folder import Message, RunFolder
from repix.training.state import TrainingState
from repix.training.stop import StopRequest
from repix.training.validation import Validator, require_variation, validation_steps


class Loop:
    """The loop of a training, from its last checkpoint to its last step, its deadline, or a stop request.

    On several devices, all processes run it; the first one also validates, prints and writes files.
    """

    def __init__(
        self, training: Training, folder: RunFolder, message: Message, deadline: Deadline | NoDeadline = NO_DEADLINE
    ) -> None:
        self.training, self.folder, self.message, self.deadline = training, folder, message, deadline
        self.validator, self.checkpoint = Validator(training, folder), Checkpoint(folder)
        self.ended = False
        """True if no step follows: all are made, or the time is over."""
        self.terminated = False
        """True if the process was asked to end by SIGTERM."""
        self.first = True
        """True in the first process."""

    def run(self) -> TrainingState:
        """Train, and return the state after the last step."""
        config = self.training.config
        strategy = Split() if config.processes > 1 else None
        with _quietly(), StopRequest() as stop:
            fabric = config.compute.fabric(config.devices, config.nodes, strategy)
            self.first = fabric.global_rank == 0
            with launched(fabric):
                state = self.begin(fabric)
                with ProgressBar(state.step, self.first) as bar, self.open_logs(state.step) as logs:
                    self.make_steps(fabric, state, stop, bar, logs)
                self.terminated = stop.terminated
        return state

    def make_steps(
        self, fabric: Fabric, state: TrainingState, stop: StopRequest, bar: ProgressBar, logs: Sequence[Log]
    ) -> None:
        """Make the remaining steps; every process stops after the same one."""
        self.ended = state.complete
        self.deadline.began()
        self._since = perf_counter()
        while True:
            for batch in self.batches(state, fabric):
                loss = self.step(state, batch)
                record = self.validate_when_due(state)
                if record is not None:
                    self.write(logs, record, state)
                    stop.asked = stop.asked or self.stops_for(record)
                replanned = self.replan_when_late(state)
                stop.asked = any_of(fabric, stop.asked)
                if self.first and (stop.asked or self.ended or record or replanned or self.checkpoint.due):
                    self.checkpoint.save(state)
                bar.update(state.step, state.schedule, loss)
                if stop.asked or self.ended or replanned:
                    break
            if stop.asked or self.ended:
                break

    def begin(self, fabric: Fabric) -> TrainingState:
        """Return the state of the last checkpoint, or the initial one."""
        training, saved = self.training, self.checkpoint.read()
        network = training.initial_network() if saved is None else training.random_network()
        state = TrainingState(training.objective(network, fabric), ExponentialMovingAverage(network), training.schedule)
        if saved is not None:
            self.checkpoint.restore(state, saved)
        elif self.first:
            self.folder.begin(training.config.as_recipe(), training.record, training.findings.split)
        return state

    def batches(self, state: TrainingState, fabric: Fabric) -> Iterator[Batch]:
        """Return the remaining batches of the schedule, on the device."""
        workers = self.training.config.compute.workers
        dataset = replace(self.training.dataset(state.schedule), share=partial(share, fabric))
        batches = loader(dataset, state.step, workers)
        on_device: Any = fabric.setup_dataloaders(batches, use_distributed_sampler=False)
        return iter(on_device)

    def step(self, state: TrainingState, batch: Batch) -> float:
        """Make one step and return its loss: the objective updates the weights, then their EMA is updated."""
        state.objective.set_lr(state.schedule.lr_factor(state.step))
        state.objective.share = len(batch[0]) / state.schedule.phase(state.step).count
        losses = state.objective.step(batch, state.step + 1)
        state.ema.update_parameters(state.objective.model)
        state.step += 1
        state.history.add(losses)
        now = perf_counter()
        state.history.seconds, self._since = state.history.seconds + now - self._since, now
        self.deadline.stepped()
        self.ended = state.complete or self.deadline.over
        return losses["loss"]

    def validate_when_due(self, state: TrainingState) -> Record | None:
        """Validate after the planned steps and after the last one; else return None."""
        due = state.step in validation_steps(state.schedule.steps, self.training.config.validations)
        if not self.first or (not self.ended and not (due and self.deadline.affords_validation)):
            return None
        with self.deadline.validation():
            record = self.validator.validate(state)
        self.ended = self.ended or self.deadline.over
        return record

    def replan_when_late(self, state: TrainingState) -> bool:
        """Change the number of steps where the deadline requires it; return whether it changed."""
        if self.ended:
            return False
        planned = validation_steps(state.schedule.steps, self.training.config.validations)
        left = sum(state.step < one < state.schedule.steps for one in planned)
        steps = self.deadline.replanned(state.step, state.schedule.steps, left)
        if steps is not None:
            state.schedule = state.schedule.replanned(state.step, steps)
        return steps is not None

    def write(self, logs: Sequence[Log], record: Record, state: TrainingState) -> None:
        """Log a validation; a network that learns nothing ends the training."""
        for log in logs:
            log.write(record)
        numbers = ", ".join(f"{name} {record.row[name]:.4g}" for name in ("loss", *record.terms, *record.metrics))
        self.message(f"step {record.step} of {state.schedule.steps}: {numbers}")
        warning = self.validator.checkerboards.warning(record.step, record.row.get(COLUMN), self.ended)
        if warning is not None:
            self.message(warning)
        require_variation(state)

    def stops_for(self, record: Record) -> bool:
        """Return whether the checkerboard score of a validation stops the training."""
        check = self.validator.checkerboards
        return check.stops and check.exceeded(record.row.get(COLUMN))

    @contextmanager
    def open_logs(self, step: int) -> Iterator[Sequence[Log]]:
        """Open the logs within a `with` block; an error in the block wins over one while they are closed."""
        if not self.first:
            yield ()
            return
        folder = self.folder
        plots = CurvePlot(folder), TermPlot(folder)
        logs: Sequence[Log] = (CsvLog(folder), *plots, SampleGrids(folder), TensorBoardLog(folder, step))
        try:
            yield logs
        except BaseException:
            for log in logs:
                with suppress(Exception):
                    log.close()
            raise
        for log in logs:
            log.close()


@contextmanager
def _quietly() -> Iterator[None]:
    """Suppress Lightning's advice about data loader workers within a `with` block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PossibleUserWarning)
        warnings.filterwarnings("ignore", message=".*LeafSpec.*")
        yield
