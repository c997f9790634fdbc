"""The story of a training: look, prepare, rehearse, learn, export, compare."""

import json
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lightning.fabric.utilities.warnings import PossibleUserWarning
from lightning.pytorch import Trainer

from repix.arithmetic.wording import count
from repix.conversion import About, Contract
from repix.conversion.card import lines
from repix.data.check import Progress
from repix.errors import WrongUse
from repix.printable import printable
from repix.report import table
from repix.training.bar import Bar
from repix.training.comparison import Comparison, compare, to_compare
from repix.training.costs import costs
from repix.training.exporting import add_fast, add_metrics, export_weights
from repix.training.feed import loader
from repix.training.judge import Court, Judge
from repix.training.keeper import Keeper, ending_at_once, saved_schedule, steps_done
from repix.training.learner import Learner
from repix.training.machine import keep_freed_memory
from repix.training.preparing import Prepared, look, prepare
from repix.training.recipe import MINUTES, Recipe, chained
from repix.training.rehearsal import SECONDS, rehearse
from repix.training.run_folder import RunFolder, further, new_run
from repix.training.time_budget import REHEARSING, Clock, TimeBudget, stopwatch


@dataclass(frozen=True)
class Trained:
    """What came of a training."""

    model: Path
    """The model's file, with its contract inside."""
    contract: Contract
    comparison: Comparison | None
    """Against doing nothing and what people did before networks; None where nothing was kept out."""
    complete: bool
    """False where it was ended before its last step; it can be resumed."""

    def _repr_html_(self) -> str:
        """The model's card as notebooks show it."""
        ended = "" if self.complete else ", stopped before its end"
        rows = lines(self.contract, self.model.stat().st_size)
        return table((), rows, caption=f"{self.model}{ended}")


def _print(text: str) -> None:
    print(printable(text), flush=True)


@dataclass(frozen=True)
class Telling:
    """How a training talks: sentences, and a bar while files are looked at."""

    say: Callable[[str], None] = _print
    progress: Progress | None = field(default=None)


def train(recipe: Recipe, output: Path | str, telling: Telling | None = None, clock: Clock | None = None) -> Trained:
    """Train a model into a new folder; `repix.training.train` says what it promises."""
    telling, folder = telling or Telling(), new_run(Path(output))
    chain = chained(recipe)
    if chain:
        first = _first(chain[0], folder.path.resolve(), telling)
        if not first.complete:
            return first
        recipe, clock = replace(recipe, start=str(first.model.parent)), None
    keep_freed_memory()
    with folder.locked():
        new_run(folder.path)  # another training may have ended in between
        say = _logged(telling.say, folder)
        return _learn(*_begin(recipe, folder, Telling(say, telling.progress), clock or stopwatch()), folder, say)


def resume(run: Path | str, telling: Telling | None = None) -> Trained:
    """Go on with a run from its last saved state, as if it had never been stopped."""
    telling, folder = telling or Telling(), RunFolder(Path(run))
    folder.read_recipe()  # refuses what is no run before the folder is touched
    keep_freed_memory()
    with folder.locked():
        say = _logged(telling.say, folder)
        return _learn(_prepare_again(folder, telling), None, folder, say)


def _first(recipe: Recipe, output: Path, telling: Telling) -> Trained:
    """The run that comes first, by this recipe: trained, gone on with, or there already."""
    run = RunFolder(output.with_name(f"{output.name}-first"))
    if run.recipe.exists():
        made = run.read_recipe()[0]
        differs = recipe.seen_from(Path.cwd()).differs(made)
        if differs is not None:
            raise WrongUse(
                f"{run.path} was trained by another recipe than the one to start from ({differs} differs); take it "
                "away, or name another folder for the run."
            )
        telling.say(f"{run.path} is what this run starts from.")
        return resume(run.path, telling)
    telling.say(f"{run.path} comes first.")
    return train(recipe, run.path, telling)


def _begin(recipe: Recipe, folder: RunFolder, telling: Telling, clock: Clock) -> tuple[Prepared, TimeBudget | None]:
    """Everything before the first step; the recipe that repeats the run is written at its end."""
    say, minutes = telling.say, MINUTES if recipe.minutes is None else recipe.minutes
    recipe = recipe.seen_from(Path.cwd())
    findings = look(recipe, telling.progress)
    for finding in findings.findings:
        say(f"{finding.severity}: {finding.message} {finding.advice}")
    prepared = prepare(recipe, findings)
    settled, parts = prepared.recipe, findings.split.parts
    examples = ", ".join(f"{len(items)} {name}" for name, items in parts.items() if items)
    say(f"{findings.layout}: {examples} ({findings.split.rule})")
    counts = prepared.network.cost(prepared.config)
    say(
        f"{settled.network}, {counts.parameters:,} parameters, {counts.macs:,} multiply-adds for each pixel; "
        f"{settled.device}, {settled.precision}"
    )
    short = prepared.feed(prepared.schedule(1000))
    module = prepared.module()
    limit = min(SECONDS, REHEARSING * 60 * minutes) if settled.steps is None else SECONDS
    say(str(rehearse(module, short, prepared.optimizing, prepared.machine, clock, limit)))
    budget = None
    if settled.steps is None:
        budget = TimeBudget(minutes * 60, clock, costs(prepared, module, clock, minutes * 60))
        settled = _budgeted(settled, budget, say)
    settled = replace(settled, validations=prepared.validations(settled.steps or 1))
    prepared = replace(prepared, recipe=settled)
    folder.write_recipe(settled, prepared.record)
    folder.write(folder.split, json.dumps(findings.split.to_json(), indent=1).encode())
    return prepared, budget


def _budgeted(recipe: Recipe, budget: TimeBudget, say: Callable[[str], None]) -> Recipe:
    """The recipe with as many steps and validations as fit; says how many, and whether there is time for any."""
    steps, validations = budget.plan()
    validations = recipe.validations or validations
    minutes = budget.seconds / 60
    given = f"{minutes:g} {'minute' if minutes == 1 else 'minutes'}"
    say(
        f"{given}, of which {budget.clock():.0f} s are over: {count(steps, 'step')} of {budget.step * 1000:.0f} ms, "
        f"{count(validations, 'validation')} of {budget.longest:.1f} s, "
        f"and {budget.tail - budget.longest:.0f} s to export and compare"
    )
    if budget.over:
        say(
            f"note: {given} is too short a time on this machine: even one step, with all that follows it, would end "
            f"after {budget.least:.0f} s. One step is made, which is too little to learn from; give more minutes."
        )
    return replace(recipe, steps=steps, minutes=None, validations=validations)


def _prepare_again(folder: RunFolder, telling: Telling) -> Prepared:
    """The run's own recipe, on the same pictures."""
    settled, record = folder.read_recipe()
    prepared = prepare(settled, look(settled, telling.progress))
    known = {name: record.get(name) for name in prepared.record if name in record or name == "data"}
    if any(prepared.record[name] != value for name, value in known.items()):
        raise WrongUse(
            f"The pictures in {settled.folder} are not those that this run was trained on, or another repix prepares "
            "them otherwise; put them back, or train anew."
        )
    return prepared


def _learn(prepared: Prepared, budget: TimeBudget | None, folder: RunFolder, say: Callable[[str], None]) -> Trained:
    """All steps from where it stands, then the model and how good it is."""
    recipe, complete = prepared.recipe, True
    if folder.finished:
        say(f"This run is complete; {further(folder.path)}")
        about = About(prepared.cache.key, folder.read_recipe()[1].get("trained", {}))
    else:
        times = prepared.validations(recipe.steps or 1)
        court = Court(prepared.judged, prepared.contract, prepared.machine, folder, say, times, budget)
        judge, keeper = Judge(court), Keeper(folder)
        learner = _fit_all(prepared, judge, keeper)
        about = _about(prepared, learner, judge)
        if not judge.best_step:  # ended before the first judgement
            folder.write_weights(learner.average.module.state_dict())
        complete = not keeper.wished or learner.ends or learner.global_step >= learner.schedule.steps
        recipe = replace(recipe, steps=learner.global_step if complete else learner.planned.steps)
    contract = export_weights(recipe, folder, about, folder.model)
    say(f"{folder.model}: torch and the engines differ by at most {contract.export_error:.1e}")
    examples, ways = to_compare(prepared, budget, say)
    add_fast(folder.model, examples)
    comparison = compare(examples, ways, folder.model, say, prepared.chose_nothing) if complete else None
    metrics = () if comparison is None else comparison.metrics()
    contract = add_metrics(folder.model, metrics)
    folder.write_recipe(recipe, prepared.record | {"trained": dict(about.trained), "metrics": list(metrics)})
    if complete:
        folder.resume.unlink(missing_ok=True)
    else:
        say(f"Stopped after {about.trained['steps']} of {recipe.steps} steps; add --resume to go on.")
    return Trained(folder.model, contract, comparison, complete)


def _about(prepared: Prepared, learner: Learner, judge: Judge) -> About:
    """What the contract tells of the training."""
    recipe, machine = prepared.recipe, prepared.machine
    trained = {
        "steps": learner.global_step,
        "of": learner.planned.steps,
        "best": judge.best_step or learner.global_step,
        "seconds": round(judge.seconds),
        "seed": recipe.seed,
        "device": machine.device,
        "precision": machine.precision,
        "examples": len(prepared.findings.split.train),
        "when": datetime.now(UTC).date().isoformat(),
    }
    return About(prepared.cache.key, trained)


def _fit_all(prepared: Prepared, judge: Judge, keeper: Keeper) -> Learner:
    """Lightning's loop to the end; where steps are replanned, it goes on from the saved state by the new schedule."""
    while True:
        schedule = saved_schedule(keeper.folder, prepared.schedule(prepared.recipe.steps or 1))
        learner = Learner(prepared.module(), prepared.task, schedule, prepared.optimizing)
        _fit(prepared, learner, [judge, Bar(), keeper], keeper.folder)
        if learner.replanned is None or learner.ends or keeper.wished:
            return learner


def _fit(prepared: Prepared, learner: Learner, callbacks: list[Any], folder: RunFolder) -> None:
    """Lightning's loop, quietly."""
    keeper = next(one for one in callbacks if isinstance(one, Keeper))
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings(), keeper.listening():
        warnings.simplefilter("ignore", PossibleUserWarning)  # about workers that are not needed
        warnings.filterwarnings("ignore", message=".*LeafSpec.*")  # Lightning's own business with torch
        trainer = Trainer(
            accelerator="gpu" if prepared.machine.device == "cuda" else "cpu",
            devices=1,
            precision=prepared.machine.lightning,
            max_steps=learner.schedule.steps,
            max_epochs=-1,
            callbacks=callbacks,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
        )
        first = steps_done(folder, learner)
        batches = loader(prepared.feed(learner.schedule), first or 0, prepared.machine.workers)
        with ending_at_once():
            trainer.fit(learner, batches, ckpt_path=None if first is None else folder.resume, weights_only=True)


def _logged(say: Callable[[str], None], folder: RunFolder) -> Callable[[str], None]:
    """Say it, and write it down with the time."""

    def both(text: str) -> None:
        say(text)
        folder.note(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}")

    return both
