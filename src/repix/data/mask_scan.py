"""What the numbers or colours of masks mean, found by looking at all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongUse
from repix.masks import Encoding, RawMask
from repix.masks.encoding import MOST_CLASSES, KindName, packed_as, pixels_as
from repix.masks.palettes import voc_color

SPECKLED_FROM = 4
"""Distinct values from which smearing is asked about; fewer have no room for in-between values."""
MOST_VALUES = 4096
"""More distinct values than this in one mask are not counted one by one."""


@dataclass(frozen=True)
class MaskScan:
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

    def counts_as(self, kind: KindName) -> dict[int, int]:
        """Pixels of each value, the values in another way of writing.

        >>> MaskScan("palette", {0: 5, 1: 4, 2: 1}, {}, (0xff0000, 0xffffff, 0xff0000)).counts_as("colours")
        {16711680: 6, 16777215: 4}
        """
        if kind != "colours" or self.kind == "colours":
            return self.counts
        counts: dict[int, int] = {}
        for value, pixels in self.counts.items():
            colour = self.palette[value] if self.kind == "palette" else value * 0x10101
            counts[colour] = counts.get(colour, 0) + pixels
        return counts


def scan_mask(mask: RawMask) -> MaskScan:
    """Count a mask's values."""
    kind = "grey" if mask.is_grey else mask.kind
    packed = packed_as(pixels_as(mask, _KINDS[kind]), _KINDS[kind])
    found, counts = _counted(packed)
    if len(found) > MOST_VALUES:
        return MaskScan(kind, {}, {})
    alone = dict(zip(*(part.tolist() for part in _counted(packed[_lonely(packed)])), strict=True))
    lonely = {value: alone.get(value, 0) for value in found.tolist()}
    return MaskScan(kind, dict(zip(found.tolist(), counts.tolist(), strict=True)), lonely, mask.palette)


def _counted(packed: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The values that occur, and how often."""
    if packed.dtype.itemsize > 2:
        return np.unique(packed, return_counts=True)
    counts = np.bincount(packed.reshape(-1))
    found = np.flatnonzero(counts)
    return found, counts[found]


def detect(looks: Iterable[MaskScan], ignored: int | None = None, names: Mapping[int, str] | None = None) -> Encoding:
    """The encoding that masks share. What was smeared by JPEG or resizing is refused with the reason.

    `ignored` is the label that counts for nothing; where the values are 0 to K-1 and 255, it is 255. `names` are those
    of the classes that the layout promises, by value, which a small folder need not all show.

    >>> detect([MaskScan("grey", {0: 9, 1: 3, 2: 4, 255: 1}, {0: 0, 1: 0, 2: 0, 255: 0})]).ignored
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
    written = (*classes, *([] if ignored is None else [ignored]))
    colours = tuple(_colour(value, looks) for value in written) if kind == "palette" else ()
    if len(set(colours)) < len(colours):
        raise WrongUse(
            "The palette has one colour for two classes, which nobody can tell apart in a result; give every class a "
            "colour of its own, or save the masks as grey levels."
        )
    return Encoding(kind, classes, ignored, colours, tuple(promised[value] for value in classes if promised))


_KINDS: dict[str, KindName] = {"grey": "levels", "palette": "palette", "colours": "colours"}


def _common_kind(looks: list[MaskScan]) -> KindName:
    kinds = {look.kind for look in looks}
    if kinds == {"grey"} or (kinds == {"grey", "palette"} and _shows_levels(looks)):
        return "levels"
    if kinds == {"palette"} and _palettes_agree(looks):
        return "palette"
    return "colours"


def _shows_levels(looks: list[MaskScan]) -> bool:
    """Whether the palettes are what repix shows levels with, so that an index is a level like the others."""
    return all(colour == voc_color(index) for index, colour in _palette(looks).items())


def _palettes_agree(looks: list[MaskScan]) -> bool:
    """Whether an index that two masks use has the same colour in both."""
    seen = _palette(looks)
    return all(seen[value] == look.palette[value] for look in looks for value in look.counts)


def _colour(value: int, looks: list[MaskScan]) -> int:
    """The colour of an index in a mask that uses it; else in any mask; else grey, the lighter the larger the index."""
    others = (look.palette[value] for look in looks if value < len(look.palette))
    return _palette(looks).get(value, next(others, value * 0x10101))


def _palette(looks: list[MaskScan]) -> dict[int, int]:
    """The colour of each index that is used."""
    return {value: look.palette[value] for look in looks if look.palette for value in look.counts}


def _lonely(packed: NDArray[Any]) -> NDArray[np.bool_]:
    """Where none of the four neighbours has the same value."""
    alone = np.ones(packed.shape, bool)
    down, across = packed[1:] == packed[:-1], packed[:, 1:] == packed[:, :-1]
    alone[1:] &= ~down
    alone[:-1] &= ~down
    alone[:, 1:] &= ~across
    alone[:, :-1] &= ~across
    return alone
