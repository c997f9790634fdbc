"""Segment: photo to class map, written with the encoding of the training masks."""

from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.losses import ClassLoss, loss_named
from repix.masks import IGNORED, Encoding, palette_of
from repix.masks.encoding import Ignored, Kind, Names, Palette, Values
from repix.parameters import Bounds
from repix.pictures.picture import Picture
from repix.tasks import Domain, MetricSpec, Settings, Task, TaskCommand, TaskMaker, TrainingDefaults, Zoom
from repix.tasks._planes import lightness, red_green_blue, require_planes
from repix.tasks._training import wide_context

COMMAND: TaskCommand = {
    "summary": "Segment photos: predict the class of each pixel.",
    "help": """Segment photos: predict the class of each pixel, and write masks with the encoding of the training masks.

Masks of JPEG, WebP and AVIF photos are PNG files, because lossy compression would change classes. A PNG whose levels
are close to each other gets a palette to make them visible; its indices are the levels.""",
    "options": ("overlay", "probabilities"),
}


@dataclass(frozen=True)
class Segment(Settings):
    """Settings of segment: the fields of an `Encoding`, and settings of training."""

    values: Values
    kind: Kind = "levels"
    ignored: Ignored = None
    palette: Palette = ()
    names: Names = ()
    color: Annotated[bool, "the model gets the photo in color, otherwise in gray"] = True
    weights: Annotated[
        tuple[float, ...], "weight of each class in cross-entropy; default: equal weights", Bounds(0, 1_000_000)
    ] = ()
    rotations: Annotated[bool, "training also rotates photos by 90°, 180° and 270°; otherwise it only flips them"] = (
        False
    )
    zoom: Zoom = (1.0, 1.0)
    photometric_jitter: Annotated[
        float,
        "augmentation: largest relative change of brightness, contrast and tint",
        Bounds(0, 0.9),
    ] = 0.0
    loss: Annotated[ClassLoss, "loss function"] = "cross-entropy"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.encoding.classes < 2:
            raise WrongUse(f"values has {len(self.values)} entries; there must be 2 to {IGNORED}, one for each class.")
        if len(self.weights) not in (0, len(self.values)):
            raise WrongUse(f"weights has {len(self.weights)} values; there are {len(self.values)} classes.")
        if self.weights and (self.loss != "cross-entropy" or not any(self.weights)):
            raise WrongUse("weights need the loss cross-entropy, and one of them must be more than 0.")

    @property
    def encoding(self) -> Encoding:
        """Encoding of the masks."""
        return Encoding(**{field.name: getattr(self, field.name) for field in fields(Encoding)})


def settings_for(encoding: Encoding) -> dict[str, Any]:
    """Return settings for an encoding, such as `repix.data.check(folder, "segment").encoding`.

    `settings.encoding` is the inverse.

    >>> make(settings_for(Encoding("levels", (0, 255)))).channels
    (3, 2)
    """
    return encoding.to_dict()


def _labels(encoding: Encoding, mask: Picture) -> NDArray[np.uint8]:
    """Return the class ids 1×H×W of a mask; ignored pixels are 255."""
    return encoding.ids_of(mask)[np.newaxis]


def _mask(encoding: Encoding, y: Array, source: Picture) -> Picture:
    """Return the mask with the most probable class of each pixel; among equal ones, the first."""
    require_planes(y, 1, encoding.classes, source.size)
    pixels = encoding.to_pixels(y[0].argmax(axis=0))
    palette = palette_of(encoding) if encoding.kind == "levels" else ()
    return replace(source, pixels=pixels, profile=None, palette=palette)  # a color profile has no meaning for classes


def jittered(strength: float, photo: Picture, rng: np.random.Generator) -> Picture:
    """Return the photo with random brightness, tint (a factor for each channel) and contrast, in this order."""
    colors = photo.colors()
    tint = 1 + strength / 3 * rng.uniform(-1, 1, colors.shape[2])
    brightness, contrast = 1 + strength * rng.uniform(-1, 1, 2)
    scaled = colors * np.float32(brightness * tint)
    result = np.clip((scaled - scaled.mean()) * np.float32(contrast) + scaled.mean(), 0, 1)
    return photo.with_colors(result.astype(colors.dtype), depth="float")


def _task(settings: Segment) -> Task:
    loss = loss_named(settings.loss)
    encoding = settings.encoding
    labels = {"classes": encoding.classes, "ignore_index": IGNORED}
    return Task(
        name="segment",
        settings=settings,
        channels=(3 if settings.color else 1, encoding.classes),
        encode=red_green_blue if settings.color else lightness,
        decode=partial(_mask, encoding),
        encode_target=partial(_labels, encoding),
        make_pair=None,
        loss=partial(loss, weights=settings.weights) if settings.weights else loss,
        rotations=settings.rotations,
        augment=partial(jittered, settings.photometric_jitter) if settings.photometric_jitter else None,
        zoom=settings.zoom,
        metrics=(MetricSpec("miou", labels), MetricSpec("pixel-accuracy", labels)),
        logits=True,
        masks=encoding,
        domain=Domain(color="color") if settings.color else Domain(color="gray"),
        unknown=("the encoding and names of its classes: 0, 1, 2 and so on, unless you gave them",),
    )


make = TaskMaker(
    Segment,
    _task,
    mask_settings=settings_for,
    training=TrainingDefaults(
        "efficient-unet",
        patch_size=224,
        lr=2e-3,
        optimizer="muon",
        network_settings=wide_context(2),
        settings={"zoom": (0.7, 1.6), "photometric_jitter": 0.3},
    ),
)
