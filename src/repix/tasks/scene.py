"""Scene: edge drawing to photo; for training, drawings are made from photos or given."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.color import luma
from repix.degradations.edges import edges
from repix.losses import SceneLoss, loss_named
from repix.parameters import parameters
from repix.pictures.picture import Picture
from repix.tasks import MetricSpec, Settings, Task, TaskCommand, TaskMaker, TrainingDefaults
from repix.tasks._planes import as_kind, from_planes, noted_opaque, red_green_blue, require_planes, to_planes
from repix.tasks._training import wide_context

DRAWING = parameters(edges)
PAPER = {"canny": 0.0, "pencil": 1.0}
"""Gray value behind the transparent parts of a drawing."""

COMMAND: TaskCommand = {
    "summary": "Make a photo from an edge drawing.",
    "help": "Make a photo from an edge drawing, such as those of `repix degrade edges`.",
}


@dataclass(frozen=True)
class Scene(Settings):
    """Settings of scene: style of the drawings, and how they are made from photos."""

    style: Annotated[Literal["canny", "pencil"], DRAWING["style"].text] = "canny"
    sigma: Annotated[float, DRAWING["sigma"].text, DRAWING["sigma"].bounds] = DRAWING["sigma"].default
    contrast: Annotated[float, DRAWING["contrast"].text, DRAWING["contrast"].bounds] = DRAWING["contrast"].default
    loss: Annotated[SceneLoss, "loss function"] = "l1"


def _encode(settings: Scene, drawing: Picture) -> Array:
    """Return the drawing's luma; transparent parts show the paper of its style."""
    strokes, alpha = luma(drawing.colors()), drawing.alpha()
    if alpha is not None:
        strokes = strokes * alpha + PAPER[settings.style] * (1 - alpha)
    return to_planes(strokes)


def _decode(y: Array, source: Picture) -> Picture:
    """Return the scene, which is opaque even if the drawing was not."""
    require_planes(y, 1, 3, source.size)
    return noted_opaque(source, source.with_colors(from_planes(y)))


def _make_pair(settings: Scene, clean: Picture, _: np.random.Generator) -> tuple[Picture, Picture]:
    drawing = edges(clean.colors(), settings.style, settings.sigma, settings.contrast)
    return clean.with_colors(drawing), clean.with_colors(as_kind(clean, color=True))


def _task(settings: Scene) -> Task:
    return Task(
        name="scene",
        settings=settings,
        channels=(1, 3),
        encode=partial(_encode, settings),
        decode=_decode,
        encode_target=red_green_blue,
        make_pair=partial(_make_pair, settings),
        loss=loss_named(settings.loss),
        metrics=(MetricSpec("psnr-rgb"), MetricSpec("edges-f1")),
        rotations=False,
    )


make = TaskMaker(
    Scene,
    _task,
    training=TrainingDefaults(
        "efficient-unet",
        network_settings=wide_context(2) | {"upsampler": "resize-conv method=bilinear"},
        settings={"loss": "lines"},
    ),
)
