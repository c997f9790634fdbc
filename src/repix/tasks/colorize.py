"""Colorize: gray to color; the model predicts the chroma, the luma is kept."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.color import rgb_to_ycbcr, ycbcr_to_rgb
from repix.losses import PictureLoss, loss_named
from repix.parameters import Bounds
from repix.pictures.picture import Picture
from repix.registry import library
from repix.side_inputs import SideInput, drawn_hints
from repix.tasks import (
    Domain,
    MetricSpec,
    Range,
    Saturation,
    Settings,
    SideInputs,
    Task,
    TaskCommand,
    TaskMaker,
    TrainingDefaults,
    Zoom,
)
from repix.tasks._planes import as_kind, from_planes, into_gamut, lightness, noted_colors, require_planes, to_planes
from repix.tasks._side import with_side_inputs
from repix.tasks._training import wide_context

if TYPE_CHECKING:
    from torch import Tensor

NO_COLOR = 128 / 255
"""Cb and Cr of a gray pixel."""
HINTS = SideInput("hints", "color-hints", channels=3, range=(-1.0, 1.0))
"""Cb and Cr of a hint, as differences from gray, and 1 where a hint is."""
LEAST_SATURATION = 0.25
"""Hints are divided by the saturation, but not by less than this."""
MEASURED_WITH = (10, 50)
"""Numbers of hints with which a trained model is measured."""

COMMAND: TaskCommand = {
    "summary": "Add color to gray pictures.",
    "help": """Add color to gray pictures; the luma of each pixel is kept.

A model that takes color hints spreads the color of a pixel over its region: `repix colorize photo.jpg --hint
120,40,#c02018`, or many in a file (--hints): JSON like [{"x": 120, "y": 40, "color": "#c02018"}], or a transparent PNG
of the same size with opaque dots. Positions are those of the picture as it is seen.""",
    "options": ("strength", "hint", "hints"),
}


@dataclass(frozen=True)
class Colorize(Settings):
    """Settings of colorize. The default loss is the mean squared error; the absolute error would favor gray."""

    saturation: Saturation = 1.0
    hints: Annotated[
        Range | None,
        "color hints as a further input of the model: the least and greatest number drawn for a training patch",
        Bounds(0, 10_000),
    ] = None
    zoom: Zoom = (1.0, 1.0)
    loss: Annotated[PictureLoss, "loss function"] = "mse"


def _chroma(picture: Picture) -> Array:
    """Return Cb and Cr: 1×2×H×W, where 128/255 is gray."""
    return to_planes(rgb_to_ycbcr(as_kind(picture, color=True))[:, :, 1:])


def _with_chroma(saturation: float, y: Array, source: Picture) -> Picture:
    """Return the source's luma with this chroma, reduced where red, green or blue would leave [0, 1]."""
    require_planes(y, 1, 2, source.size)
    gray = as_kind(source, color=False).astype(np.float64)
    spread = saturation * ycbcr_to_rgb(np.concatenate((np.zeros_like(gray), from_planes(y)), axis=2))
    result = source.with_colors(gray + into_gamut(gray, spread) * spread, source.alpha())
    return noted_colors(source, result)


def _as_rgb(chroma: "Tensor", source: "Tensor") -> "Tensor":
    """Return the RGB picture of chroma and the source's luma: N×2×H×W and N×C×H×W to N×3×H×W."""
    torch = library("torch")
    black, *units = ycbcr_to_rgb(np.concatenate((np.zeros((1, 3)), np.eye(3)))[:, np.newaxis])[:, 0]
    matrix, offset = (chroma.new_tensor(one) for one in (np.stack(units, 1) - black[:, np.newaxis], black))
    planes = torch.cat([source[:, :1], chroma], 1)
    rgb: Tensor = torch.einsum("oc,nchw->nohw", matrix, planes) + offset[:, None, None]
    return rgb


def _no_color(x: "Tensor") -> "Tensor":
    """Return the chroma of gray: N×1×H×W to N×2×H×W."""
    return (0 * x + NO_COLOR).repeat(1, 2, 1, 1)


def _make_pair(clean: Picture, _: np.random.Generator) -> tuple[Picture, Picture]:
    return clean.with_colors(as_kind(clean, color=False)), clean.with_colors(as_kind(clean, color=True))


def _draw_hints(least: float, most: float, _: Picture, target: Picture, rng: np.random.Generator) -> Array:
    """Return true hints at random pixels; small numbers of hints are more frequent, down to none."""
    count = int(least + (most - least + 1) * rng.random() ** 3)
    return drawn_hints(target, rng, count)


def _hinted(task: Task, hints: Range, saturation: float) -> Task:
    """Return the task with hints; the decoder multiplies the chroma, so given hints are divided by the same factor."""
    examples = {f"{count} hints": partial(_draw_hints, count, count) for count in MEASURED_WITH}
    factor = 1 / max(saturation, LEAST_SATURATION)
    return with_side_inputs(task, SideInputs((HINTS,), partial(_draw_hints, *hints), (factor, factor, 1.0), examples))


def _task(settings: Colorize) -> Task:
    task = _unhinted(settings)
    return task if settings.hints is None else _hinted(task, settings.hints, settings.saturation)


def _unhinted(settings: Colorize) -> Task:
    return Task(
        name="colorize",
        settings=settings,
        channels=(1, 2),
        encode=lightness,
        decode=partial(_with_chroma, settings.saturation),
        encode_target=_chroma,
        make_pair=_make_pair,
        loss=loss_named(settings.loss),
        metrics=(MetricSpec("psnr-rgb"), MetricSpec("colorfulness")),
        picture=_as_rgb,
        rotations=False,
        zoom=settings.zoom,
        flat=_no_color,
        domain=Domain(removes=("gray",), noise=0.0, impulses=0.0, color="gray"),
        blendable=True,
        unknown=("its two channels: repix assumes Cb and Cr of JPEG; channels of Lab would give wrong colors",),
    )


make = TaskMaker(
    Colorize,
    _task,
    training=TrainingDefaults(
        "efficient-unet",
        patch_size=192,
        lr=1.5e-3,
        network_settings=wide_context(4),
        settings={"zoom": (0.6, 1.5), "saturation": 1.3},
    ),
)
