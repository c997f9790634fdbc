"""Grids of an experiment: members with any settings, trained one after the other in this process."""

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from benchmarks.lectures.experiment import Found, Row
from repix.arithmetic.step_text import plural
from repix.comparison import Grid, GridResults, Member, Plan, compare, planned
from repix.comparison.answer import answer, with_spread
from repix.comparison.holdout_scores import HeldOut, one_size
from repix.comparison.page import crops_section
from repix.comparison.plan import Planned
from repix.comparison.results import Row as Measured
from repix.comparison.run_alone import run_alone
from repix.comparison.runner import Job
from repix.conversion import convert, open_model
from repix.errors import WrongUse
from repix.pictures import Picture
from repix.printable import short
from repix.report import Figure, Number, Section
from repix.report.plots import Axes, Values, spreads
from repix.training import Recipe, Reporter, resolve

STOPPED = 130
"""The exit code of a run that was stopped with a checkpoint."""
TIMED_SIDE, ROUNDS = 256, 3
"""Height and width of the picture that a model is timed on, and how often."""


class InThisProcess:
    """A run that is trained at once, in this process; torch is loaded once for all runs."""

    def __init__(self, job: Job) -> None:
        self._said = io.StringIO()
        with contextlib.redirect_stderr(self._said):
            self._code = run_alone(job.recipe, job.run.path)
        if self._code == STOPPED:
            raise KeyboardInterrupt

    def poll(self) -> int:
        """Return the exit code."""
        return self._code

    def reason(self) -> str:
        """Return why it failed."""
        return self._said.getvalue().strip()

    def stop(self) -> None:
        """Do nothing: it has ended."""


def member(
    name: str,
    base: Recipe,
    network: str | None = None,
    upsampler: str | None = None,
    task_settings: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Member:
    """Return a member of a grid: `base` with a network, an upsampler, and settings of the task and of the network.

    >>> member("5×5", Recipe("segment", "pets", steps=9), network="wide-kernel", kernels=(5,)).folder
    'variant-5-5'
    """
    recipe = replace(
        base,
        network=network or base.network,
        upsampler=upsampler or base.upsampler,
        settings={**base.settings, **(task_settings or {})},
        network_settings={**base.network_settings, **settings},
    )
    return Member(name, {"variant": name}, recipe)


def plan_of(members: Sequence[Member], seeds: int, others: Sequence[str] = ()) -> Plan:
    """Return the plan of these members; one that does not fit is left out, with the reason."""
    first = members[0].recipe
    grid = Grid(replace(first, network_settings={}), networks=[str(first.network)], seeds=seeds)
    plan = planned(grid, others, parallel=1)
    fitting, left_out = [], dict[str, str]()
    for one in members:
        try:
            fitting.append(Planned(one, resolve(one.recipe, plan.findings)))
        except WrongUse as problem:
            left_out[one.name] = str(problem)
    configs = [one.config for one in fitting]
    held_out = HeldOut(configs[0], plan.findings, one_size(configs))
    return replace(plan, members=fitting, left_out=left_out, held_out=held_out)


def compared(title: str, plan: Plan, output: Path, text: str = "") -> Found:
    """Train and measure a grid; return its rows, and sections with a table, a plot and pictures."""
    return found(title, trained_grid(title, plan, output), plan, output, text)


def trained_grid(title: str, plan: Plan, output: Path) -> GridResults:
    """Train and measure a grid; finished runs are kept."""
    reporter = Reporter(lambda said: print(f"{title}: {said}", flush=True))
    return compare(plan, output, reporter, start=InThisProcess)


def found(title: str, results: GridResults, plan: Plan, output: Path, text: str = "") -> Found:
    """Return the rows of a measured grid, and sections with a table, a plot and pictures."""
    times = {row.name: cpu_ms(output / row.finished[0].folder / "model.onnx") for row in results.ranked}
    rows = [_row(title, results, row, times.get(row.name)) for row in (*results.members, *results.others)]
    order = [row.name for row in (*results.ranked, *results.others)]
    pictures = crops_section(plan.held_out, order, "; of the first seed")
    sections = [
        _table(title, results, times, text),
        _plot(title, results),
        replace(pictures, title=f"{title}: pictures"),
    ]
    return Found(rows, sections, [f"{title}: {said}" for said in answer(results)[:2]])


def cpu_ms(model: Path) -> float:
    """Return the processor time of a model in milliseconds per megapixel of the result, summed over the cores.

    Unlike wall time, it hardly depends on what else the machine does.
    """
    engine = open_model(model)
    side = engine.contract.size or TIMED_SIDE
    channels = 3 if engine.contract.channels[0] == 3 else 1
    noise = np.random.default_rng(0).integers(0, 256, (side, side, channels)).astype(np.uint8)
    picture = Picture(noise)
    convert(picture, engine)
    times = []
    for _ in range(ROUNDS):
        begun = process_time()
        made = convert(picture, engine)
        times.append(1e9 * (process_time() - begun) / (made.size[0] * made.size[1]))
    return median(times)


def _row(part: str, results: GridResults, row: Measured, cpu: float | None) -> Row:
    label, runs = results.protocol.label, row.finished
    spread = row.spread(label)
    labels = dict.fromkeys(name for run in runs for name in run.totals)
    network = row.network
    return {
        "part": part,
        "name": row.name,
        "trained": bool(row.choices),
        "metric": label,
        "unit": results.protocol.metric.unit,
        "quality": _rounded(row.mean(label)),
        "spread": None if spread is None else _rounded(spread),
        "values": [_rounded(value) for value in row.values(label)],
        "metrics": {name: _rounded(row.mean(name)) for name in labels},
        "checkerboard_db": _rounded(row.artifact),
        "cpu_ms_per_megapixel": None if cpu is None else round(cpu, 1),
        "parameters": None if network is None else network.parameters,
        "macs_per_pixel": None if network is None else network.macs,
        "halo": None if network is None else network.halo,
        "seeds": len(runs),
        "steps": max((run.steps for run in runs), default=0),
        "seconds": round(sum(run.seconds for run in runs) / max(1, len(runs)), 1),
        "training": {} if network is None else dict(network.training),
        "pictures": results.protocol.pictures,
        "failures": [run.failure for run in row.runs if run.failure],
    }


def _rounded(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None


def _table(title: str, results: GridResults, times: Mapping[str, float], text: str) -> Section:
    protocol = results.protocol
    seeds, steps = plural(results.seeds, "seed"), results.base.steps
    said = (
        f"{text} {protocol.label} ({protocol.metric.better} is better) on {protocol.pictures} held-out pictures, mean "
        f"± standard deviation over {seeds}. Every run has {steps} steps; seconds: of training. "
        "Checkerboard: by `repix audit`, above 10 dB is visible. CPU ms: processor time per megapixel of the result."
    ).strip()
    header = ["variant", "quality", "seconds", "checkerboard (dB)", "CPU ms per megapixel", "parameters", "halo"]
    ranked = results.ranked
    lines = [
        [
            row.name,
            Number(with_spread(results, row), row.mean(protocol.label)),
            _number(float(np.mean([run.seconds for run in row.finished])) if row.choices else np.nan, "{:.0f}"),
            _number(row.artifact, "{:.1f}"),
            _number(times.get(row.name, np.nan), "{:,.0f}"),
            _size(row),
            _halo(row),
        ]
        for row in (*ranked, *results.others)
    ]
    lines += [[name, reason, "", "", "", "", ""] for name, reason in results.left_out.items()]
    lines += [[name, f"failed: {reason}", "", "", "", "", ""] for name, _, reason in results.failures]
    return Section(title, said, header=header, rows=lines)


def _size(row: Measured) -> Number:
    if row.network is None:
        return Number("–", np.nan)
    return Number(short(row.network.parameters), row.network.parameters)


def _halo(row: Measured) -> Number:
    if row.network is None:
        return Number("–", np.nan)
    return Number("all", np.inf) if row.network.halo is None else Number(str(row.network.halo), row.network.halo)


def _number(value: float, pattern: str) -> Number:
    return Number(pattern.format(value) if np.isfinite(value) else "–", value)


def _plot(title: str, results: GridResults) -> Section:
    protocol = results.protocol
    label = protocol.label
    up = f"{label} ({protocol.metric.unit})" if protocol.metric.unit else label
    values = [Values(row.name, row.values(label), quiet=not row.choices) for row in (*results.ranked, *results.others)]
    drawn = spreads(Axes("Each seed is a point, a bar is the mean", up, ""), [one for one in values if one.values])
    return Section(f"{title}: every seed", items=[Figure(title, drawn)])
