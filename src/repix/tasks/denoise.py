"""Denoise: noisy to clean, at one strength of noise or blind over a range of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations.gaussian import gaussian
from repix.degradations.salt_and_pepper import salt_and_pepper
from repix.degradations.speckle import speckle
from repix.errors import WrongUse
from repix.losses import PictureLoss
from repix.parameters import Bounds, parameters
from repix.pictures.picture import Picture, from_unit, to_unit
from repix.tasks import Range, Settings, Task, TaskCommand, TaskMaker
from repix.tasks._filters import for_gaussian_noise
from repix.tasks._image_restoration import restoration_task
from repix.tasks._planes import as_kind, in_floats
from repix.tasks._training import RESTORER

if TYPE_CHECKING:
    from torch import Tensor

FACTOR = parameters(speckle)["sigma"]

COMMAND: TaskCommand = {
    "summary": "Remove noise from pictures.",
    "help": """Remove noise from pictures: `repix denoise photo.jpg` writes photo-denoise.jpg beside it.

The model is blind: it estimates the noise itself. --strength 0.5 removes about half of it.""",
    "refused": {
        "sigma": "--sigma {0} cannot be told to the model, which estimates the noise itself; --strength below 1 takes "
        "away less of it, and the filters can be told: `repix filter bm3d --sigma {0}` or `repix filter nl-means "
        "--sigma {0}`."
    },
}


UNKNOWN = ("the noise it was trained for: its settings are the task's own, unless you gave them",)


@dataclass(frozen=True)
class Denoise(Settings):
    """Every picture gets one kind of noise, of those that have a range, at a strength drawn from it."""

    color: Annotated[bool, "the model takes three channels at once; otherwise one after the other"] = True
    sigma: Annotated[
        Range | None, "Gaussian noise: standard deviation, in levels of 255", parameters(gaussian)["sigma"].bounds
    ] = (0.0, 55.0)
    density: Annotated[
        Range | None, "salt and pepper: share of changed pixels", parameters(salt_and_pepper)["density"].bounds
    ] = None
    speckle: Annotated[Range | None, "speckle: standard deviation of the factor", FACTOR.bounds] = None
    clipped: Annotated[
        float, "share of the pictures whose noise is cut off at black and white and rounded, as 8 bits do", Bounds(0, 1)
    ] = 0.0
    loss: Annotated[PictureLoss, "what training makes small"] = "mse"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sigma is self.density is self.speckle is None:
            raise WrongUse("sigma, density and speckle are all left out; give one of them a range.")


def _make_pair(settings: Denoise, clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    target = clean.with_colors(as_kind(clean, settings.color))
    noisy = _with_noise(settings, target.colors(), rng)
    if settings.clipped and rng.random() < settings.clipped:
        noisy = to_unit(from_unit(noisy, "8"))
    return in_floats(target, noisy), target


def _with_noise(settings: Denoise, colors: Array, rng: np.random.Generator) -> Array:
    """One kind of noise, at one strength."""
    kinds: dict[str, Callable[..., Array]] = {"sigma": gaussian, "density": salt_and_pepper, "speckle": speckle}
    ranges = {name: getattr(settings, name) for name in kinds if getattr(settings, name) is not None}
    name = list(ranges)[rng.integers(len(ranges))]
    strength = rng.uniform(*ranges[name])
    return kinds[name](colors, rng, strength)


def _task(settings: Denoise) -> Task:
    """Impulses are told by being black or white: their network sees brightness, and flat areas are settled for it."""
    task = restoration_task("denoise", settings, settings.color, settings.loss, partial(_make_pair, settings))
    flat = None if settings.density is None else _same
    return replace(task, filters=_filters(settings), flat=flat, unknown=UNKNOWN)


def _filters(settings: Denoise) -> tuple[str, ...]:
    if settings.density:
        return ("median",)  # the only one that impulses do not upset, whatever else there is
    if settings.speckle:
        return ("total-variation", "wavelet")
    return for_gaussian_noise(settings.sigma or (0, 1), 3 if settings.color else 1)


def _same(x: "Tensor") -> "Tensor":
    return x


make = TaskMaker(Denoise, _task, training=RESTORER)
