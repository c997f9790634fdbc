"""Deblur: blurred to sharp, blind, for a range of blurs and slight noise."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations.defocus import defocus
from repix.degradations.gaussian import gaussian
from repix.degradations.gaussian_blur import gaussian_blur
from repix.degradations.motion_blur import motion_blur
from repix.errors import WrongUse
from repix.losses import PictureLoss
from repix.parameters import Bounds, parameters
from repix.pictures.picture import Picture
from repix.tasks import CLEAN_JPEG, Domain, Range, Settings, Task, TaskCommand, TaskMaker
from repix.tasks._planes import as_kind, in_floats
from repix.tasks._restoration import restoration_task
from repix.tasks._training import RESTORER

COMMAND: TaskCommand = {
    "summary": "Sharpen blurred pictures.",
    "help": "Sharpen blurred pictures: `repix deblur photos -o sharp` for a folder.",
    "options": ("strength", "keep-colors"),
}


UNKNOWN = ("the blur it was trained for: the task's default settings are recorded, unless you gave others",)


@dataclass(frozen=True)
class Deblur(Settings):
    """Settings of deblur: each picture gets one kind of blur, of those with a range, and then noise."""

    color: Annotated[bool, "the model has three channels; otherwise one, applied to each channel"] = True
    sigma: Annotated[
        Range | None,
        "Gaussian blur: standard deviation, in pixels",
        parameters(gaussian_blur)["sigma"].bounds,
    ] = (0.5, 3.0)
    length: Annotated[
        Range | None, "motion blur in any direction: length, in pixels", parameters(motion_blur)["length"].bounds
    ] = (1.0, 15.0)
    radius: Annotated[
        Range | None, "defocus blur: radius of the disc, in pixels", parameters(defocus)["radius"].bounds
    ] = None
    noise: Annotated[
        Range, "standard deviation of the noise, in gray levels (8-bit)", parameters(gaussian)["sigma"].bounds
    ] = (0.0, 5.1)
    gray: Annotated[float, "share of the training pictures that a color model gets in gray", Bounds(0, 1)] = 0.0
    loss: Annotated[PictureLoss, "loss function"] = "mse"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sigma is self.length is self.radius is None:
            raise WrongUse("sigma, length and radius are all none; give at least one a range.")
        if self.gray and not self.color:
            raise WrongUse("gray needs a color model; leave it out, or set color to true.")


def _with_blur(settings: Deblur, colors: Array, rng: np.random.Generator) -> Array:
    """Return the picture with one kind of blur of random strength."""
    ranges = {name: getattr(settings, name) for name in ("sigma", "length", "radius")}
    given = [name for name, ends in ranges.items() if ends is not None]
    name = given[rng.integers(len(given))]
    strength = rng.uniform(*ranges[name])
    if name == "sigma":
        return gaussian_blur(colors, strength)
    if name == "radius":
        return defocus(colors, strength)
    return motion_blur(colors, strength, rng.uniform(0, 180))


def _make_pair(settings: Deblur, clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    color = settings.color and not (settings.gray and rng.random() < settings.gray)  # no random number if gray is 0
    sharp = as_kind(clean, color)
    noisy = gaussian(_with_blur(settings, sharp, rng), rng, rng.uniform(*settings.noise))
    if settings.color and not color:
        sharp, noisy = (np.repeat(gray, 3, axis=2) for gray in (sharp, noisy))  # as color, like the others
    target = clean.with_colors(sharp)
    return in_floats(target, noisy), target


def _domain(settings: Deblur) -> Domain:
    most = {name: (getattr(settings, name) or (0.0, 0.0))[1] for name in ("sigma", "length", "radius")}
    return Domain(
        removes=("blur",),
        noise=settings.noise[1],
        impulses=0.0,
        blur=most["sigma"],
        motion=most["length"],
        defocus=most["radius"],
        jpeg=CLEAN_JPEG,
        color="any" if settings.color else "gray",
    )


def _task(settings: Deblur) -> Task:
    task = restoration_task("deblur", settings, settings.color, settings.loss, partial(_make_pair, settings))
    return replace(task, filters=("unsharp sigma=3 amount=0.3 threshold=5",), domain=_domain(settings), unknown=UNKNOWN)


make = TaskMaker(
    Deblur,
    _task,
    training=replace(RESTORER, patch_size=160, batch_size=4, network_settings={"conditioned": True}),
)
