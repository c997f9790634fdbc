"""Upscale: super-resolution by 2, 3 or 4, trained on MATLAB's bicubic downsampling and, optionally, degradations."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import chain
from repix.degradations.shrink import shrink
from repix.errors import WrongShape
from repix.losses import PictureLoss, loss_named
from repix.parameters import Bounds
from repix.pictures.picture import Picture
from repix.tasks import CLEAN_JPEG, Domain, MetricSpec, Settings, Task, TaskCommand, TaskMaker, TrainingDefaults, Zoom
from repix.tasks._perception import with_perception
from repix.tasks._planes import as_kind, for_model, from_model, in_floats, noted_channels, require_planes
from repix.tasks._restoration import require_same_size

NEARLY = 4 / 255
"""Tolerance within which a model's alpha is set to the source's, if that is 0 or 1."""

INVISIBLE = 0.5 / 255
"""Alpha below half a gray level (8-bit); no color is computed there."""

COMMAND: TaskCommand = {
    "summary": "Enlarge pictures by super-resolution.",
    "help": """Enlarge pictures by super-resolution: `repix upscale small.png --scale 2`. The scale of --model is fixed.

The default models are for pictures from the web: slightly blurred, slightly noisy, compressed. For clean, sharp
pictures, `--model upscale-x2-clean` (x3, x4) is more exact. `--scale 4 --perception 0.5` takes upscale-x4-sharp, which
is steered: --perception 0 asks for fidelity, 1 for detail that is guessed, a gray picture for either at each pixel.""",
    "model_option": {
        "name": "scale",
        "model": "upscale-x{}",
        "steered": "upscale-x{}-sharp",
        "values": (2, 4),
        "help": "Scale factor.",
    },
    "options": ("keep-colors", "perception"),
}


@dataclass(frozen=True)
class Upscale(Settings):
    """Settings of upscale."""

    scale: Annotated[int, "scale factor", Bounds(2, 4)] = 2
    color: Annotated[bool, "the model has three channels; otherwise one, applied to each channel"] = True
    degradations: Annotated[
        tuple[str, ...], "steps of a chain for the small picture, such as 'jpeg quality=60..95 chance=0.8'"
    ] = ()
    perception: Annotated[
        bool, "a map as a further input of the model, from 0 (fidelity) to 1 (perception); for the network sft"
    ] = False
    zoom: Zoom = (1.0, 1.0)
    loss: Annotated[PictureLoss, "loss function"] = "l1"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_same_size("upscale", self.degradations)


def _encode(settings: Upscale, picture: Picture) -> Array:
    """Return the model's input. Alpha is a further batch item, and the colors are premultiplied by it."""
    colors, alpha = picture.colors(), picture.alpha()
    if alpha is None:
        return for_model(colors, settings.color)
    return np.concatenate([for_model(part, settings.color) for part in (colors * alpha, alpha)])


def _decode(settings: Upscale, y: Array, source: Picture) -> Picture:
    height, width = (settings.scale * side for side in source.size)
    last = 1 if settings.color or source.is_gray else 3
    channels = 3 if settings.color else 1
    require_planes(y, last + source.has_alpha, channels, (height, width))
    colors = from_model(y[:last], settings.color, source.is_gray)
    alpha = source.alpha()
    if alpha is None:
        return noted_channels(source.with_colors(colors), settings.color)
    nearest = alpha.repeat(settings.scale, axis=0).repeat(settings.scale, axis=1)
    opacity = _settled(from_model(y[last:], settings.color, gray=True), nearest)
    visible = opacity > INVISIBLE
    plain = np.divide(colors, opacity, out=np.zeros_like(colors), where=visible)
    return noted_channels(source.with_colors(plain, opacity), settings.color)


def _settled(opacity: Array, nearest: Array) -> Array:
    """Return alpha, set to exactly 0 or 1 where the source's was and the model's is close."""
    opacity = np.clip(opacity, 0, 1)
    settled = ((nearest == 1) & (opacity > 1 - NEARLY)) | ((nearest == 0) & (opacity < NEARLY))
    return np.where(settled, nearest, opacity)


def _make_pair(settings: Upscale, clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    """Return the pair; rows and columns beyond the last multiple of the scale are cut."""
    height, width = (side - side % settings.scale for side in clean.size)
    if 0 in (height, width):
        raise WrongShape(
            f"The picture is {clean.size[0]}×{clean.size[1]} (height × width); to upscale {settings.scale} times, "
            f"both sides must be at least {settings.scale}."
        )
    target = clean.with_colors(as_kind(clean, settings.color)[:height, :width])
    small = shrink(target.colors(), settings.scale, eight_bit=target.depth == "8")
    if not settings.degradations:
        return target.with_colors(small), target
    degraded = chain(small, rng, settings.degradations)
    return in_floats(target.with_colors(small), degraded), in_floats(target, target.colors())


def _domain(settings: Upscale) -> Domain:
    """Return the pictures the model is for: clean ones, or any if it was trained on a chain of degradations."""
    color: Literal["any", "gray"] = "any" if settings.color else "gray"
    if settings.degradations:
        return Domain(impulses=0.0, color=color)
    return Domain(noise=0.0, impulses=0.0, blur=0.0, jpeg=CLEAN_JPEG, color=color)


def _task(settings: Upscale) -> Task:
    task = _plain(settings)
    return with_perception(task) if settings.perception else task


def _plain(settings: Upscale) -> Task:
    channels = 3 if settings.color else 1
    encode = partial(_encode, settings)
    return Task(
        name="upscale",
        settings=settings,
        channels=(channels, channels),
        encode=encode,
        decode=partial(_decode, settings),
        encode_target=encode,
        make_pair=partial(_make_pair, settings),
        random=bool(settings.degradations),
        loss=loss_named(settings.loss),
        metrics=(MetricSpec("psnr-y", {"scale": settings.scale}), MetricSpec("ssim-wang", {"border": settings.scale})),
        scale=settings.scale,
        domain=_domain(settings),
        keeps_colors=True,
        filters=(f"lanczos scale={settings.scale}",),
        zoom=settings.zoom,
    )


make = TaskMaker(
    Upscale,
    _task,
    pair_scales=(2, 3, 4),
    training=TrainingDefaults("compact", patch_size=48, batch_size=16, lr=2e-3, optimizer="muon"),
)
