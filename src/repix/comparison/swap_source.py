"""The trained run that a swap starts from, and its network with another upsampler."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from repix import registry
from repix.comparison.swapped_network import Conversion, converted, upsamplers_in
from repix.data import check
from repix.data.check import Progress
from repix.errors import Unreadable, WrongUse
from repix.models import is_bundled
from repix.networks import Network, parse_upsampler, with_upsampler
from repix.training import resolve
from repix.training.build import Training, build, largest_patch
from repix.training.network_config import configured
from repix.training.pretrained import read_weights
from repix.training.recipe import Recipe
from repix.training.run_folder import RunFolder
from repix.training.schedule import Phase, Schedule

BUDGET = 10
"""By default the fine-tuning makes this many times fewer steps than the run."""
FITTED, CHECKED = 8, 3
"""Patches that weights are fitted on, and further ones on which the fit is measured."""
SIDE = 192
"""Height and width of these patches, in pixels of the source."""


@dataclass(frozen=True)
class SwapSource:
    """A complete run, and the upsampler that its network gets."""

    folder: RunFolder
    recipe: Recipe
    record: dict[str, Any]
    network: Network[Any]
    old: Any
    """The settings of the network."""
    new: Any
    """The settings with the other upsampler."""
    upsampler: str

    @property
    def weights(self) -> dict[str, Tensor]:
        """The trained weights."""
        return read_weights(self.folder.weights)

    @property
    def replaced(self) -> str:
        """The old upsampler, with its settings."""
        places = upsamplers_in(_outline(self.network, self.old)).values()
        named = self.old.upsampler or next((place.upsampler.name for place in places), "no upsampler")
        return str(named)

    def module(self) -> nn.Module:
        """Return the trained network."""
        module = self.network.module(self.old)
        try:
            module.load_state_dict(self.weights)
        except RuntimeError:
            raise Unreadable(
                f"{self.folder.weights} does not fit the network of {self.folder.recipe}; one of them was changed."
            ) from None
        return module

    def fine_tuning(self, output: Path, minutes: float | None, steps: int | None) -> Recipe:
        """Return the recipe of the fine-tuning in the folder `output`, with the settings of the run."""
        if minutes is None and steps is None:
            trained = self.record.get("trained", {})  # the recipe of a run by the clock has no steps
            made = self.recipe.steps or int(trained.get("steps", 1))
            steps = max(1, made // BUDGET)
        return replace(
            self.recipe,
            network_settings=self.new.to_dict(),
            minutes=minutes,
            steps=steps,
            validations=None,
            init_from=str(RunFolder(output.resolve()).initial),
            classical=False,  # the swap is compared with the old model
            device="auto",
        )

    def unchanged(self, tuning: Recipe, steps: int) -> Recipe:
        """Return the recipe that trains the old network as `tuning` trains the new one, for some steps."""
        return replace(
            tuning,
            network_settings=self.recipe.network_settings,
            minutes=None,
            steps=steps,
            init_from=str(self.folder.path.resolve()),
        )

    def training(self, recipe: Recipe, progress: Progress | None) -> Training:
        """Return the parts of the fine-tuning; other pictures than those of the run are refused."""
        findings = check(recipe.folder, recipe.task, recipe.holdout, recipe.ignore_index, progress)
        training = build(resolve(recipe, findings), findings)
        training.require_same(self.record)
        if not len(training.holdout.comparison):
            raise WrongUse(
                f"{self.folder.path} holds out no pictures, so the effect of the swap could not be measured; train it "
                "with --holdout."
            )
        return training

    def swapped(self, training: Training) -> tuple[nn.Module, list[Conversion]]:
        """Return the network with the other upsampler and converted weights, and where changed ones come from."""
        module = training.random_network()
        pictures = _pictures(training)
        return module, converted(self.module(), module, pictures[:FITTED], pictures[FITTED:])


def swap_source(run: Path | str, upsampler: str) -> SwapSource:
    """Return the run of a swap; refuse what is no complete run, and an upsampler that its network cannot have.

    >>> swap_source("upscale-x2", "bilinear")
    Traceback (most recent call last):
    repix.errors.WrongUse: upscale-x2 is a bundled model, without the recipe and pictures of its training; name the ...
    """
    folder = RunFolder(Path(run))
    if not folder.path.exists() and is_bundled(str(run)):
        raise WrongUse(
            f"{run} is a bundled model, without the recipe and pictures of its training; name the folder of a run."
        )
    if folder.path.is_file():
        raise WrongUse(f"{run} is a file; name the folder of a run, which contains its recipe and its weights.")
    recipe, record = folder.read_recipe()
    if not folder.finished:
        raise WrongUse(f"{run} is not complete; end its training first: repix train -o {run} --resume.")
    if recipe.network is None:
        raise Unreadable(f"{folder.recipe} does not name its network; it was changed.")
    network: Network[Any] = registry.get("networks", recipe.network)
    parse_upsampler(upsampler)  # names the nearest one
    old = configured(network, registry.get("tasks", recipe.task)(recipe.settings), recipe.network_settings)
    new = with_upsampler(network, old, upsampler)
    reason = network.fits(new)
    if reason is not None:
        raise WrongUse(f"'{upsampler}' does not fit {network.name} with the settings of {run}: {reason}")
    if _used(network, old) == _used(network, new):
        raise WrongUse(f"{run} has the upsampler '{upsampler}' already; name another one.")
    return SwapSource(folder, recipe, record, network, old, network.from_dict(new.to_dict()), upsampler)


def default_output(run: Path | str, upsampler: str) -> Path:
    """Return the folder of a swap beside the run.

    >>> str(default_output("runs/small", "transposed kernel=4"))
    'runs/small-transposed-kernel-4'
    """
    path = Path(run)
    return path.with_name(f"{path.name}-{re.sub(r'[^a-z0-9]+', '-', upsampler.lower()).strip('-')}")


def _outline(network: Network[Any], config: Any) -> nn.Module:
    """Return the network without memory for weights."""
    with torch.device("meta"):
        return network.module(config)


def _used(network: Network[Any], config: Any) -> list[tuple[str, Any]]:
    """Return the upsamplers of a network with their settings."""
    places = upsamplers_in(_outline(network, config)).values()
    return [(place.upsampler.name, _sized(place.spec.settings, place.spec.scale)) for place in places]


def _sized(settings: Any, scale: float) -> dict[str, Any]:
    """Return the settings, with the size of a kernel in place of its default."""
    known = asdict(settings)
    return known | ({"kernel": 2 * int(scale)} if known.get("kernel", 0) is None else {})


def _pictures(training: Training) -> Sequence[Tensor]:
    """Return patches to fit weights on: sources, each 1×C×H×W."""
    step = training.network.step(training.network_config)
    largest = largest_patch(training.cache, training.task)
    side = training.network.fixed(training.network_config) or max(step, min(SIDE, largest) // step * step)
    schedule = Schedule(1, (Phase(0, side, FITTED + CHECKED, 0),))
    sources = training.dataset(schedule)[0][0].contiguous()
    return list(sources[:, None])
