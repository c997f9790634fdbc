"""Restore: noisy gray to clean color, in one model."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.color import luma
from repix.degradations import Order, degrade_pair, read_steps
from repix.degradations.gaussian import gaussian
from repix.losses import PictureLoss, loss_named
from repix.parameters import parameters
from repix.pictures.picture import Picture
from repix.tasks import (
    Domain,
    MetricSpec,
    Range,
    Saturation,
    Settings,
    Task,
    TaskCommand,
    TaskMaker,
    TrainingDefaults,
    Zoom,
)
from repix.tasks._planes import (
    as_kind,
    colored,
    from_planes,
    in_floats,
    into_gamut,
    lightness,
    red_green_blue,
    require_planes,
    to_planes,
)
from repix.tasks._restoration import for_gaussian_noise, require_same_size
from repix.tasks._training import wide_context

if TYPE_CHECKING:
    from torch import Tensor

COMMAND: TaskCommand = {
    "summary": "Denoise and colorize gray pictures.",
    "help": "Denoise and colorize gray pictures with one model.",
    "options": ("strength",),
}


@dataclass(frozen=True)
class Restore(Settings):
    """Settings of restore."""

    sigma: Annotated[
        Range, "Gaussian noise: standard deviation, in gray levels (8-bit)", parameters(gaussian)["sigma"].bounds
    ] = (0.0, 55.0)
    degradations: Annotated[
        tuple[str, ...], "steps of a chain, such as 'camera shot=0.001..0.02'; the noise of half of the pictures"
    ] = ()
    order: Annotated[Order, "order of these steps: as given, or another one for each picture"] = "given"
    saturation: Saturation = 1.0
    zoom: Zoom = (1.0, 1.0)
    loss: Annotated[PictureLoss, "loss function"] = "mse"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_same_size("restore", self.degradations)


def _make_pair(settings: Restore, clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    colors = clean.with_colors(as_kind(clean, color=True))
    if not settings.degradations:
        return in_floats(clean, _with_gaussian_noise(settings, clean, rng)), colors
    if rng.random() < 0.5:
        noisy, truth = degrade_pair(colors.colors(), rng, read_steps(settings.degradations), settings.order)
        return in_floats(clean, luma(noisy)), in_floats(colors, truth)
    return in_floats(clean, _with_gaussian_noise(settings, clean, rng)), in_floats(colors, colors.colors())


def _with_gaussian_noise(settings: Restore, clean: Picture, rng: np.random.Generator) -> Array:
    return gaussian(as_kind(clean, color=False), rng, rng.uniform(*settings.sigma))


def _decode(saturation: float, y: Array, source: Picture) -> Picture:
    """Return the model's result with another saturation, limited to the gamut, and never less saturated."""
    if saturation == 1:
        return colored(y, source)
    require_planes(y, 1, 3, source.size)
    colors = from_planes(y)
    gray = luma(colors)
    spread = saturation * (colors - gray)
    share = np.maximum(into_gamut(gray, spread), 1 / max(saturation, 1))
    return colored(to_planes(gray + share * spread), source)


def _same_gray(x: "Tensor") -> "Tensor":
    """Repeat gray: N×1×H×W to N×3×H×W."""
    return x.repeat(1, 3, 1, 1)


def _task(settings: Restore) -> Task:
    return Task(
        name="restore",
        settings=settings,
        channels=(1, 3),
        encode=lightness,
        decode=partial(_decode, settings.saturation),
        encode_target=red_green_blue,
        make_pair=partial(_make_pair, settings),
        loss=loss_named(settings.loss),
        metrics=(MetricSpec("psnr-rgb"), MetricSpec("ssim-wang"), MetricSpec("colorfulness")),
        random=True,
        zoom=settings.zoom,
        flat=_same_gray,
        blendable=True,
        domain=Domain(
            removes=("gray", "noise"),
            noise=None if settings.degradations else settings.sigma[1],
            filtered=bool(settings.degradations),
            impulses=0.0,
            color="gray",
        ),
        filters=for_gaussian_noise(settings.sigma, channels=1),
        unknown=("the noise it was trained for: the task's default settings are recorded, unless you gave others",),
    )


make = TaskMaker(
    Restore,
    _task,
    training=TrainingDefaults(
        "efficient-unet",
        patch_size=160,
        batch_size=6,
        lr=2e-3,
        optimizer="muon",
        network_settings=wide_context(2),
        settings={"zoom": (0.6, 1.5), "saturation": 1.1},
    ),
)
