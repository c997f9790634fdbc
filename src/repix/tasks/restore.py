"""Restore: noisy grey to clean colour, in one model."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np

from repix.degradations.gaussian import gaussian
from repix.parameters import parameters
from repix.pictures.picture import Picture
from repix.tasks import LOSSES, Metric, Range, Settings, Task, TaskMaker
from repix.tasks._losses import PictureLoss
from repix.tasks._planes import as_kind, coloured, in_floats, lightness, red_green_blue


@dataclass(frozen=True)
class Restore(Settings):
    """How noisy the grey pictures are."""

    sigma: Annotated[
        Range, "Gaussian noise: standard deviation, in levels of 255", parameters(gaussian)["sigma"].bounds
    ] = (0.0, 55.0)
    loss: Annotated[PictureLoss, "what training makes small"] = "mse"


def _make_pair(settings: Restore, clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    noisy = gaussian(as_kind(clean, colour=False), rng, rng.uniform(*settings.sigma))
    return in_floats(clean, noisy), clean.with_colours(as_kind(clean, colour=True))


def _task(settings: Restore) -> Task:
    return Task(
        name="restore",
        settings=settings,
        channels=(1, 3),
        encode=lightness,
        decode=coloured,
        encode_target=red_green_blue,
        make_pair=partial(_make_pair, settings),
        loss=LOSSES[settings.loss],
        metrics=(Metric("rgb"), Metric("ssim-wang"), Metric("colourfulness")),
        random=True,
        mixes=True,
    )


make = TaskMaker(Restore, _task)
