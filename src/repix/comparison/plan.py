"""Plan: the members that fit, their held-out pictures, how runs share the machine, and the time they take."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from repix.arithmetic.step_text import plural
from repix.comparison.grid import Grid, Member
from repix.comparison.grid_folder import GridFolder
from repix.comparison.holdout_scores import HeldOut, one_size
from repix.comparison.results import Network
from repix.conversion import Contract
from repix.data import Findings, check
from repix.errors import WrongUse
from repix.networks import parse_upsampler
from repix.printable import duration
from repix.tasks import Baseline
from repix.training import Reporter, TrainingConfig, resolve
from repix.training.build import build
from repix.training.calibration import seconds_per_step
from repix.training.config import MINUTES, require_usable
from repix.training.deadline import stopwatch

BESIDES = 20.0
"""Seconds of a run besides its steps: start, overfit check, export and comparison."""
TIMED_FOR = 1.0
"""Seconds in which the steps of a member are timed."""


@dataclass(frozen=True)
class Planned:
    """A member with every choice made."""

    member: Member
    config: TrainingConfig

    def network(self) -> Network:
        """Return its network, with its cost."""
        network, settings = self.config.make_network()
        cost = network.cost(settings)
        config = self.config
        training = {name: getattr(config, name) for name in ("optimizer", "lr", "patch_size", "batch_size")}
        return Network(network.name, cost.parameters, cost.macs, network.halo(settings), training)


@dataclass(frozen=True, eq=False)
class Plan:
    """The members to train, and everything that they are measured with."""

    grid: Grid
    members: Sequence[Planned]
    left_out: Mapping[str, str]
    """Combinations that do not fit together, and the reason."""
    held_out: HeldOut
    others: Sequence[tuple[Baseline, Contract | None]]
    """The source without conversion, and models and filters that exist already."""
    findings: Findings
    parallel: int
    """Runs at the same time."""
    threads: int
    """Threads of each run."""
    cluster: bool = False
    """True if the runs are trained on a cluster, as many at a time as there is room for."""

    @property
    def machine(self) -> str:
        """Cores, runs at a time and threads, as text."""
        runs = plural(self.parallel, "run")
        if self.cluster:
            return f"a cluster; {runs} at a time at most, with {plural(self.threads, 'thread')} each"
        return f"{plural(cores_here(), 'core')}; {runs} at a time, with {plural(self.threads, 'thread')} each"

    def states(self, folder: GridFolder) -> dict[str, list[str]]:
        """Return the state of each seed's run for each member: "finished", "to continue" or "to train"."""
        return {
            one.member.name: [_state(folder, one.member, seed) for seed in range(self.grid.seeds)]
            for one in self.members
        }

    def announcement(self, folder: GridFolder) -> list[str]:
        """Return what will be trained, as text: the runs that are left, their budget, and what is left out."""
        states = self.states(folder)
        left = {name: [seed for seed, state in enumerate(row) if state != "finished"] for name, row in states.items()}
        runs = sum(map(len, left.values()))
        if not runs:
            return []
        base = self.grid.base
        each = plural(base.steps or 0, "step") if base.minutes is None else f"{base.minutes:g} min"
        about = "" if base.minutes is None else f", about {duration(self.seconds(folder))} in all"
        return [
            f"{plural(runs, 'run')} of {each}{about} ({self.machine}):",
            *(f"  {name}: seed {', '.join(map(str, seeds))}" for name, seeds in left.items() if seeds),
            *(f"  left out: {name}: {reason}" for name, reason in self.left_out.items()),
        ]

    def seconds(self, folder: GridFolder) -> float:
        """Return about how long the runs that are left take; steps are timed for some seconds, if steps are asked for.

        A run that is to be continued is counted in full.
        """
        states = self.states(folder)
        left = {one.member.name: sum(state != "finished" for state in states[one.member.name]) for one in self.members}
        minutes = self.grid.base.minutes
        if minutes is not None:
            return math.ceil(sum(left.values()) / self.parallel) * minutes * 60
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            each = {one.member.name: self._seconds_of(one) for one in self.members if left[one.member.name]}
        finally:
            torch.set_num_threads(before)
        return sum(left[name] * seconds for name, seconds in each.items()) / self.parallel

    def as_json(self, folder: GridFolder) -> dict[str, Any]:
        """Return a dictionary for JSON: states, members that are left out, time and machine."""
        return {
            "runs": self.states(folder),
            "left_out": dict(self.left_out),
            "seconds": round(self.seconds(folder)),
            "machine": self.machine,
        }

    def summary(self, folder: GridFolder) -> list[str]:
        """Return what is left out, and how many runs are left with their time, as text."""
        left = sum(state != "finished" for row in self.states(folder).values() for state in row)
        about = f"{plural(left, 'run')} to train, about {duration(self.seconds(folder))} ({self.machine})"
        return [*(f"left out: {name}: {reason}" for name, reason in self.left_out.items()), about]

    def _seconds_of(self, one: Planned) -> float:
        training = build(one.config, self.findings)
        step = seconds_per_step(training, training.initial_network(), stopwatch(), TIMED_FOR)
        return BESIDES + step * one.config.steps


def planned(
    grid: Grid,
    others: Sequence[str] = (),
    parallel: int | None = None,
    reporter: Reporter | None = None,
    cluster: bool = False,
) -> Plan:
    """Return the plan of a grid: its folder is checked, and combinations that do not fit are left out.

    Args:
        grid: the choices.
        others: models and filters that exist already, as in `repix evaluate`.
        parallel: runs at the same time; by default one for each core, or one on a GPU.
        reporter: callbacks, for the progress of the folder check.
        cluster: the runs are trained on a cluster, by default all at the same time, with one thread each.

    Raises:
        WrongUse: the folder cannot be trained on, no combination fits, or no picture is held out.
    """
    base = grid.base.seen_from(Path.cwd())
    if base.minutes is None and base.steps is None:
        base = replace(base, minutes=MINUTES)
    grid = replace(grid, base=base)
    for upsampler in grid.upsamplers:
        parse_upsampler(upsampler)
    members = grid.members()
    findings = check(base.folder, base.task, base.holdout, base.ignore_index, reporter.progress if reporter else None)
    require_usable(findings)
    fitting, left_out = _fitting(members, findings)
    held_out = HeldOut(fitting[0].config, findings, one_size([one.config for one in fitting]))
    held_out.require_pictures()
    count = len(fitting) * grid.seeds
    runs = parallel or (count if cluster else _side_by_side(fitting[0].config.device, count))
    return Plan(
        grid,
        fitting,
        left_out,
        held_out,
        _others(held_out, others),
        findings,
        runs,
        1 if cluster else max(1, cores_here() // runs),
        cluster,
    )


def _others(held_out: HeldOut, texts: Sequence[str]) -> list[tuple[Baseline, Contract | None]]:
    """Return the source without conversion, and the models and filters that exist already, each once."""
    found = [(held_out.nothing(), None), *(held_out.other(text) for text in texts)]
    return list({one.name: (one, contract) for one, contract in found}.values())


def cores_here() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _side_by_side(device: str, runs: int) -> int:
    """Return the runs at the same time: one for each core; a GPU is not shared."""
    return 1 if device == "cuda" else min(cores_here(), runs)


def _fitting(members: Sequence[Member], findings: Findings) -> tuple[list[Planned], dict[str, str]]:
    """Return the members that fit, and the reasons of the others; if none fits, the first reason is raised."""
    fitting, left_out = [], dict[str, str]()
    for member in members:
        try:
            fitting.append(Planned(member, resolve(member.recipe, findings)))
        except WrongUse as problem:
            left_out[member.name] = str(problem)
    if not fitting:
        raise WrongUse(next(iter(left_out.values())))
    return fitting, left_out


def _state(folder: GridFolder, member: Member, seed: int) -> str:
    run = folder.run(member, seed)
    return "finished" if run.finished else "to continue" if run.recipe.exists() else "to train"
