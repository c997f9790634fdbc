"""Training run: recipe, folder check, config, build, overfit check, plan, loop, export, comparison.

Every stage is one call into one file, and hands its result to the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from repix.conversion import Contract
from repix.conversion.card import contract_rows
from repix.data import check
from repix.data.check import Progress
from repix.data.findings import Findings
from repix.errors import WrongUse
from repix.printable import printable
from repix.report import table
from repix.training.build import Training, build
from repix.training.calibration import plan
from repix.training.comparison import Comparison, compare
from repix.training.config import resolve
from repix.training.deadline import NO_DEADLINE, Clock, Deadline, NoDeadline, stopwatch
from repix.training.device import choose_device
from repix.training.loop import Loop
from repix.training.overfit_check import overfit_check
from repix.training.processes import Split, with_processes
from repix.training.recipe import Recipe, chained
from repix.training.run_export import ExportedRun, export_again, export_trained
from repix.training.run_folder import Message, RunFolder, new_run, silent
from repix.training.stop import TERMINATED


@dataclass(frozen=True)
class Trained:
    """The result of a training."""

    model: Path
    """The model's file, with its contract inside."""
    contract: Contract
    comparison: Comparison | None
    """With the baselines; None if no picture was held out, or the run was stopped."""
    complete: bool
    """False where the training was stopped before its last step; it can be continued."""

    def _repr_html_(self) -> str:
        """Return the model's card as notebooks show it."""
        stopped = "" if self.complete else ", stopped before its last step"
        rows = contract_rows(self.contract, self.model.stat().st_size)
        return table((), rows, caption=f"{self.model}{stopped}")


def _print(text: str) -> None:
    print(printable(text), flush=True)


@dataclass(frozen=True)
class Reporter:
    """Callbacks for messages, and for the progress of the folder check."""

    message: Callable[[str], None] = _print
    progress: Progress | None = None


def train(recipe: Recipe, output: Path | str, reporter: Reporter | None = None, clock: Clock | None = None) -> Trained:
    """Train a model into a new folder; `repix.training.train` says more."""
    reporter, recipe = reporter or Reporter(), with_processes(recipe.seen_from(Path.cwd()))
    if _follows(recipe):
        _follow(recipe, RunFolder(Path(output)))
    chain, folder = chained(recipe), new_run(Path(output))
    if chain:
        first = _train_first(chain[0], folder.path.resolve(), reporter)
        if not first.complete:
            return first
        recipe, clock = replace(recipe, init_from=str(first.model.parent)), None
    clock = clock or stopwatch()
    with folder.locked():
        new_run(folder.path)  # another training may have ended in between
        return train_locked(recipe, folder, reporter, clock)


def train_locked(recipe: Recipe, folder: RunFolder, reporter: Reporter, clock: Clock) -> Trained:
    """Train a model into a new folder that is locked already."""
    message = folder.logged(reporter.message)
    findings = _look(recipe, reporter.progress)
    training = build(resolve(recipe, findings, message), findings, message)
    network = training.initial_network(message)
    overfit_check(training, network, clock, message)
    training, deadline = plan(training, network, clock, recipe.validations, message)
    return _concluded(training, _trained(training, folder, deadline, message), folder, deadline, message)


def resume(run: Path | str, reporter: Reporter | None = None) -> Trained:
    """Continue a run from its last checkpoint; `repix.training.resume` says more."""
    reporter, folder = reporter or Reporter(), RunFolder(Path(run))
    recipe = with_processes(folder.read_recipe()[0])  # a folder without a run is refused before it is locked
    if _follows(recipe):
        _follow(recipe, folder)
    of_swap = folder.initial.exists() and not folder.finished
    with folder.locked():
        trained = resume_locked(folder, reporter)
    if of_swap and trained.complete:
        reporter.message(f"`repix swap` began {folder.path}; repeat its command to write the report, swap.json.")
    return trained


def resume_locked(folder: RunFolder, reporter: Reporter) -> Trained:
    """Continue a run in a folder that is locked already."""
    recipe, record = folder.read_recipe()
    message = folder.logged(reporter.message)
    findings = _look(recipe, reporter.progress)
    training = build(resolve(recipe, findings), findings)
    training.require_same(record)
    if folder.finished:
        exported = export_again(training, folder, record, message)
    else:
        exported = _trained(training, folder, NO_DEADLINE, message)
    return _concluded(training, exported, folder, NO_DEADLINE, message)


def _follows(recipe: Recipe) -> bool:
    """Return whether this is one of several processes, but not the first."""
    if recipe.devices == recipe.nodes == 1:
        return False
    devices, nodes = recipe.devices or 1, recipe.nodes or 1
    return choose_device(recipe.device, recipe.precision, devices).fabric(devices, nodes, Split()).global_rank > 0


def _follow(recipe: Recipe, folder: RunFolder) -> NoReturn:
    """Compute this process's part of every batch, and end the process; the first one does everything else."""
    if not folder.finished:
        findings = _look(recipe, None)
        Loop(build(resolve(recipe, findings), findings), folder, silent).run()
    raise SystemExit(0)


def _train_first(recipe: Recipe, output: Path, reporter: Reporter) -> Trained:
    """Return the run that a recipe starts from: trained now, continued, or finished before."""
    run = RunFolder(output.with_name(f"{output.name}-first"))
    if run.recipe.exists():
        differs = recipe.differs(run.read_recipe()[0])
        if differs is not None:
            raise WrongUse(
                f"{run.path} was trained by another recipe than the one to start from ({differs} differs); move it "
                "away, or name another folder for the run."
            )
        reporter.message(f"{run.path} is the run that this one starts from.")
        return resume(run.path, reporter)
    reporter.message(f"{run.path} is trained first.")
    return train(recipe, run.path, reporter)


def _look(recipe: Recipe, progress: Progress | None) -> Findings:
    """Return the findings of `repix check` in the folder."""
    return check(recipe.folder, recipe.task, recipe.holdout, recipe.ignore_index, progress, recipe.of_volumes)


def _trained(training: Training, folder: RunFolder, deadline: Deadline | NoDeadline, message: Message) -> ExportedRun:
    """Train to the end, the deadline or a stop request, and export the best weights."""
    loop = Loop(training, folder, message, deadline)
    state = loop.run()
    if loop.terminated and not loop.ended:
        message(f"Terminated after {state.step} of {state.schedule.steps} steps; {_continuing(folder)}")
        raise SystemExit(TERMINATED)
    return export_trained(training, state, folder, loop.ended, message)


def _concluded(
    training: Training, exported: ExportedRun, folder: RunFolder, deadline: Deadline | NoDeadline, message: Message
) -> Trained:
    """Compare the model with its baselines, audit it if its recipe says so, and return the result."""
    contract, comparison = compare(training, exported, folder, deadline, message)
    conclusion = training.checkerboards.conclusion(exported.model)
    if conclusion is not None:
        message(conclusion)
    if not exported.complete:
        trained = contract.trained
        message(f"Stopped after {trained['steps']} of {trained['of']} steps; {_continuing(folder)}")
    return Trained(exported.model, contract, comparison, exported.complete)


def _continuing(folder: RunFolder) -> str:
    """Return how to continue a run, as the end of a sentence."""
    return "repeat `repix swap` to continue." if folder.initial.exists() else "add --resume to continue."
