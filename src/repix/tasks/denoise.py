"""Denoise: noisy to clean, at one strength of noise or blind over a range of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.degradations import Order, degrade_pair, read_random_step
from repix.degradations.gaussian import gaussian
from repix.degradations.salt_and_pepper import salt_and_pepper
from repix.degradations.speckle import speckle
from repix.errors import WrongUse
from repix.losses import PictureLoss
from repix.parameters import Bounds, parameters
from repix.pictures.picture import Picture, from_unit, to_unit
from repix.printable import shown
from repix.tasks import Range, Settings, Task, TaskCommand, TaskMaker, Zoom
from repix.tasks._filters import for_gaussian_noise
from repix.tasks._mending import mending
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
    rate: Annotated[
        Range | None, "salt and pepper: share of pixels that are hit", parameters(salt_and_pepper)["density"].bounds
    ] = None
    speckle: Annotated[Range | None, "speckle: standard deviation of the factor", FACTOR.bounds] = None
    clipped: Annotated[
        float, "share of the pictures whose noise is cut off at black and white and rounded, as 8 bits do", Bounds(0, 1)
    ] = 0.0
    degradations: Annotated[
        tuple[str, ...], "steps of a chain, such as 'camera shot=0.001..0.02 quality=60..95'; a further kind of noise"
    ] = ()
    order: Annotated[Order, "order of these steps: as given, or another one for each picture"] = "given"
    zoom: Zoom = (1.0, 1.0)
    loss: Annotated[PictureLoss, "what training makes small"] = "mse"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sigma is self.rate is self.speckle is None and not self.degradations:
            raise WrongUse("sigma, rate, speckle and degradations are all left out; give one of them a range.")
        for step in self.degradations:
            if registry.get("degradations", read_random_step(step).name).scales:
                raise WrongUse(f"The step {shown(step)} changes the size; denoise keeps it.")


def _make_pair(settings: Denoise, clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    colors = clean.with_colors(as_kind(clean, settings.color))
    noisy, truth = _with_noise(settings, colors.colors(), rng)
    if settings.clipped and rng.random() < settings.clipped:
        noisy = to_unit(from_unit(noisy, "8"))
    return in_floats(colors, noisy), colors if truth is None else in_floats(colors, truth)


def _with_noise(settings: Denoise, colors: Array, rng: np.random.Generator) -> tuple[Array, Array | None]:
    """One kind of noise, at one strength, and the truth where it is not the picture itself."""
    kinds: dict[str, Callable[..., Array]] = {"sigma": gaussian, "rate": salt_and_pepper, "speckle": speckle}
    ranges = {name: getattr(settings, name) for name in kinds if getattr(settings, name) is not None}
    count = len(ranges) + bool(settings.degradations)
    number = rng.integers(count)
    if number == len(ranges):
        return degrade_pair(colors, rng, [read_random_step(step) for step in settings.degradations], settings.order)
    name = list(ranges)[number]
    strength = rng.uniform(*ranges[name])
    return kinds[name](colors, rng, strength), None


def _task(settings: Denoise) -> Task:
    """Impulses are told by being black or white: their network sees brightness, and flat areas are settled for it."""
    task = mending("denoise", settings, settings.color, settings.loss, partial(_make_pair, settings))
    flat = None if settings.rate is None else _same
    return replace(task, filters=_filters(settings), flat=flat, zoom=settings.zoom, unknown=UNKNOWN)


def _filters(settings: Denoise) -> tuple[str, ...]:
    if settings.rate:
        return ("median",)  # the only one that impulses do not upset, whatever else there is
    if settings.speckle:
        return ("total-variation", "wavelet")
    return for_gaussian_noise(settings.sigma or (0, 1), 3 if settings.color else 1)


def _same(x: "Tensor") -> "Tensor":
    return x


make = TaskMaker(Denoise, _task, training=RESTORER)
