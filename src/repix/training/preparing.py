"""From a recipe to everything that a training needs: the folder looked at, the pictures stored, the network made."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from repix import members
from repix.conversion import Contract
from repix.data import Cache, Findings, Pairing, check, store
from repix.data.cache import content_key
from repix.data.check import Progress
from repix.data.folders import Item
from repix.errors import Unreadable, WrongUse
from repix.evaluation import Examples
from repix.networks import Network, with_upsampler
from repix.tasks import Task
from repix.tasks.segment import settings_for
from repix.training.defaults import configured, suited
from repix.training.export import promised
from repix.training.feed import Feed
from repix.training.machine import Machine, choose
from repix.training.middles import Middles
from repix.training.optimizing import Optimizing
from repix.training.recipe import Recipe
from repix.training.run_folder import read_weights
from repix.training.schedule import Schedule
from repix.training.time_budget import MOST_VALIDATIONS, VALIDATING

HOLDING = 0.1
"""The share of pictures that may be too small for a patch; they are then left out."""
MOST_COMPARED = 32
"""Whole pictures that the finished model is measured on."""
JUDGED_PIXELS = 1_500_000
"""A judgement while training looks at as many of them as have about so many pixels, so that it takes little time."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is ready to train."""

    recipe: Recipe
    """With every choice made but the number of steps."""
    findings: Findings
    task: Task
    network: Network[Any]
    config: Any
    machine: Machine
    cache: Cache
    compared: Examples
    """Of those that are kept out, the ones that the finished model is measured on."""
    judged: Examples
    """Of those that are kept out, the ones that choose the weights while it learns; they are in memory."""
    held_out: dict[Item, str]
    """What the files of each item that is kept out were, as a hash."""

    @property
    def chose_nothing(self) -> bool:
        """Whether those that measure have no part in choosing the weights."""
        return not set(self.compared.items) & set(self.judged.items)

    @property
    def record(self) -> dict[str, str]:
        """What the run was trained on and measured by, to be recognized when it goes on."""
        held_out = hashlib.blake2b("".join(sorted(self.held_out.values())).encode(), digest_size=16)
        return {"data": self.cache.key, "held_out": held_out.hexdigest()}

    def unchanged(self) -> Examples:
        """Of the pictures to measure on, those whose files are what they were when the training began."""
        root, side = self.compared.root, self.network.fixed(self.config)
        same = [item for item in self.compared.items if _hash(root, item) == self.held_out[item]]
        return _kept_out(self.recipe, self.findings, self.task, side, same, MOST_COMPARED)

    def validations(self, steps: int) -> int:
        """How many times so many steps are interrupted to validate: for a tenth of the work, whatever the clock says.

        A step computes each pixel of its patches about three times, forward, backward and for the weights.
        """
        if self.recipe.validations is not None:
            return self.recipe.validations
        pixels = sum(math.prod(example.source.size) for example in self.judged)
        if not pixels:
            return MOST_VALIDATIONS
        work = 3 * self.batch * self.size**2 * steps
        return min(MOST_VALIDATIONS, max(1, int(VALIDATING * work / pixels)))

    @property
    def size(self) -> int:
        """Rows and columns of the early patches."""
        return self.recipe.size or suited(self.task.name, self.recipe.network).size

    @property
    def batch(self) -> int:
        """Early patches in a step."""
        return self.recipe.batch or suited(self.task.name, self.recipe.network).batch

    @property
    def optimizing(self) -> Optimizing:
        """The optimizer and its highest rate."""
        recipe, suits = self.recipe, suited(self.task.name, self.recipe.network)
        return Optimizing(
            recipe.optimizer or suits.optimizer, recipe.rate or suits.rate, self.machine.precision == "fp32"
        )

    @property
    def contract(self) -> Contract:
        """What the network promises."""
        return promised(self.network, self.config, self.task)

    def schedule(self, steps: int) -> Schedule:
        """A training of so many steps."""
        fixed = self.network.fixed(self.config)
        if fixed:
            return Schedule.of(steps, fixed, self.batch, fixed, fixed)
        return Schedule.of(steps, self.size, self.batch, self.network.step(self.config), largest(self.cache))

    def feed(self, schedule: Schedule) -> Feed:
        """The batches of a schedule."""
        return Feed(self.cache, self.task, schedule, self.recipe.seed, 2 if self.task.upright else 8)

    def module(self) -> nn.Module:
        """The network with its first weights, which depend on the seed, or with those it is to start from."""
        torch.manual_seed(self.recipe.seed)
        module = self.network.module(self.config)
        if self.recipe.start is not None:
            start_from(module, Path(self.recipe.start))
        return module


def look(recipe: Recipe, progress: Progress | None = None) -> Findings:
    """The folder, looked at as `repix check` does."""
    more = {} if progress is None else {"progress": progress}
    return check(recipe.folder, recipe.task, recipe.keep_out, recipe.ignored, **more)


def prepare(recipe: Recipe, findings: Findings) -> Prepared:
    """Make every choice that the recipe leaves open, store the pictures, and look whether all goes together."""
    refuse(findings)
    task = task_for(recipe, findings)
    machine = choose(recipe.device, recipe.precision)
    suits = suited(task.name, recipe.network)
    network: Network[Any] = members.member("networks", recipe.network or suits.network)
    usual = suits.network_settings if network.name == suits.network else {}
    config = configured(network, task, {**usual, **recipe.network_settings})
    if recipe.upsampler is not None:
        config = with_upsampler(network, config, recipe.upsampler)
    reason = network.fits(config)
    if reason is not None:
        raise WrongUse(f"{network.name} cannot learn to {task.name} with these settings: {reason}")
    promised(network, config, task)
    settled = replace(
        recipe,
        network=network.name,
        upsampler=None,
        size=recipe.size or network.fixed(config) or suits.size,
        batch=recipe.batch or suits.batch,
        rate=recipe.rate or suits.rate,
        optimizer=recipe.optimizer or suits.optimizer,
        device=machine.device,
        precision=machine.precision,
        settings=task.settings.to_dict(),
        network_settings=config.to_dict(),
    )
    cache = store(recipe.folder, findings.split.train, findings.encoding, pairing=_pairing(task))
    pixels = findings.largest[0] * findings.largest[1] * task.scale**2
    few = min(MOST_COMPARED, max(4, JUDGED_PIXELS // max(pixels, 1)))
    measuring, choosing = findings.split.halves
    compared, judged = (
        _kept_out(recipe, findings, task, network.fixed(config), items, most)
        for items, most in ((measuring, MOST_COMPARED), (choosing, few))
    )
    held_out = {item: _hash(Path(recipe.folder), item) for item in findings.split.validation}
    return Prepared(settled, findings, task, network, config, machine, cache, compared, judged.loaded(), held_out)


def _hash(root: Path, item: Item) -> str:
    """What the files of an item are; nothing where they cannot be read."""
    try:
        return content_key(root, [item])
    except Unreadable:
        return ""


def _kept_out(
    recipe: Recipe, findings: Findings, task: Task, side: int | None, kept: Sequence[Item], most: int
) -> Examples:
    """At most so many of these examples, from all over; of one size where the network has one."""
    kept = kept[:: -(-len(kept) // most) or 1]
    if side is None:
        return Examples(recipe.folder, kept, task, encoding=findings.encoding)
    return Middles(Path(recipe.folder), kept, task, side, encoding=findings.encoding)


def refuse(findings: Findings) -> None:
    """Refuse a folder in which something must be mended."""
    wrong = [finding for finding in findings.findings if finding.severity == "error"]
    if wrong:
        first, more = wrong[0], len(wrong) - 1
        files = f" ({', '.join(first.files[:3])}{' …' if len(first.files) > 3 else ''})" if first.files else ""
        rest = f" and {more} more {'findings' if more > 1 else 'finding'}" if more else ""
        raise WrongUse(f"{first.message.rstrip('.')}{files}. {first.advice} `repix check` shows this{rest}.")


def task_for(recipe: Recipe, findings: Findings) -> Task:
    """The task with its settings; what masks mean was found by looking."""
    settings = {**suited(recipe.task, recipe.network).settings, **recipe.settings}
    if findings.encoding is not None and "values" not in settings:
        settings = settings_for(findings.encoding) | settings
    task: Task = members.member("tasks", recipe.task)(settings)
    return task


def largest(cache: Cache) -> int:
    """The largest patch that nearly all pictures hold."""
    sides = sorted(min(row[0].shape[:2]) for row in cache.places)
    return sides[int(len(sides) * HOLDING)]


def start_from(module: nn.Module, path: Path) -> None:
    """Give a module the weights that were learnt before, where names and shapes are the same."""
    given, own = read_weights(path), module.state_dict()
    fitting = {name: one for name, one in given.items() if name in own and one.shape == own[name].shape}
    share = sum(one.numel() for one in fitting.values()) / max(1, sum(one.numel() for one in own.values()))
    if share < 0.5:
        raise WrongUse(
            f"{path} fits only {share:.0%} of this network's weights; start from a run with the same network and "
            "settings (its run.toml says them), or leave --start out."
        )
    module.load_state_dict(own | fitting)


def _pairing(task: Task) -> Pairing | None:
    """Pairs that are made once and kept, where nothing about them is random."""
    if task.random or task.make_pair is None:
        return None
    make = task.make_pair
    key = json.dumps([task.name, task.settings.to_dict()])
    return Pairing(key, lambda picture: make(picture, np.random.default_rng(0)))
