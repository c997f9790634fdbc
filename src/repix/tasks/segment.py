"""Segment: a photo to a map of classes, written as the masks that the model learned from."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import WrongDtype, WrongShape, WrongUse
from repix.parameters import Bounds
from repix.pictures.picture import Picture
from repix.tasks import IGNORED, LOSSES, Metric, Settings, Task, TaskMaker
from repix.tasks._losses import ClassLoss
from repix.tasks._planes import lightness, red_green_blue, require_planes

Labels = NDArray[np.uint8]
Value = Bounds(0, 0xFFFFFF)
HIGHEST = {"values": 65535, "palette": 255, "colours": 0xFFFFFF}


@dataclass(frozen=True)
class Segment(Settings):
    """Class k is written as `values[k]`: 0 and 255, ids, indices into a palette, or colours."""

    values: Annotated[tuple[int, ...], "how each class is written: a level, an index, or a colour as 0xRRGGBB", Value]
    kind: Annotated[Literal["values", "palette", "colours"], "what the values are"] = "values"
    ignored: Annotated[int | None, "how pixels are written that count for nothing", Value] = None
    palette: Annotated[tuple[int, ...], "the colours of indices, then of what is ignored, as 0xRRGGBB", Value] = ()
    names: Annotated[tuple[str, ...], "the classes' names, where they are known"] = ()
    colour: Annotated[bool, "the model sees the photo's colours, otherwise its lightness"] = True
    weights: Annotated[
        tuple[float, ...], "how much each class counts in cross-entropy; left out: all alike", Bounds(0, 1_000_000)
    ] = ()
    loss: Annotated[ClassLoss, "what training makes small"] = "cross-entropy"

    def __post_init__(self) -> None:
        super().__post_init__()
        everything = [*self.values, *([] if self.ignored is None else [self.ignored])]
        if not 2 <= len(self.values) <= IGNORED or len(set(everything)) < len(everything):
            raise WrongUse(
                f"values hold {len(self.values)} classes; there must be 2 to {IGNORED}, written differently."
            )
        highest = HIGHEST[self.kind]
        if max(everything) > highest:
            raise WrongUse(f"values or ignored hold {max(everything)}; {self.kind} go up to {highest}.")
        wanted = len(everything) if self.kind == "palette" else 0
        if len(set(self.palette)) != wanted or len(self.palette) != wanted:
            raise WrongUse(f"palette holds {self.palette}; {self.kind} need {wanted} different colours there.")
        for name in ("names", "weights"):
            if len(getattr(self, name)) not in (0, len(self.values)):
                raise WrongUse(f"{name} holds {len(getattr(self, name))}; there are {len(self.values)} classes.")
        if self.weights and (self.loss != "cross-entropy" or not any(self.weights)):
            raise WrongUse("weights are for cross-entropy, and one of them must be more than 0.")

    @property
    def codes(self) -> dict[int, int]:
        """How classes are written in a picture, levels or colours 0xRRGGBB, and the class number of each."""
        written = self.palette if self.kind == "palette" else self.values
        ids = [*range(len(self.values)), *([] if self.ignored is None else [IGNORED])]
        last = () if self.ignored is None or self.kind == "palette" else (self.ignored,)
        return dict(zip((*written, *last), ids, strict=True))


def _labels(settings: Segment, mask: Picture) -> Labels:
    """Class numbers 1×H×W of a mask; what is ignored is 255."""
    written = _written(settings, mask)
    found, places = np.unique(written, return_inverse=True)
    codes = settings.codes
    for value in found:
        if int(value) not in codes:
            row, column = np.argwhere(written == value)[0]
            known = ", ".join(_named(settings, code) for code in codes)
            raise WrongUse(
                f"The mask holds {_named(settings, int(value))} in row {row} and column {column}, counted from 0; "
                f"its classes are written {known}."
            )
    return np.array([codes[int(value)] for value in found], np.uint8)[places].reshape(1, *mask.size)


def _written(settings: Segment, mask: Picture) -> NDArray[Any]:
    """A whole number for each pixel of a mask, H×W; its alpha does not count."""
    if mask.depth == "float":
        raise WrongDtype("The mask holds floats; classes are whole numbers or colours.")
    pixels = mask.pixels[:, :, : 1 if mask.is_grey else 3]
    if settings.kind == "values":
        if (pixels != pixels[:, :, :1]).any():
            raise WrongShape("The mask has colours, but its classes are written as grey levels.")
        levels: NDArray[Any] = pixels[:, :, 0]
        return levels
    if mask.depth != "8":
        raise WrongDtype("The mask has 16 bits; classes written as colours have 8.")
    red, green, blue = np.moveaxis(np.broadcast_to(pixels, (*mask.size, 3)).astype(np.uint32), 2, 0)
    codes: NDArray[Any] = red << 16 | green << 8 | blue
    return codes


def _named(settings: Segment, code: int) -> str:
    return str(code) if settings.kind == "values" else f"#{code:06x}"


def _mask(settings: Segment, y: Array, source: Picture) -> Picture:
    """The likeliest class of each pixel, as its mask would be drawn; of two that are equally likely, the first."""
    require_planes(y, 1, len(settings.values), source.size)
    codes = list(settings.codes)
    written = np.array(codes[: len(settings.values)], np.uint32)[y[0].argmax(axis=0)]
    if settings.kind == "values":
        pixels = written.astype(np.uint8 if max(codes) < 256 else np.uint16)[:, :, np.newaxis]
    else:
        pixels = np.stack([written >> 16, written >> 8 & 255, written & 255], axis=2).astype(np.uint8)
    return replace(source, pixels=pixels, profile=None)  # classes are no colours that a profile could describe


def _task(settings: Segment) -> Task:
    loss = LOSSES[settings.loss]
    labels = {"classes": len(settings.values), "ignore_label": IGNORED}
    return Task(
        name="segment",
        settings=settings,
        channels=(3 if settings.colour else 1, len(settings.values)),
        encode=red_green_blue if settings.colour else lightness,
        decode=partial(_mask, settings),
        encode_target=partial(_labels, settings),
        make_pair=None,
        loss=partial(loss, weights=settings.weights) if settings.weights else loss,
        metrics=(Metric("miou", labels), Metric("pixel-accuracy", labels)),
        scores=True,
    )


make = TaskMaker(Segment, _task)
