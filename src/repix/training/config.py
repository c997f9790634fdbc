"""Training config: a recipe with every choice made. `resolve` is the only place where defaults are chosen."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from repix import registry
from repix.data import Findings
from repix.errors import WrongUse
from repix.networks import Network, with_upsampler
from repix.settings import Settings
from repix.side_inputs import channels_of_kind
from repix.tasks import Task, TaskMaker, TrainingDefaults
from repix.training.deadline import MOST_VALIDATIONS, VALIDATING
from repix.training.device import Device, choose_device
from repix.training.export import promised
from repix.training.holdout import validation_pixels
from repix.training.network_config import configured
from repix.training.objectives import configured as configured_objective
from repix.training.optimizers import OptimizerSettings
from repix.training.pretrained import Pretrained
from repix.training.recipe import OptimizerName, Recipe
from repix.training.run_folder import Message, silent
from repix.training.volume_patches import patch_slices

MINUTES = 10.0
"""Default time of a training."""
STEPS_BEFORE_CALIBRATION = 1000
"""The steps of a training with a deadline, until the time of one step is measured."""
OFFICIAL = "official"
"""The holdout of a folder that brings its own validation split."""
NO_LABEL = -1
OF_PICTURES = 0
"""The slices of patches of pictures."""
RANDOM = ""
PERCEPTION_MAP = "perception-map"
"""The kind of side input that steers a network."""


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that a training depends on. Nothing is optional; `run.toml` records it."""

    task: str
    settings: Mapping[str, Any]
    """All settings of the task."""
    folder: str
    holdout: int | str
    """Number of held-out examples, a folder of them, or 'official' for the folder's own validation split."""
    ignore_index: int
    """The label that masks use for ignored pixels; -1: the one that the folder names, if any."""
    network: str
    network_settings: Mapping[str, Any]
    """All settings of the network; its upsampler is one of them."""
    init_from: str
    """The model that gives the initial weights; empty: random weights."""
    objective: str
    objective_settings: Mapping[str, Any]
    """All settings of the objective."""
    optimizer: OptimizerName
    lr: float
    patch_size: int
    patch_slices: int
    """Slices of the patches; 0 for pictures."""
    batch_size: int
    steps: int
    """With a deadline, a placeholder until the steps are timed."""
    validations: int
    minutes: float
    """The deadline; infinite where steps were asked for."""
    audit_above: float
    """The checkerboard score in dB above which a validation warns; infinite: the network is not audited."""
    audit_stops: bool
    """Stop the training at a validation above that score."""
    classical: bool
    """Compare the model with the best classical filter."""
    seed: int
    device: Literal["cpu", "cuda"]
    devices: int
    """Processes on each machine, with a device each; every batch is split over all of them."""
    nodes: int
    """Machines."""
    precision: Literal["fp32", "bf16"]

    def make_task(self) -> Task:
        """Return the task with its settings."""
        task: Task = registry.get("tasks", self.task)(self.settings)
        return task

    def make_network(self) -> tuple[Network[Any], Any]:
        """Return the network and its configuration."""
        network: Network[Any] = registry.get("networks", self.network)
        return network, network.from_dict(self.network_settings)

    def make_objective_settings(self, task: Task) -> Settings:
        """Return the settings of the objective."""
        return configured_objective(self.objective, self.objective_settings, task)

    @property
    def compute(self) -> Device:
        """The device of one process, with its precision."""
        return Device(self.device, self.precision)

    @property
    def processes(self) -> int:
        """The number of processes."""
        return self.devices * self.nodes

    @property
    def optimizer_settings(self) -> OptimizerSettings:
        """The optimizer and its highest learning rate."""
        return OptimizerSettings(self.optimizer, self.lr, self.precision == "fp32")

    @property
    def has_deadline(self) -> bool:
        """True if the number of steps depends on the time they take."""
        return math.isfinite(self.minutes)

    def planned(self, steps: int, validations: int) -> "TrainingConfig":
        """Return the config with this number of steps and without a deadline, which repeats the run."""
        return replace(self, steps=steps, validations=validations, minutes=math.inf)

    def as_recipe(self) -> Recipe:
        """Return the recipe that resolves to this config on the same folder."""
        given = {name: getattr(self, name) for name in asdict(self)}
        unsaid = {"holdout": OFFICIAL, "ignore_index": NO_LABEL, "init_from": RANDOM, "minutes": math.inf}
        unsaid |= {"patch_slices": OF_PICTURES}
        unsaid |= {"audit_above": math.inf}
        given |= {name: None for name, value in unsaid.items() if given[name] == value}
        if self.has_deadline:
            given["steps"] = None
        return Recipe(**given)


def resolve(recipe: Recipe, findings: Findings, message: Message = silent) -> TrainingConfig:
    """Return the config of a training: the recipe's settings, and defaults that suit task, folder and machine.

    The findings are shown as messages; a folder with an error among them is refused.
    """
    for finding in findings.findings:
        message(f"{finding.severity}: {finding.message} {finding.advice}")
    require_usable(findings)
    pretrained = None if recipe.init_from is None else Pretrained(recipe.init_from)
    named = recipe.network
    if named is None and pretrained is not None:
        named = pretrained.network
    usual = suited(recipe.task)
    suits = suited(recipe.task, recipe.network if named == usual.network else named)
    task = _task(recipe, findings, suits, pretrained)
    device = choose_device(recipe.device, recipe.precision, recipe.devices or 1)
    network, network_config = _network(recipe, task, suits, pretrained)
    slices = patch_slices(recipe, network.third_side(network_config), task, findings)
    objective = _objective(recipe, task)
    fixed, windows = network.fixed(network_config), network.windows(network_config)
    config = TrainingConfig(
        task=recipe.task,
        settings=task.settings.to_dict(),
        folder=recipe.folder,
        holdout=_holdout(recipe, findings),
        ignore_index=_first(recipe.ignore_index, NO_LABEL),
        network=network.name,
        network_settings=network_config.to_dict(),
        init_from=_first(recipe.init_from, RANDOM),
        objective=objective,
        objective_settings=configured_objective(objective, recipe.objective_settings, task).to_dict(),
        optimizer=_first(recipe.optimizer, suits.optimizer),
        lr=_first(recipe.lr, suits.lr),
        patch_size=_first(recipe.patch_size, fixed, windows and windows.size, suits.patch_size),
        patch_slices=slices,
        batch_size=_first(recipe.batch_size, suits.batch_size),
        steps=_first(recipe.steps, STEPS_BEFORE_CALIBRATION),
        validations=_first(recipe.validations, MOST_VALIDATIONS),
        minutes=math.inf if recipe.steps is not None else _first(recipe.minutes, MINUTES),
        audit_above=_first(recipe.audit_above, math.inf),
        audit_stops=recipe.audit_stops,
        classical=recipe.classical,
        seed=recipe.seed,
        device=device.name,
        devices=_first(recipe.devices, 1),
        nodes=_first(recipe.nodes, 1),
        precision=device.precision,
    )
    if recipe.validations is None:
        config = replace(config, validations=_validations(config, validation_pixels(findings, task, fixed)))
    return config


def suited(task: str, network: str | None = None) -> TrainingDefaults:
    """Return the defaults of a task for a network; optimizer and learning rate suit the task's own network only.

    >>> suited("segment").patch_size, suited("segment", "unet").patch_size, suited("denoise", "dncnn").patch_size
    (224, 128, 64)
    >>> suited("denoise", "efficient-unet").optimizer, suited("denoise", "dncnn").optimizer
    ('muon', 'adamw')
    """
    maker: TaskMaker[Any] = registry.get("tasks", task)
    found, general = maker.training, TrainingDefaults()
    if network is None:
        return found
    if network == found.network:
        return replace(found, settings={})
    return (
        general
        if found.network_settings
        else replace(general, patch_size=found.patch_size, batch_size=found.batch_size)
    )


def require_usable(findings: Findings) -> None:
    """Refuse a folder whose findings include an error."""
    wrong = [finding for finding in findings.findings if finding.severity == "error"]
    if wrong:
        first, more = wrong[0], len(wrong) - 1
        files = f" ({', '.join(first.files[:3])}{' …' if len(first.files) > 3 else ''})" if first.files else ""
        rest = f" and {more} more {'findings' if more > 1 else 'finding'}" if more else ""
        raise WrongUse(f"{first.message.rstrip('.')}{files}. {first.advice} `repix check` shows this{rest}.")


def _task(recipe: Recipe, findings: Findings, suits: TrainingDefaults, pretrained: Pretrained | None) -> Task:
    """Return the task with its settings; the encoding of masks is the one found in the folder."""
    settings = {**suits.settings, **recipe.settings}
    if pretrained is not None and recipe.network is None:
        settings = {**suits.settings, **pretrained.task_settings(recipe.task), **recipe.settings}
    maker: TaskMaker[Any] = registry.get("tasks", recipe.task)
    if findings.encoding is not None and maker.mask_settings is not None and "values" not in settings:
        settings = maker.mask_settings(findings.encoding) | settings
    task: Task = maker(settings)
    return task


def _network(
    recipe: Recipe, task: Task, suits: TrainingDefaults, pretrained: Pretrained | None
) -> tuple[Network[Any], Any]:
    """Return the network and its configuration; those that do not fit the task are refused."""
    taken: Mapping[str, Any] = {}
    name = recipe.network
    if name is None and pretrained is not None and pretrained.network is not None:
        name, taken = pretrained.network, pretrained.network_settings
    network: Network[Any] = registry.get("networks", _first(name, suits.network))
    if not taken and network.name == suits.network:
        taken = suits.network_settings
    _require_mask(network, task)
    _require_perception(network, task)
    config = configured(network, task, {**taken, **recipe.network_settings})
    if recipe.upsampler is not None:
        config = with_upsampler(network, config, recipe.upsampler)
    reason = network.fits(config)
    if reason is not None:
        raise WrongUse(f"{network.name} does not fit the task {task.name} with these settings: {reason}")
    promised(network, config, task)
    return network, config


def _objective(recipe: Recipe, task: Task) -> str:
    """Return the name of the objective; supervised training cannot teach a mask, or what a map steers."""
    if task.corrupted is not None and recipe.objective == "supervised":
        raise WrongUse(
            "The objective supervised has no loss for the mask of impulse_mask; leave the objective out: it is "
            f"{task.objective}."
        )
    if channels_of_kind(task.side.inputs, PERCEPTION_MAP) and recipe.objective == "supervised":
        raise WrongUse(
            "The objective supervised has no term that a perception map could steer; leave the objective out: it is "
            f"{task.objective}."
        )
    return task.objective if recipe.objective is None else recipe.objective


def _require_mask(network: Network[Any], task: Task) -> None:
    """Refuse a network without a mask for a task that has one, and the reverse."""
    if task.corrupted is not None and not network.impulse_mask:
        raise WrongUse(
            f"{network.name} returns no mask of corrupted pixels, which the setting impulse_mask asks for; take the "
            "network two-stage."
        )
    if task.corrupted is None and network.impulse_mask:
        raise WrongUse(
            f"{network.name} returns a mask of corrupted pixels, which {task.name} with these settings has no use for; "
            "give the setting impulse_mask of denoise, or take another network."
        )


def _require_perception(network: Network[Any], task: Task) -> None:
    """Refuse a network without a perception map for a task that has one, and the reverse."""
    asked = bool(channels_of_kind(task.side.inputs, PERCEPTION_MAP))
    if asked and not network.perception_map:
        raise WrongUse(
            f"{network.name} takes no perception map, which the setting perception asks for; take the network sft."
        )
    if network.perception_map and not asked:
        raise WrongUse(
            f"{network.name} takes a perception map, which {task.name} with these settings does not give; give the "
            "setting perception of upscale, or take another network."
        )


def _holdout(recipe: Recipe, findings: Findings) -> int | str:
    """Return the source of the holdout split."""
    if recipe.holdout is not None:
        return recipe.holdout
    return OFFICIAL if findings.split.rule == OFFICIAL else findings.split.held_out


def _validations(config: TrainingConfig, pixels: int) -> int:
    """Return how many validations take a tenth of the steps' work.

    A step costs about three forward passes: forward, gradient of the activations, gradient of the weights.
    """
    if not pixels:
        return MOST_VALIDATIONS
    work = 3 * config.batch_size * config.patch_size**2 * max(config.patch_slices, 1) * config.steps
    return min(MOST_VALIDATIONS, max(1, int(VALIDATING * work / pixels)))


def _first(*values: Any) -> Any:
    """Return the first value that is not None."""
    return next(value for value in values if value is not None)
