"""Denoise: noisy to clean, for one noise level, blind for a range of levels, or with the level as an input."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Order, degrade_pair, read_steps
from repix.degradations.gaussian import gaussian
from repix.degradations.random_valued import random_valued
from repix.degradations.salt_and_pepper import salt_and_pepper
from repix.degradations.speckle import speckle
from repix.errors import WrongUse
from repix.losses import PictureLoss
from repix.parameters import Bounds, parameters
from repix.pictures.picture import Picture, from_unit, to_unit
from repix.tasks import Defect, Domain, Range, Settings, Task, TaskCommand, TaskMaker, Zoom
from repix.tasks._impulse_mask import with_impulse_mask
from repix.tasks._noise_level import with_noise_level
from repix.tasks._planes import as_kind, in_floats
from repix.tasks._restoration import for_gaussian_noise, require_same_size, restoration_task
from repix.tasks._training import RESTORER

if TYPE_CHECKING:
    from torch import Tensor

FACTOR = parameters(speckle)["sigma"]
SHARE = parameters(random_valued)["density"]

COMMAND: TaskCommand = {
    "summary": "Remove noise from pictures.",
    "help": """Remove noise from pictures: `repix denoise photo.jpg` writes photo-denoise.jpg beside it.

The default model is for photos of cameras. It is blind: it needs no noise level. --sigma 25 selects the model for
Gaussian noise instead, denoise-gray or denoise-color, and tells it the noise level, if it takes one. --strength 0.5
removes about half of the noise. --model dejpeg repairs JPEG artifacts.""",
    "level_models": {"gray": "denoise-gray", "color": "denoise-color"},
    "options": ("strength", "keep-colors", "mask", "sigma"),
}


UNKNOWN = ("the noise it was trained for: the task's default settings are recorded, unless you gave others",)


@dataclass(frozen=True)
class Denoise(Settings):
    """Settings of denoise: each picture gets one kind of noise, of those with a range, at a random level."""

    color: Annotated[bool, "the model has three channels; otherwise one, applied to each channel"] = True
    sigma: Annotated[
        Range | None, "Gaussian noise: standard deviation, in gray levels (8-bit)", parameters(gaussian)["sigma"].bounds
    ] = (0.0, 55.0)
    density: Annotated[
        Range | None, "salt and pepper: share of changed pixels", parameters(salt_and_pepper)["density"].bounds
    ] = None
    speckle: Annotated[Range | None, "speckle: standard deviation of the factor", FACTOR.bounds] = None
    random_valued: Annotated[Range | None, "random-valued impulses: share of changed pixels", SHARE.bounds] = None
    clipped: Annotated[
        float, "share of the training pictures that are clipped and rounded to 8 bits after adding noise", Bounds(0, 1)
    ] = 0.0
    degradations: Annotated[
        tuple[str, ...], "steps of a chain, such as 'camera shot=0.001..0.02'; a further kind of noise"
    ] = ()
    level_input: Annotated[
        bool, "the noise level as a further input of the model (non-blind); it may be left out; for Gaussian noise only"
    ] = False
    impulse_mask: Annotated[
        bool, "the model also marks the corrupted pixels, and changes no others; for impulse noise only"
    ] = False
    mask_threshold: Annotated[
        float, "for impulse_mask: a pixel is changed if it is corrupted with a higher probability", Bounds(0, 1)
    ] = 0.5
    order: Annotated[Order, "order of these steps: as given, or another one for each picture"] = "given"
    zoom: Zoom = (1.0, 1.0)
    loss: Annotated[PictureLoss, "loss function"] = "mse"

    def __post_init__(self) -> None:
        super().__post_init__()
        impulses = (self.density, self.random_valued)
        others = (self.speckle, self.degradations or None)
        if {self.sigma, *impulses, *others} == {None}:
            raise WrongUse("sigma, density, random_valued, speckle and degradations are all none; give at least one.")
        require_same_size("denoise", self.degradations)
        if self.level_input and (self.sigma is None or {*impulses, *others} != {None}):
            raise WrongUse(
                "level_input is true, but a noise level is that of Gaussian noise; give sigma, and leave density, "
                "random_valued, speckle and degradations out."
            )
        if self.impulse_mask and ({self.sigma, *others} != {None} or self.clipped):
            raise WrongUse(
                "impulse_mask is true, but only impulse noise leaves pixels unchanged; give density or random_valued, "
                'set sigma to "none", and leave speckle, degradations and clipped out.'
            )


def _make_pair(settings: Denoise, clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    colors = clean.with_colors(as_kind(clean, settings.color))
    noisy, truth = _with_noise(settings, colors.colors(), rng)
    if settings.clipped and rng.random() < settings.clipped:
        noisy = to_unit(from_unit(noisy, "8"))
    return in_floats(colors, noisy), colors if truth is None else in_floats(colors, truth)


def _with_noise(settings: Denoise, colors: Array, rng: np.random.Generator) -> tuple[Array, Array | None]:
    """Return the picture with one kind of noise of random level, and the truth where it is not the picture."""
    kinds: dict[str, Callable[..., Array]] = {
        "sigma": gaussian,
        "density": salt_and_pepper,
        "speckle": speckle,
        "random_valued": random_valued,
    }
    ranges = {name: getattr(settings, name) for name in kinds if getattr(settings, name) is not None}
    count = len(ranges) + bool(settings.degradations)
    number = rng.integers(count)
    if number == len(ranges):
        return degrade_pair(colors, rng, read_steps(settings.degradations), settings.order)
    name = list(ranges)[number]
    strength = rng.uniform(*ranges[name])
    return kinds[name](colors, rng, strength), None


def _task(settings: Denoise) -> Task:
    """Return the task. Impulses are recognized by their brightness, so flat areas are handled without the network."""
    task = restoration_task("denoise", settings, settings.color, settings.loss, partial(_make_pair, settings))
    flat = None if settings.density is None else _same
    task = replace(
        task, filters=_filters(settings), flat=flat, zoom=settings.zoom, domain=_domain(settings), unknown=UNKNOWN
    )
    if settings.impulse_mask:
        return with_impulse_mask(task, settings.mask_threshold)
    return with_noise_level(task, settings.color) if settings.level_input else task


def _domain(settings: Denoise) -> Domain:
    """Return the pictures the model is for; steps of a chain, such as a camera, may make any noise, but JPEG none.

    Random-valued impulses are measured as noise.
    """
    steps = {step.name for step in read_steps(settings.degradations)} if settings.degradations else set()
    compresses, makes_noise = steps == {"jpeg"}, bool(steps - {"jpeg"})
    removes: list[Defect] = ["noise"] if settings.sigma or makes_noise else []
    densities = [one[1] for one in (settings.density, settings.random_valued) if one is not None]
    removes += ["impulses"] if densities else []
    removes += ["compression"] if compresses else []
    needs_color = settings.sigma is not None and not makes_noise  # noise that is equal in all channels is not removed
    return Domain(
        removes=tuple(removes),
        noise=None if makes_noise or settings.random_valued else (settings.sigma or (0.0, 0.0))[1],
        filtered=makes_noise,
        impulses=max(densities, default=0.0),
        color=("color" if needs_color else "any") if settings.color else "gray",
    )


def _filters(settings: Denoise) -> tuple[str, ...]:
    if settings.density or settings.random_valued:
        return ("median",)  # the only filter that is robust against impulses
    if settings.speckle:
        return ("total-variation", "wavelet")
    return for_gaussian_noise(settings.sigma or (0, 1), 3 if settings.color else 1)


def _same(x: "Tensor") -> "Tensor":
    return x


make = TaskMaker(Denoise, _task, training=RESTORER)
