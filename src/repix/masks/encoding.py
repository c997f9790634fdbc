"""How classes are written: grey levels, indices into a palette, or colours; turned into class ids and back.

A mask has two forms. In its file it is H×W of levels or indices, or H×W×3 of colours. As a `Picture`, which has no
palette, it shows an index as its colour. Both give the same ids.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unreadable, WrongDtype, WrongShape, WrongUse
from repix.masks.palettes import palette_of
from repix.masks.raw import RawMask, read_mask
from repix.parameters import Bounds
from repix.pictures import Picture
from repix.settings import Settings

IGNORED = 255
"""The id of pixels that count for nothing."""
MOST_CLASSES = 255
WHITE = 0xFFFFFF
HIGHEST = {"levels": 65535, "palette": 255, "colours": WHITE}
"""The highest value of each kind."""

Ids = NDArray[np.uint8]
KindName = Literal["levels", "palette", "colours"]

VALUE = Bounds(0, WHITE)
Kind = Annotated[KindName, "what the values are"]
Values = Annotated[tuple[int, ...], "how each class is written: a level, an index, or a colour as 0xRRGGBB", VALUE]
Ignored = Annotated[int | None, "how pixels are written that count for nothing", VALUE]
Palette = Annotated[tuple[int, ...], "the colours of indices, then of what is ignored, as 0xRRGGBB", VALUE]
Names = Annotated[tuple[str, ...], "the classes' names, where they are known"]


@dataclass(frozen=True)
class Encoding(Settings):
    """How classes are written in masks: class k is `values[k]`, and what is `ignored` has the id 255.

    >>> binary = Encoding("levels", (0, 255))
    >>> binary.to_ids(np.array([[0, 255]], np.uint8)).tolist()
    [[0, 1]]
    >>> binary.from_ids(np.array([[1, 0]], np.uint8)).tolist()
    [[255, 0]]
    """

    kind: Kind
    values: Values
    ignored: Ignored = None
    palette: Palette = ()
    names: Names = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        everything = self.everything
        if len(self.values) > MOST_CLASSES or len(set(everything)) < len(everything):
            raise WrongUse(
                f"values hold {len(self.values)} classes; there must be 1 to {MOST_CLASSES}, and all of them, and what "
                "is ignored, written differently."
            )
        if max(everything) > HIGHEST[self.kind]:
            raise WrongUse(f"values or ignored hold {max(everything)}; {self.kind} go up to {HIGHEST[self.kind]}.")
        wanted = len(everything) if self.kind == "palette" else 0
        if not len(set(self.palette)) == len(self.palette) == wanted:
            shown = ", ".join(f"#{colour:06x}" for colour in self.palette) or "no colours"
            raise WrongUse(f"palette holds {shown}; {self.kind} need {wanted} different colours there.")
        if self.names and len(self.names) != len(self.values):
            raise WrongUse(f"names holds {len(self.names)}; there are {len(self.values)} classes.")

    @property
    def classes(self) -> int:
        """How many there are, without what is ignored."""
        return len(self.values)

    @property
    def seen(self) -> "Encoding":
        """The same classes as a picture shows them, which has no palette.

        >>> Encoding("palette", (0, 1), palette=(0x000000, 0xff0000)).seen.values
        (0, 16711680)
        """
        if self.kind != "palette":
            return self
        ignored = None if self.ignored is None else self.palette[-1]
        return replace(self, kind="colours", values=self.palette[: self.classes], ignored=ignored, palette=())

    def to_ids(self, mask: NDArray[Any]) -> Ids:
        """Class ids H×W of a mask as it stands in its file: H×W, or H×W×3 where the classes are colours."""
        packed = packed_as(mask, self.kind)
        found, places = np.unique(packed, return_inverse=True)
        table = dict(zip(self.everything, [*range(self.classes), IGNORED], strict=False))
        strange = [int(value) for value in found if int(value) not in table]
        if strange:
            row, column = np.argwhere(packed == strange[0])[0]
            raise WrongUse(
                f"The mask holds {self.written(strange[0])} in row {row} and column {column}, counted from 0; "
                f"the classes are {', '.join(self.written(value) for value in table)}."
            )
        ids: Ids = np.array([table[int(value)] for value in found], np.uint8)[places].reshape(packed.shape)
        return ids

    def from_ids(self, ids: NDArray[Any]) -> NDArray[Any]:
        """The mask as it would stand in a file: H×W of levels or indices, or H×W×3 of colours."""
        if ids.ndim != 2 or ids.dtype.kind not in "ui":
            raise WrongShape(f"The ids are {ids.dtype} of shape {ids.shape}; they must be whole numbers, H×W.")
        wrong = ids[(ids >= self.classes) & ((ids != IGNORED) | (self.ignored is None)) | (ids < 0)]
        if wrong.size:
            raise WrongUse(f"The ids hold {wrong[0]}; there are {self.classes} classes, counted from 0.")
        table = np.zeros(IGNORED + 1, np.uint32)
        table[: self.classes] = self.values
        table[IGNORED] = table[IGNORED] if self.ignored is None else self.ignored
        values: NDArray[np.uint32] = table[ids]
        if self.kind == "colours":
            return np.stack([values >> 16, values >> 8 & 255, values & 255], axis=2).astype(np.uint8)
        return values.astype(np.uint8 if max(self.everything) < 256 else np.uint16)

    def ids_of(self, mask: Picture) -> Ids:
        """Class ids H×W of a mask that was read as a picture, also one that shows levels as colours; without alpha."""
        pixels = mask.pixels[:, :, : 1 if mask.is_grey else 3]
        if self.seen.kind == "colours":
            return self.seen.to_ids(np.broadcast_to(pixels, (*mask.size, 3)))
        if (pixels == pixels[:, :, :1]).all() and (mask.is_grey or np.isin(pixels, self.everything).all()):
            return self.to_ids(pixels[:, :, 0])
        palette = palette_of(self)
        if not palette:
            raise WrongShape("The mask has colours, but its classes are written as grey levels.")
        values = tuple(palette[value] for value in self.values)
        ignored = None if self.ignored is None else palette[self.ignored]
        return replace(self, kind="colours", values=values, ignored=ignored).to_ids(pixels)

    def drawn(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Class ids H×W as the pixels H×W×C of a picture; an index into a palette becomes its colour.

        >>> Encoding("palette", (0, 1), palette=(0x000000, 0xff0000)).drawn(np.array([[1]], np.uint8)).tolist()
        [[[255, 0, 0]]]
        """
        pixels = self.seen.from_ids(ids)
        return pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]

    def read(self, path: Path | str) -> Ids:
        """The class ids of a mask file."""
        mask = read_mask(path)
        try:
            if self.kind == "palette" and mask.kind == "colours":
                return self.seen.to_ids(mask.pixels)
            indexed = self.kind == "palette" and mask.kind == "grey", self.kind == "levels" and mask.kind == "palette"
            return self.to_ids(mask.pixels if any(indexed) else pixels_as(mask, self.kind))
        except WrongUse as problem:
            raise Unreadable(f"{path}: {problem}") from None

    def written(self, value: int) -> str:
        """A class's value as a person would say it.

        >>> Encoding("colours", (0x00ff00,)).written(0x00ff00)
        '#00ff00'
        """
        return f"#{value:06x}" if self.kind == "colours" else str(value)

    def __str__(self) -> str:
        shown = [self.written(value) for value in self.values]
        listed = f"{shown[0]} to {shown[-1]}" if self.values == tuple(range(len(shown))) else ", ".join(shown[:12])
        more = f" and {len(shown) - 12} more" if len(shown) > 12 and " to " not in listed else ""
        word = {"levels": "levels", "palette": "palette indices", "colours": "colours"}[self.kind]
        without = "" if self.ignored is None else f", {self.written(self.ignored)} ignored"
        return f"{self.classes} classes as {word} {listed}{more}{without}"

    @property
    def everything(self) -> tuple[int, ...]:
        """The value of each class, and then of what is ignored."""
        return self.values if self.ignored is None else (*self.values, self.ignored)


def pixels_as(mask: RawMask, kind: KindName) -> NDArray[Any]:
    """The mask's pixels in another way of writing where it has one."""
    if kind == "levels" and mask.is_grey:
        return mask.pixels if mask.pixels.ndim == 2 else mask.pixels[:, :, 0]
    if kind == "palette" and mask.kind == "palette":
        return mask.pixels
    if kind == "colours":
        if mask.kind == "palette":
            table = np.array([[c >> 16, c >> 8 & 255, c & 255] for c in mask.palette], np.uint8)
            colours: NDArray[np.uint8] = table[mask.pixels]
            return colours
        return mask.pixels if mask.pixels.ndim == 3 else np.repeat(mask.pixels[:, :, None], 3, axis=2)
    raise WrongUse(f"The mask is written as {mask.kind}, and the others as {kind}; write them all alike.")


def packed_as(mask: NDArray[Any], kind: KindName) -> NDArray[Any]:
    """One whole number for each pixel, H×W."""
    if mask.dtype.kind not in "ui":
        raise WrongDtype(f"The mask holds floats or the like ({mask.dtype}); classes are whole numbers.")
    if kind != "colours":
        if mask.ndim != 2:
            raise WrongShape(f"The mask has shape {mask.shape}; it must be H×W.")
        return mask
    if mask.ndim != 3 or mask.shape[2] != 3:
        raise WrongShape(f"The mask has shape {mask.shape}; the classes are colours, so it must be H×W×3.")
    if mask.dtype.itemsize > 1:
        raise WrongDtype(f"The mask has {8 * mask.dtype.itemsize} bits; classes written as colours have 8.")
    wide = mask.astype(np.uint32)
    return wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2]
