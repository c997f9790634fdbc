"""A comparison: train the runs of a plan, measure them on the same pictures, write the results and their page."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from repix.comparison.answer import answer
from repix.comparison.grid_folder import GridFolder
from repix.comparison.holdout_scores import HeldOut, Progress, Scores, artifact_score, read_curve
from repix.comparison.page import grid_page
from repix.comparison.plan import Plan, Planned
from repix.comparison.results import GridResults, Network, Protocol, Row, Run
from repix.comparison.runner import Job, Room, Runner, Start, TrainingProcess
from repix.comparison.speeds import key_of, opened, recorded_speeds
from repix.conversion import Contract
from repix.errors import RepixError
from repix.evaluation.evaluator import planned as empty_measurement
from repix.evaluation.speed import Speeds
from repix.printable import json_text
from repix.report import page_bytes
from repix.tasks import Baseline
from repix.training import Reporter


def compare(
    plan: Plan,
    output: Path | str,
    reporter: Reporter,
    progress: Progress | None = None,
    start: Start | None = None,
    room: Room | None = None,
) -> GridResults:
    """Train the runs of a plan, measure them on the same held-out pictures, and write the results.

    A finished run is kept, an interrupted one is continued. A failed run does not stop the others.

    Args:
        plan: the plan, by `planned`.
        output: the folder of the grid.
        reporter: where messages go.
        progress: gets the name of a measured model, the number of measured pictures, and their total.
        start: starts a run; by default, in a process of its own.
        room: returns how many runs there is room for now; by default, as many as planned.

    Returns:
        The results, as in results.json.

    Raises:
        WrongUse: the folder is that of another grid.
        RepixError: all runs failed.
    """
    folder, grid = GridFolder(Path(output)), plan.grid
    members = [one.member for one in plan.members]
    folder.require_same(grid.base, members, grid.seeds)
    with folder.locked():
        folder.begin(grid.base, members, grid.seeds)
        jobs = folder.jobs(members, grid.seeds)
        start = start or partial(TrainingProcess, threads=plan.threads)
        runner = Runner(start, plan.parallel, reporter.message, room)
        left = [job for job in jobs if not job.run.finished]
        if len(left) < len(jobs):
            reporter.message(f"{len(jobs) - len(left)} of {len(jobs)} runs are finished already.")
        runner.run(left)
        if len(runner.failures) == len(jobs):
            raise RepixError(f"All {len(jobs)} runs failed; the first: {runner.failures[jobs[0].run.path]}")
        results = _measured(plan, folder, jobs, runner, progress or _silent)
        said = answer(results)
        folder.write(folder.results, json_text(results.as_json(said)).encode())
        folder.write(folder.table, _csv(results).encode(errors="surrogateescape"))
        folder.write(folder.page, page_bytes(grid_page(results, said, plan.held_out)))
    return results


def _silent(_name: str, _done: int, _total: int) -> None:
    """Show nothing."""


def _measured(plan: Plan, folder: GridFolder, jobs: Sequence[Job], runner: Runner, progress: Progress) -> GridResults:
    """Measure all finished runs, and the models and filters that exist already; the speed of all comes last."""
    held_out = plan.held_out
    others = [_other(held_out, one, contract, progress) for one, contract in plan.others]
    members = [_row(one, jobs, runner, held_out, progress) for one in plan.members]
    members, others, speeds = _timed(plan, folder, members, others, progress)
    metric = held_out.task.metrics[0]
    first = empty_measurement(metric)
    protocol = Protocol(first.metric, first.label, len(held_out.examples), held_out.independent)
    settings = held_out.task.settings.to_dict()
    return GridResults(
        plan.grid.base, plan.grid.seeds, protocol, members, others, plan.left_out, plan.machine, settings, speeds
    )


def _timed(
    plan: Plan, folder: GridFolder, members: Sequence[Row], others: Sequence[Row], progress: Progress
) -> tuple[list[Row], list[Row], Speeds | None]:
    """Return the rows with their speed, measured in turns: the first finished run stands for all seeds of a member."""
    models = {row.name: folder.path / row.finished[0].folder / "model.onnx" for row in members if row.finished}
    keys = {name: key_of(name, model) for name, model in models.items()}
    other_keys = {row.name: key_of(row.name, Path(row.name)) for row in others if row.finished}
    existing = {one.name: one for one, _ in plan.others}
    converters = {keys[name]: partial(opened, name, model) for name, model in models.items()}
    converters |= {key: partial(_itself, existing[name]) for name, key in other_keys.items()}
    speeds = recorded_speeds(folder.speeds, converters, plan.held_out.timed_source(), progress)
    if speeds is None:
        return list(members), list(others), None
    timed = [replace(row, speed=speeds.of(keys.get(row.name, ""))) for row in members]
    return timed, [replace(row, speed=speeds.of(other_keys.get(row.name, ""))) for row in others], speeds


def _itself(one: Baseline) -> Baseline:
    return one


def _row(one: Planned, jobs: Sequence[Job], runner: Runner, held_out: HeldOut, progress: Progress) -> Row:
    own = [job for job in jobs if job.member == one.member.name]
    runs: list[Run] = []
    for job in own:
        failure = runner.failures.get(job.run.path)
        is_first = not any(run.totals for run in runs)
        scores = (
            held_out.of_run(one.member.name, job.run.model, progress, shown=is_first)
            if failure is None
            else Scores({}, failure)
        )
        runs.append(_run(job, scores))
    return Row(one.member.name, one.member.choices, one.network(), runs)


def _run(job: Job, scores: Scores) -> Run:
    curve: list[dict[str, float]] = []
    try:
        curve = read_curve(job.run.metrics)
    except RepixError as problem:
        scores = Scores({}, str(problem))
    trained = {} if scores.contract is None else scores.contract.trained
    return Run(
        job.seed,
        f"runs/{job.run.path.name}",
        scores.totals,
        int(trained.get("steps", 0)),
        float(trained.get("seconds", 0)),
        curve,
        scores.failure,
        scores.artifact,
    )


def _other(held_out: HeldOut, one: Baseline, contract: Contract | None, progress: Progress) -> Row:
    scores = held_out.of(one, progress)
    network, artifact = None, math.nan
    if contract is not None:
        network = Network(contract.network, contract.parameters, 0, contract.halo, {})
        artifact = artifact_score(one.name)
    return Row(one.name, {}, network, [Run(0, "", scores.totals, failure=scores.failure, artifact=artifact)])


def _csv(results: GridResults) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(results.rows())
    return text.getvalue()
