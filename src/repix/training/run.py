"""A training run: look at the folder, decide, build, check, train, export, compare."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from repix.arithmetic.step_text import plural
from repix.conversion import Contract, Provenance
from repix.conversion.card import contract_rows
from repix.data import check
from repix.data.check import Progress
from repix.data.findings import Findings
from repix.errors import WrongUse
from repix.printable import printable
from repix.report import table
from repix.training.build import Training, build
from repix.training.calibration import calibrate
from repix.training.comparison import Comparison, compare, to_compare
from repix.training.config import resolve
from repix.training.deadline import OVERFITTING, Clock, Deadline, stopwatch
from repix.training.device import keep_freed_memory
from repix.training.loop import Loop
from repix.training.overfit_check import SECONDS, overfit_check
from repix.training.recipe import Recipe, chained
from repix.training.run_export import add_fast, add_metrics, export_weights
from repix.training.run_folder import RunFolder, further, new_run
from repix.training.state import TrainingState

TERMINATED = 143
"""The exit code of a process that was ended by SIGTERM."""


@dataclass(frozen=True)
class Trained:
    """What a training gives."""

    model: Path
    """The model's file, with its contract inside."""
    contract: Contract
    comparison: Comparison | None
    """With doing nothing and the best classical filter; None where no picture was held out."""
    complete: bool
    """False where it was stopped before its last step; it can be resumed."""

    def _repr_html_(self) -> str:
        """Return the model's card as notebooks show it."""
        stopped = "" if self.complete else ", stopped before its end"
        rows = contract_rows(self.contract, self.model.stat().st_size)
        return table((), rows, caption=f"{self.model}{stopped}")


def _print(text: str) -> None:
    print(printable(text), flush=True)


@dataclass(frozen=True)
class Reporter:
    """Where a training's messages go, and its progress while files are looked at."""

    message: Callable[[str], None] = _print
    progress: Progress | None = None

    def logged(self, folder: RunFolder) -> "Reporter":
        """Return the same, which also writes every message into the run's log."""

        def both(text: str) -> None:
            self.message(text)
            folder.note(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}")

        return replace(self, message=both)


def train(recipe: Recipe, output: Path | str, reporter: Reporter | None = None, clock: Clock | None = None) -> Trained:
    """Train a model into a new folder; `repix.training.train` says more."""
    reporter, folder = reporter or Reporter(), new_run(Path(output))
    chain = chained(recipe)
    if chain:
        first = _train_first(chain[0], folder.path.resolve(), reporter)
        if not first.complete:
            return first
        recipe, clock = replace(recipe, init_from=str(first.model.parent)), None
    keep_freed_memory()
    with folder.locked():
        new_run(folder.path)  # another training may have ended in between
        reporter = reporter.logged(folder)
        training, deadline = _prepare(recipe.seen_from(Path.cwd()), folder, reporter, clock or stopwatch())
        return _finish(training, folder, reporter, deadline)


def resume(run: Path | str, reporter: Reporter | None = None) -> Trained:
    """Go on with a run from its last checkpoint, exactly as if it had never been stopped."""
    reporter, folder = reporter or Reporter(), RunFolder(Path(run))
    folder.read_recipe()  # refuses what is no run before the folder is touched
    keep_freed_memory()
    with folder.locked():
        reporter = reporter.logged(folder)
        return _finish(_prepare_again(folder, reporter), folder, reporter, None)


def _train_first(recipe: Recipe, output: Path, reporter: Reporter) -> Trained:
    """The run that a recipe starts from: trained, resumed, or there already."""
    run = RunFolder(output.with_name(f"{output.name}-first"))
    if run.recipe.exists():
        made = run.read_recipe()[0]
        differs = recipe.seen_from(Path.cwd()).differs(made)
        if differs is not None:
            raise WrongUse(
                f"{run.path} was trained by another recipe than the one to start from ({differs} differs); take it "
                "away, or name another folder for the run."
            )
        reporter.message(f"{run.path} is what this run starts from.")
        return resume(run.path, reporter)
    reporter.message(f"{run.path} comes first.")
    return train(recipe, run.path, reporter)


def _look(recipe: Recipe, progress: Progress | None) -> Findings:
    """The folder, looked at as `repix check` does."""
    more = {} if progress is None else {"progress": progress}
    return check(recipe.folder, recipe.task, recipe.holdout, recipe.ignore_index, **more)


def _prepare(recipe: Recipe, folder: RunFolder, reporter: Reporter, clock: Clock) -> tuple[Training, Deadline | None]:
    """Everything before the first step; at its end the folder holds what repeats the run."""
    findings = _look(recipe, reporter.progress)
    for finding in findings.findings:
        reporter.message(f"{finding.severity}: {finding.message} {finding.advice}")
    config = resolve(recipe, findings)
    training = build(config, findings)
    _describe(training, reporter.message)
    network = training.initial_network(reporter.message)
    limit = min(SECONDS, OVERFITTING * 60 * config.minutes)
    reporter.message(str(overfit_check(training, network, clock, limit)))
    deadline = None
    if config.has_deadline:
        seconds = 60 * config.minutes
        deadline = Deadline(seconds, clock, calibrate(training, network, clock, seconds))
        steps, validations = deadline.plan()
        training = training.planned(steps, recipe.validations or validations)
        _describe_plan(training, deadline, config.minutes, reporter.message)
    folder.write_recipe(training.config.as_recipe(), training.record)
    folder.write(folder.split, json.dumps(findings.split.to_json(), indent=1).encode())
    return training, deadline


def _prepare_again(folder: RunFolder, reporter: Reporter) -> Training:
    """The run's own config, on the same pictures."""
    recipe, record = folder.read_recipe()
    findings = _look(recipe, reporter.progress)
    training = build(resolve(recipe, findings), findings)
    known = {name: record.get(name) for name in training.record if name in record or name == "data"}
    if any(training.record[name] != value for name, value in known.items()):
        raise WrongUse(
            f"The pictures in {recipe.folder} are not those that this run was trained on, or another repix prepares "
            "them otherwise; put them back, or train anew."
        )
    return training


def _finish(training: Training, folder: RunFolder, reporter: Reporter, deadline: Deadline | None) -> Trained:
    """All steps from where the run stands, then the model and how good it is."""
    message, config, complete = reporter.message, training.config, True
    if folder.finished:
        message(f"This run is complete; {further(folder.path)}")
        about = Provenance(training.cache.key, folder.read_recipe()[1].get("trained", {}))
    else:
        loop = Loop(training, folder, message, deadline)
        state = loop.run()
        complete = loop.ended
        config = config.planned(state.step if complete else state.schedule.steps, config.validations)
        if loop.terminated and not complete:
            message(f"Terminated after {state.step} of {config.steps} steps; add --resume to go on.")
            raise SystemExit(TERMINATED)
        about = _about(training, state)
        if not state.history.best_step:  # stopped before the first validation
            folder.write_weights(state.ema.module.state_dict())
    recipe = config.as_recipe()
    contract = export_weights(recipe, folder, about, folder.model)
    message(f"{folder.model}: torch and the engines differ by at most {contract.export_error:.1e}")
    examples, baselines = to_compare(training, deadline, message)
    add_fast(folder.model, examples)
    comparison = None
    if complete:
        comparison = compare(examples, baselines, folder.model, message, training.holdout.independent)
    metrics = () if comparison is None else comparison.metrics()
    contract = add_metrics(folder.model, metrics)
    folder.write_recipe(recipe, training.record | {"trained": dict(about.trained), "metrics": list(metrics)})
    if complete:
        folder.resume.unlink(missing_ok=True)
    else:
        message(f"Stopped after {about.trained['steps']} of {config.steps} steps; add --resume to go on.")
    return Trained(folder.model, contract, comparison, complete)


def _about(training: Training, state: TrainingState) -> Provenance:
    """What the contract tells of the training."""
    config = training.config
    trained = {
        "steps": state.step,
        "of": state.schedule.steps,
        "best": state.history.best_step or state.step,
        "seconds": round(state.history.seconds),
        "seed": config.seed,
        "device": config.device,
        "precision": config.precision,
        "examples": len(training.findings.split.train),
        "when": datetime.now(UTC).date().isoformat(),
    }
    return Provenance(training.cache.key, trained)


def _describe(training: Training, message: Callable[[str], None]) -> None:
    findings, config = training.findings, training.config
    examples = ", ".join(f"{len(items)} {name}" for name, items in findings.split.parts.items() if items)
    message(f"{findings.layout}: {examples} ({findings.split.rule})")
    counts = training.network.cost(training.network_config)
    message(
        f"{config.network}, {counts.parameters:,} parameters, {counts.macs:,} multiply-adds for each pixel; "
        f"{config.device}, {config.precision}"
    )


def _describe_plan(training: Training, deadline: Deadline, minutes: float, message: Callable[[str], None]) -> None:
    config, given = training.config, f"{minutes:g} {'minute' if minutes == 1 else 'minutes'}"
    message(
        f"{given}, of which {deadline.clock():.0f} s are over: "
        f"{plural(config.steps, 'step')} of {deadline.step * 1000:.0f} ms, "
        f"{plural(config.validations, 'validation')} of {deadline.longest:.1f} s, "
        f"and {deadline.tail - deadline.longest:.0f} s to export and compare"
    )
    if deadline.over:
        message(
            f"note: {given} is too short a time on this machine: even one step, with all that follows it, would end "
            f"after {deadline.least:.0f} s. One step is made, which is too little to learn from; give more minutes."
        )
