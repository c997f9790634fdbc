"""Build: the network, the patches and the held-out examples that a training config describes."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from torch import nn

from repix import registry
from repix.conversion import Contract
from repix.data import Cache, Findings, Pairing, store
from repix.errors import WrongUse
from repix.networks import Network
from repix.tasks import Task
from repix.training.checkerboard_check import CheckerboardCheck
from repix.training.config import RANDOM, TrainingConfig
from repix.training.dataset import PatchDataset, times_larger
from repix.training.export import promised
from repix.training.holdout import Holdout
from repix.training.objectives import Ingredients, Objective
from repix.training.pretrained import CALIBRATED_BATCHES, Pretrained, calibrate_norms, folded_norms
from repix.training.run_folder import Message, silent
from repix.training.schedule import Schedule

SMALL_PICTURES = 0.1
"""The share of pictures that may be too small for a patch; they are then left out."""


@dataclass(frozen=True, eq=False)
class Training:
    """The parts of a training."""

    config: TrainingConfig
    findings: Findings
    task: Task
    network: Network[Any]
    network_config: Any
    cache: Cache
    """The decoded training pictures."""
    holdout: Holdout

    @property
    def contract(self) -> Contract:
        """The contract of the model before it is trained."""
        return promised(self.network, self.network_config, self.task)

    @property
    def checkerboards(self) -> CheckerboardCheck:
        """The audits of this training."""
        return CheckerboardCheck(self.config.audit_above, self.config.audit_stops, self.contract, self.task)

    @property
    def record(self) -> dict[str, str]:
        """Hashes of the training and the held-out pictures; a continued run compares them."""
        return {"data": self.cache.key, "held_out": self.holdout.fingerprint}

    def require_same(self, record: Mapping[str, Any]) -> None:
        """Refuse to continue a run that was trained on other pictures, by the record of its run.toml."""
        known = {name: record.get(name) for name in self.record if name in record or name == "data"}
        if any(self.record[name] != value for name, value in known.items()):
            raise WrongUse(
                f"The pictures in {self.config.folder} are not those that this run was trained on, or another version "
                "of repix prepares them differently; restore the pictures, or train a new run."
            )

    def description(self) -> Sequence[str]:
        """Return what is trained on, and what is trained, a line each."""
        split, config = self.findings.split, self.config
        counts, unit = self.network.cost(self.network_config), "pixel" if self.network.dimensions == 2 else "voxel"
        network = f"{config.network}, {counts.parameters:,} parameters, {counts.macs:,} multiply-adds for each {unit}"
        return [
            f"{self.findings.layout}: {self.findings.examples} ({split.rule})",
            f"{network}; {config.device}, {config.precision}",
        ]

    @cached_property
    def schedule(self) -> Schedule:
        """The number of steps, and the patches and learning rate of each."""
        config, fixed = self.config, self.network.fixed(self.network_config)
        if fixed:
            return Schedule.of(config.steps, fixed, config.batch_size, fixed, fixed)
        step, windows = self.network.step(self.network_config), self.network.windows(self.network_config)
        largest = largest_patch(self.cache, self.task)
        if windows is not None:  # no patch grows beyond the windows that the model will see
            largest = min(largest, max(config.patch_size, windows.size))
        return Schedule.of(config.steps, config.patch_size, config.batch_size, step, largest)

    def require_patches(self) -> None:
        """Refuse steps with fewer patches than processes."""
        if self.config.processes == 1:
            return
        least = min(phase.count for phase in self.schedule.phases)
        if least < self.config.processes:
            raise WrongUse(
                f"A step has only {least} patches for {self.config.processes} processes; train with a larger "
                "--batch-size, or on fewer devices."
            )

    def dataset(self, schedule: Schedule | None = None) -> PatchDataset:
        """Return the data set of a schedule's batches."""
        orientations = 8 if self.task.rotations else 2
        return PatchDataset(
            self.cache,
            self.task,
            schedule or self.schedule,
            self.config.seed,
            orientations,
            self.config.patch_slices,
        )

    def random_network(self) -> nn.Module:
        """Return the network with random weights, which follow from the seed."""
        torch.manual_seed(self.config.seed)
        return self.network.module(self.network_config)

    def initial_network(self, message: Message = silent) -> nn.Module:
        """Return the network with its initial weights; the message says where a pretrained model does not fit."""
        network = self.random_network()
        if self.config.init_from == RANDOM:
            return network
        pretrained = Pretrained(self.config.init_from)
        known = self.task.picture_channels
        replaced = pretrained.load_into(network, known, self.task.channels[0] - known)
        if replaced:
            message(
                f"{pretrained.source} has no fitting weights for {', '.join(replaced[:4])}"
                f"{' …' if len(replaced) > 4 else ''}; random ones are used."
            )
        if pretrained.exported and any(True for _ in folded_norms(network)):
            dataset = self.dataset()
            calibrate_norms(network, [dataset[number][0] for number in range(CALIBRATED_BATCHES)])
        return network

    def objective(self, network: nn.Module, fabric: Fabric) -> Objective:
        """Return the objective that trains the network."""
        make: Callable[[Ingredients], Objective] = registry.get("objectives", self.config.objective)
        config = self.config.make_objective_settings(self.task)
        return make(Ingredients(network, self.task, self.config.optimizer_settings, fabric, config))

    def planned(self, steps: int, validations: int) -> "Training":
        """Return the training with this number of steps and validations, and without a deadline."""
        return replace(self, config=self.config.planned(steps, validations))


def build(config: TrainingConfig, findings: Findings, message: Message = silent) -> Training:
    """Return the training that a config describes, with all pictures decoded; the messages describe it."""
    folder, task = Path(config.folder), config.make_task()
    network, network_config = config.make_network()
    cache = store(folder, findings.split.train, findings.encoding, pairing=pairing(task))
    holdout = Holdout.of(findings, folder, task, network.fixed(network_config))
    training = Training(config, findings, task, network, network_config, cache, holdout)
    training.require_patches()
    for line in training.description():
        message(line)
    return training


def pairing(task: Task) -> Pairing | None:
    """Return how to make pairs once and cache them; None if they are random."""
    if task.random or task.make_pair is None:
        return None
    make = task.make_pair
    key = json.dumps([task.name, task.settings.to_dict()])
    return Pairing(key, lambda picture: make(picture, np.random.default_rng(0)))


def largest_patch(cache: Cache, task: Task) -> int:
    """Return the side of the largest patch of the source that nearly all pictures hold."""
    sides = sorted(min(row[0].shape[-3:-1]) for row in cache.places)
    return sides[int(len(sides) * SMALL_PICTURES)] // times_larger(cache, task)
