"""Masks: what their numbers or colours mean, found by looking, and turned into class ids and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.data.raw import RawMask, read_mask
from repix.errors import Unreadable, WrongDtype, WrongShape, WrongUse

Kind = Literal["levels", "palette", "colours"]
Ids = NDArray[np.uint8]

IGNORED = 255
"""The id of pixels that count for nothing."""
MOST_CLASSES = 255
WHITE = 0xFFFFFF
SPECKLED_FROM = 4
"""Distinct values from which smearing is asked about; fewer have no room for in-between values."""
MOST_VALUES = 4096
"""More distinct values than this in one mask are not counted one by one."""


@dataclass(frozen=True)
class Encoding:
    """How classes are written in mask files: class k is `values[k]`.

    >>> binary = Encoding("levels", (0, 255))
    >>> binary.to_ids(np.array([[0, 255]], np.uint8)).tolist()
    [[0, 1]]
    >>> binary.from_ids(np.array([[1, 0]], np.uint8)).tolist()
    [[255, 0]]
    """

    kind: Kind
    values: tuple[int, ...]
    """Grey levels, indices into the palette, or colours as 0xRRGGBB."""
    ignored: int | None = None
    """The value of pixels that count for nothing; their id is 255."""
    palette: tuple[int, ...] = ()
    """For indices: the colour of each class, and then of what is ignored, as 0xRRGGBB."""
    names: tuple[str, ...] = ()
    """The classes' names, where they are known."""

    def __post_init__(self) -> None:
        if self.kind not in ("levels", "palette", "colours"):
            raise WrongUse(f"kind is {self.kind!r}; choose from levels, palette, colours.")
        everything = [*self.values, *([] if self.ignored is None else [self.ignored])]
        if not self.values or len(self.values) > MOST_CLASSES or len(set(everything)) < len(everything):
            raise WrongUse(f"values are {self.values}, ignored is {self.ignored}; classes must be 1 to 255 and differ.")
        if self.names and len(self.names) != len(self.values):
            raise WrongUse(f"There are {len(self.names)} names for {len(self.values)} classes.")

    @property
    def classes(self) -> int:
        """How many there are, without what is ignored."""
        return len(self.values)

    def to_ids(self, mask: NDArray[Any]) -> Ids:
        """Class ids H×W of a mask H×W, or H×W×3 where the classes are colours."""
        packed = _packed(mask, self.kind)
        table = {value: id_ for id_, value in enumerate(self.values)}
        if self.ignored is not None:
            table[self.ignored] = IGNORED
        found, places = np.unique(packed, return_inverse=True)
        strange = [int(value) for value in found if int(value) not in table]
        if strange:
            row, column = np.argwhere(packed == strange[0])[0]
            raise WrongUse(
                f"The mask holds {_written(strange[0], self.kind)} in row {row} and column {column}, counted from 0; "
                f"the classes are {', '.join(_written(value, self.kind) for value in self.values)}."
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
        return values.astype(np.uint8 if max(*self.values, self.ignored or 0, 0) < 256 else np.uint16)

    def read(self, path: Path | str) -> Ids:
        """The class ids of a mask file."""
        try:
            return self.to_ids(_as_kind(read_mask(path), self.kind))
        except WrongUse as problem:
            raise Unreadable(f"{path}: {problem}") from None

    def to_json(self) -> dict[str, Any]:
        """Numbers, texts and lists of them; what is not there is left out, so that TOML can hold it too."""
        record = {"kind": self.kind, "values": list(self.values)}
        more = {"ignored": self.ignored, "palette": list(self.palette), "names": list(self.names)}
        return record | {key: value for key, value in more.items() if value not in (None, [])}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Encoding":
        """The encoding of a record; unknown keys are refused."""
        keys = {"kind", "values", "ignored", "palette", "names"}
        lists = {key: record.get(key, []) for key in ("values", "palette", "names")}
        sound = set(record) <= keys and all(isinstance(value, list) for value in lists.values())
        numbers = [*lists["values"], *lists["palette"], record.get("ignored", 0)] if sound else []
        sound = sound and all(isinstance(number, int) and 0 <= number <= WHITE for number in numbers)
        if not sound or not all(isinstance(name, str) for name in lists["names"]):
            raise WrongUse(f"The record of a mask encoding is not one that repix made: {dict(record)!r:.200}.")
        return cls(
            record.get("kind", ""), ignored=record.get("ignored"), **{key: tuple(value) for key, value in lists.items()}
        )

    def written(self, value: int) -> str:
        """A class's value as a person would say it.

        >>> Encoding("colours", (0x00ff00,)).written(0x00ff00)
        '#00ff00'
        """
        return _written(value, self.kind)

    def __str__(self) -> str:
        shown = [_written(value, self.kind) for value in self.values]
        listed = f"{shown[0]} to {shown[-1]}" if self.values == tuple(range(len(shown))) else ", ".join(shown[:12])
        more = f" and {len(shown) - 12} more" if len(shown) > 12 and " to " not in listed else ""
        word = {"levels": "levels", "palette": "palette indices", "colours": "colours"}[self.kind]
        without = "" if self.ignored is None else f", {_written(self.ignored, self.kind)} ignored"
        return f"{self.classes} classes as {word} {listed}{more}{without}"


@dataclass(frozen=True)
class MaskLook:
    """What one mask holds, counted."""

    kind: str
    """`grey`, `palette` or `colours`."""
    counts: dict[int, int]
    """Pixels of each value; empty where there are more values than could be counted."""
    lonely: dict[int, int]
    """Of those, the pixels that none of their four neighbours equals."""
    palette: tuple[int, ...] = ()

    @property
    def smeared(self) -> bool:
        """Whether half of its many values are specks: JPEG and smooth resizing make them, people do not draw them."""
        specks = sum(2 * self.lonely[value] > self.counts[value] for value in self.counts)
        return not self.counts or (len(self.counts) >= SPECKLED_FROM and 2 * specks >= len(self.counts))

    def counts_as(self, kind: Kind) -> dict[int, int]:
        """Pixels of each value, the values in another way of writing.

        >>> MaskLook("palette", {0: 5, 1: 4, 2: 1}, {}, (0xff0000, 0xffffff, 0xff0000)).counts_as("colours")
        {16711680: 6, 16777215: 4}
        """
        if kind != "colours" or self.kind == "colours":
            return self.counts
        counts: dict[int, int] = {}
        for value, pixels in self.counts.items():
            colour = self.palette[value] if self.kind == "palette" else value * 0x10101
            counts[colour] = counts.get(colour, 0) + pixels
        return counts


def look_at(mask: RawMask) -> MaskLook:
    """Count a mask's values."""
    kind = "grey" if mask.is_grey else mask.kind
    packed = _packed(_as_kind(mask, _KINDS[kind]), _KINDS[kind])
    found, counts = _counted(packed)
    if len(found) > MOST_VALUES:
        return MaskLook(kind, {}, {})
    alone = dict(zip(*(part.tolist() for part in _counted(packed[_lonely(packed)])), strict=True))
    lonely = {value: alone.get(value, 0) for value in found.tolist()}
    return MaskLook(kind, dict(zip(found.tolist(), counts.tolist(), strict=True)), lonely, mask.palette)


def _counted(packed: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The values that occur, and how often."""
    if packed.dtype.itemsize > 2:
        return np.unique(packed, return_counts=True)
    counts = np.bincount(packed.reshape(-1))
    found = np.flatnonzero(counts)
    return found, counts[found]


def detect(looks: Iterable[MaskLook], ignored: int | None = None, names: Mapping[int, str] | None = None) -> Encoding:
    """The encoding that masks share. What was smeared by JPEG or resizing is refused with the reason.

    `ignored` is the label that counts for nothing; where the values are 0 to K-1 and 255, it is 255. `names` are those
    of the classes that the layout promises, by value, which a small folder need not all show.

    >>> detect([MaskLook("grey", {0: 9, 1: 3, 2: 4, 255: 1}, {0: 0, 1: 0, 2: 0, 255: 0})]).ignored
    255
    """
    looks = list(looks)
    if not looks:
        raise WrongUse("There are no masks to look at.")
    if any(look.smeared for look in looks):
        look = next(look for look in looks if look.smeared)
        many = f"{len(look.counts)}" if look.counts else f"more than {MOST_VALUES}"
        raise WrongUse(
            f"A mask holds {many} different values, most of them single specks: JPEG or smooth resizing has mixed the "
            "classes. Export the masks again as PNG, and resize them by nearest neighbour only."
        )
    kind = _common_kind(looks)
    values = {value for look in looks for value in look.counts_as(kind)}
    everyday = sorted(values - {255})
    if ignored is None and kind != "colours" and 255 in values and len(everyday) > 1:
        ignored = 255 if everyday == list(range(len(everyday))) else None
    promised = dict(names or {}) if kind != "colours" and values - {ignored} <= set(names or {}) else {}
    classes = tuple(sorted((values | promised.keys()) - {ignored}))
    if not 1 <= len(classes) <= MOST_CLASSES:
        raise WrongUse(
            f"The masks hold {len(classes)} different values; at most {MOST_CLASSES} can be classes. Are these masks?"
        )
    colours = tuple(_palette(looks).get(value, 0) for value in (*classes, ignored) if value is not None)
    return Encoding(
        kind,
        classes,
        ignored,
        colours if kind == "palette" else (),
        tuple(promised[value] for value in classes if promised),
    )


_KINDS: dict[str, Kind] = {"grey": "levels", "palette": "palette", "colours": "colours"}


def _common_kind(looks: list[MaskLook]) -> Kind:
    kinds = {look.kind for look in looks}
    if kinds == {"grey"}:
        return "levels"
    if kinds == {"palette"} and _palettes_agree(looks):
        return "palette"
    return "colours"


def _palettes_agree(looks: list[MaskLook]) -> bool:
    """Whether an index that two masks use has the same colour in both."""
    seen = _palette(looks)
    return all(seen[value] == look.palette[value] for look in looks for value in look.counts)


def _palette(looks: list[MaskLook]) -> dict[int, int]:
    """The colour of each index that is used."""
    return {value: look.palette[value] for look in looks if look.palette for value in look.counts}


def _as_kind(mask: RawMask, kind: Kind) -> NDArray[Any]:
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


def _packed(mask: NDArray[Any], kind: Kind) -> NDArray[Any]:
    """One whole number for each pixel, H×W."""
    if mask.dtype.kind not in "ui":
        raise WrongDtype(f"The mask is {mask.dtype}; classes are whole numbers.")
    if kind == "colours":
        if mask.ndim != 3 or mask.shape[2] != 3:
            raise WrongShape(f"The mask has shape {mask.shape}; the classes are colours, so it must be H×W×3.")
        wide = mask.astype(np.uint32)
        return wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2]
    if mask.ndim != 2:
        raise WrongShape(f"The mask has shape {mask.shape}; it must be H×W.")
    return mask


def _lonely(packed: NDArray[Any]) -> NDArray[np.bool_]:
    """Where none of the four neighbours has the same value."""
    alone = np.ones(packed.shape, bool)
    down, across = packed[1:] == packed[:-1], packed[:, 1:] == packed[:, :-1]
    alone[1:] &= ~down
    alone[:-1] &= ~down
    alone[:, 1:] &= ~across
    alone[:, :-1] &= ~across
    return alone


def _written(value: int, kind: Kind) -> str:
    return f"#{value:06x}" if kind == "colours" else str(value)
