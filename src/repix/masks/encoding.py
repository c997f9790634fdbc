"""Encoding of classes in masks: gray levels, palette indices or colors, converted to class ids and back.

A mask file contains levels or indices H×W, or colors H×W×3. A mask read as a `Picture` contains the palette's colors
instead of indices. Both give the same class ids.
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
"""Class id of ignored pixels."""
MOST_CLASSES = 255
WHITE = 0xFFFFFF
HIGHEST = {"levels": 65535, "palette": 255, "colors": WHITE}
"""Largest value of each kind."""

Ids = NDArray[np.uint8]
KindName = Literal["levels", "palette", "colors"]

VALUE = Bounds(0, WHITE)
Kind = Annotated[KindName, "kind of the values: gray levels, palette indices or colors"]
Values = Annotated[tuple[int, ...], "value of each class: a level, an index, or a color as 0xRRGGBB", VALUE]
Ignored = Annotated[int | None, "value of ignored pixels", VALUE]
Palette = Annotated[tuple[int, ...], "colors of the classes' indices, then of the ignored index, as 0xRRGGBB", VALUE]
Names = Annotated[tuple[str, ...], "names of the classes"]


@dataclass(frozen=True)
class Encoding(Settings):
    """The values of classes in masks: class k is stored as `values[k]`; the value `ignored` has the id 255.

    Raises:
        WrongUse: two classes share a value, a value is out of range, or palette or names do not fit.

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
        values = self.all_values
        if len(self.values) > MOST_CLASSES or len(set(values)) < len(values):
            raise WrongUse(
                f"values has {len(self.values)} classes; it must have 1 to {MOST_CLASSES} different values, which also "
                "differ from ignored."
            )
        if max(values) > HIGHEST[self.kind]:
            raise WrongUse(f"values or ignored has {max(values)}; the largest of {self.kind} is {HIGHEST[self.kind]}.")
        wanted = len(values) if self.kind == "palette" else 0
        if not len(set(self.palette)) == len(self.palette) == wanted:
            shown = ", ".join(f"#{color:06x}" for color in self.palette) or "no colors"
            raise WrongUse(f"palette is {shown}; it must have {wanted} different colors for {self.kind}.")
        if self.names and len(self.names) != len(self.values):
            raise WrongUse(f"names has {len(self.names)} entries; there are {len(self.values)} classes.")

    @property
    def classes(self) -> int:
        """Number of classes, without the ignored value."""
        return len(self.values)

    @property
    def without_palette(self) -> "Encoding":
        """The same classes encoded as colors, if this encoding uses palette indices.

        >>> Encoding("palette", (0, 1), palette=(0x000000, 0xff0000)).without_palette.values
        (0, 16711680)
        """
        if self.kind != "palette":
            return self
        ignored = None if self.ignored is None else self.palette[-1]
        return replace(self, kind="colors", values=self.palette[: self.classes], ignored=ignored, palette=())

    def to_ids(self, mask: NDArray[Any]) -> Ids:
        """Convert stored values to class ids.

        Args:
            mask: integers, H×W, or H×W×3 for colors.

        Returns:
            Class ids H×W.

        Raises:
            WrongUse: the mask has a value that is not a class.
        """
        packed = packed_as(mask, self.kind)
        found, places = np.unique(packed, return_inverse=True)
        table = dict(zip(self.all_values, [*range(self.classes), IGNORED], strict=False))
        unknown = [int(value) for value in found if int(value) not in table]
        if unknown:
            row, column = np.argwhere(packed == unknown[0])[0]
            raise WrongUse(
                f"The mask has the value {self.value_text(unknown[0])} in row {row}, column {column} (from 0); "
                f"the classes are {', '.join(self.value_text(value) for value in table)}."
            )
        ids: Ids = np.array([table[int(value)] for value in found], np.uint8)[places].reshape(packed.shape)
        return ids

    def from_ids(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Convert class ids H×W to stored values: H×W, or H×W×3 for colors.

        Raises:
            WrongUse: an id is not a class.
            WrongShape: the ids are not integers H×W.
        """
        if ids.ndim != 2 or ids.dtype.kind not in "ui":
            raise WrongShape(f"The ids are {ids.dtype} of shape {ids.shape}; they must be integers H×W.")
        wrong = ids[(ids >= self.classes) & ((ids != IGNORED) | (self.ignored is None)) | (ids < 0)]
        if wrong.size:
            raise WrongUse(f"The ids contain {wrong[0]}; there are {self.classes} classes, with ids from 0.")
        table = np.zeros(IGNORED + 1, np.uint32)
        table[: self.classes] = self.values
        table[IGNORED] = table[IGNORED] if self.ignored is None else self.ignored
        values: NDArray[np.uint32] = table[ids]
        if self.kind == "colors":
            return np.stack([values >> 16, values >> 8 & 255, values & 255], axis=2).astype(np.uint8)
        return values.astype(np.uint8 if max(self.all_values) < 256 else np.uint16)

    def ids_of(self, mask: Picture) -> Ids:
        """Convert a mask that was read as a picture to class ids H×W; alpha is ignored.

        Raises:
            WrongUse: the mask has a value that is not a class.
        """
        pixels = mask.pixels[:, :, : 1 if mask.is_gray else 3]
        if self.without_palette.kind == "colors":
            return self.without_palette.to_ids(np.broadcast_to(pixels, (*mask.size, 3)))
        if (pixels == pixels[:, :, :1]).all() and (mask.is_gray or np.isin(pixels, self.all_values).all()):
            return self.to_ids(pixels[:, :, 0])
        palette = palette_of(self)
        if not palette:
            raise WrongShape("The mask has colors, but its classes are encoded as gray levels.")
        values = tuple(palette[value] for value in self.values)
        ignored = None if self.ignored is None else palette[self.ignored]
        return replace(self, kind="colors", values=values, ignored=ignored).to_ids(pixels)

    def to_pixels(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Convert class ids H×W to the pixels H×W×C of a picture; palette indices become colors.

        >>> Encoding("palette", (0, 1), palette=(0x000000, 0xff0000)).to_pixels(np.array([[1]], np.uint8)).tolist()
        [[[255, 0, 0]]]
        """
        pixels = self.without_palette.from_ids(ids)
        return pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]

    def read(self, path: Path | str) -> Ids:
        """Read a mask file and return its class ids H×W.

        Raises:
            Unreadable: the file cannot be read, or has a value that is not a class.
        """
        mask = read_mask(path)
        try:
            if self.kind == "palette" and mask.kind == "colors":
                return self.without_palette.to_ids(mask.pixels)
            indexed = self.kind == "palette" and mask.kind == "gray", self.kind == "levels" and mask.kind == "palette"
            return self.to_ids(mask.pixels if any(indexed) else pixels_as(mask, self.kind))
        except WrongUse as problem:
            raise Unreadable(f"{path}: {problem}") from None

    def value_text(self, value: int) -> str:
        """Return a value as text for messages.

        >>> Encoding("colors", (0x00ff00,)).value_text(0x00ff00)
        '#00ff00'
        """
        return f"#{value:06x}" if self.kind == "colors" else str(value)

    def __str__(self) -> str:
        shown = [self.value_text(value) for value in self.values]
        listed = f"{shown[0]} to {shown[-1]}" if self.values == tuple(range(len(shown))) else ", ".join(shown[:12])
        more = f" and {len(shown) - 12} more" if len(shown) > 12 and " to " not in listed else ""
        word = {"levels": "levels", "palette": "palette indices", "colors": "colors"}[self.kind]
        without = "" if self.ignored is None else f", {self.value_text(self.ignored)} ignored"
        return f"{self.classes} classes as {word} {listed}{more}{without}"

    @property
    def all_values(self) -> tuple[int, ...]:
        """The value of each class, then the ignored value if there is one."""
        return self.values if self.ignored is None else (*self.values, self.ignored)


def pixels_as(mask: RawMask, kind: KindName) -> NDArray[Any]:
    """Return a mask's pixels as another kind of values.

    Raises:
        WrongUse: the mask cannot be expressed as this kind.
    """
    if kind == "levels" and mask.is_gray:
        return mask.pixels if mask.pixels.ndim == 2 else mask.pixels[:, :, 0]
    if kind == "palette" and mask.kind == "palette":
        return mask.pixels
    if kind == "colors":
        if mask.kind == "palette":
            table = np.array([[c >> 16, c >> 8 & 255, c & 255] for c in mask.palette], np.uint8)
            colors: NDArray[np.uint8] = table[mask.pixels]
            return colors
        return mask.pixels if mask.pixels.ndim == 3 else np.repeat(mask.pixels[:, :, None], 3, axis=2)
    raise WrongUse(f"The mask is stored as {mask.kind}, but the others as {kind}; store all masks in the same way.")


def packed_as(mask: NDArray[Any], kind: KindName) -> NDArray[Any]:
    """Return one integer per pixel, H×W; colors become 0xRRGGBB.

    Raises:
        WrongDtype: the mask has another dtype than integers, or colors of 16 bits.
        WrongShape: the mask has another shape.
    """
    if mask.dtype.kind not in "ui":
        raise WrongDtype(f"The mask is {mask.dtype}; a mask needs integers.")
    if kind != "colors":
        if mask.ndim != 2:
            raise WrongShape(f"The mask has shape {mask.shape}; it must be H×W.")
        return mask
    if mask.ndim != 3 or mask.shape[2] != 3:
        raise WrongShape(f"The mask has shape {mask.shape}; the classes are colors, so it must be H×W×3.")
    if mask.dtype.itemsize > 1:
        raise WrongDtype(f"The mask has {8 * mask.dtype.itemsize} bits; classes encoded as colors need 8 bits.")
    wide = mask.astype(np.uint32)
    return wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2]
