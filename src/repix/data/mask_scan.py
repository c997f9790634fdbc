"""Detect the encoding of masks from the values of all of them."""

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
"""Distinct values from which a mask is checked for interpolated values."""
MOST_VALUES = 4096
"""Largest number of distinct values of a mask that are counted."""


@dataclass(frozen=True)
class MaskScan:
    """Statistics of one mask."""

    kind: str
    """`gray`, `palette` or `colors`."""
    counts: dict[int, int]
    """Pixels of each value; empty if there are too many values."""
    isolated: dict[int, int]
    """Pixels of each value that differ from their four neighbors."""
    palette: tuple[int, ...] = ()

    @property
    def smeared(self) -> bool:
        """True if half of the values are isolated pixels, as JPEG and interpolation create them."""
        specks = sum(2 * self.isolated[value] > self.counts[value] for value in self.counts)
        return not self.counts or (len(self.counts) >= SPECKLED_FROM and 2 * specks >= len(self.counts))

    def counts_as(self, kind: KindName) -> dict[int, int]:
        """Return the pixels of each value, with the values converted to another kind.

        >>> MaskScan("palette", {0: 5, 1: 4, 2: 1}, {}, (0xff0000, 0xffffff, 0xff0000)).counts_as("colors")
        {16711680: 6, 16777215: 4}
        """
        if kind != "colors" or self.kind == "colors":
            return self.counts
        counts: dict[int, int] = {}
        for value, pixels in self.counts.items():
            color = self.palette[value] if self.kind == "palette" else value * 0x10101
            counts[color] = counts.get(color, 0) + pixels
        return counts


def scan_mask(mask: RawMask) -> MaskScan:
    """Return the statistics of a mask."""
    kind = "gray" if mask.is_gray else mask.kind
    packed = packed_as(pixels_as(mask, _KINDS[kind]), _KINDS[kind])
    found, counts = _counted(packed)
    if len(found) > MOST_VALUES:
        return MaskScan(kind, {}, {})
    alone = dict(zip(*(part.tolist() for part in _counted(packed[_isolated(packed)])), strict=True))
    isolated = {value: alone.get(value, 0) for value in found.tolist()}
    return MaskScan(kind, dict(zip(found.tolist(), counts.tolist(), strict=True)), isolated, mask.palette)


def _counted(packed: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the values that occur, and their numbers of pixels."""
    if packed.dtype.itemsize > 2:
        return np.unique(packed, return_counts=True)
    counts = np.bincount(packed.reshape(-1))
    found = np.flatnonzero(counts)
    return found, counts[found]


def detect(scans: Iterable[MaskScan], ignored: int | None = None, names: Mapping[int, str] | None = None) -> Encoding:
    """Detect the common encoding of masks.

    Args:
        scans: the statistics of all masks.
        ignored: value of ignored pixels; if the values are 0 to K-1 and 255, the default is 255.
        names: names of the classes by value, if the layout defines them; not all need occur.

    Raises:
        WrongUse: the masks contain interpolated values or too many values, or cannot be shown by their palette.

    >>> detect([MaskScan("gray", {0: 9, 1: 3, 2: 4, 255: 1}, {0: 0, 1: 0, 2: 0, 255: 0})]).ignored
    255
    """
    scans = list(scans)
    if not scans:
        raise WrongUse("There are no masks.")
    if any(scan.smeared for scan in scans):
        scan = next(scan for scan in scans if scan.smeared)
        many = f"{len(scan.counts)}" if scan.counts else f"more than {MOST_VALUES}"
        raise WrongUse(
            f"A mask has {many} different values, most of them isolated pixels: JPEG or smooth resizing has mixed the "
            "classes. Export the masks again as PNG, and resize them by nearest neighbor only."
        )
    kind = _common_kind(scans)
    values = {value for scan in scans for value in scan.counts_as(kind)}
    everyday = sorted(values - {255})
    if ignored is None and kind != "colors" and 255 in values and len(everyday) > 1:
        ignored = 255 if everyday == list(range(len(everyday))) else None
    promised = dict(names or {}) if kind != "colors" and values - {ignored} <= set(names or {}) else {}
    classes = tuple(sorted((values | promised.keys()) - {ignored}))
    if not 1 <= len(classes) <= MOST_CLASSES:
        raise WrongUse(
            f"The masks have {len(classes)} different values; at most {MOST_CLASSES} can be classes. Check that these "
            "files are masks."
        )
    written = (*classes, *([] if ignored is None else [ignored]))
    colors = tuple(_color(value, scans) for value in written) if kind == "palette" else ()
    if len(set(colors)) < len(colors):
        raise WrongUse(
            "The palette has one color for two classes, which a result could not distinguish; give every class a "
            "different color, or save the masks as gray levels."
        )
    return Encoding(kind, classes, ignored, colors, tuple(promised[value] for value in classes if promised))


_KINDS: dict[str, KindName] = {"gray": "levels", "palette": "palette", "colors": "colors"}


def _common_kind(scans: list[MaskScan]) -> KindName:
    kinds = {scan.kind for scan in scans}
    if kinds == {"gray"} or (kinds == {"gray", "palette"} and _shows_levels(scans)):
        return "levels"
    if kinds == {"palette"} and _palettes_agree(scans):
        return "palette"
    return "colors"


def _shows_levels(scans: list[MaskScan]) -> bool:
    """Return true if the palettes are those with which repix writes levels, so that indices are levels."""
    return all(color == voc_color(index) for index, color in _palette(scans).items())


def _palettes_agree(scans: list[MaskScan]) -> bool:
    """Return true if each index has the same color in all masks."""
    seen = _palette(scans)
    return all(seen[value] == scan.palette[value] for scan in scans for value in scan.counts)


def _color(value: int, scans: list[MaskScan]) -> int:
    """Return the color of an index in a mask that uses it, else in any mask, else a gray."""
    others = (scan.palette[value] for scan in scans if value < len(scan.palette))
    return _palette(scans).get(value, next(others, value * 0x10101))


def _palette(scans: list[MaskScan]) -> dict[int, int]:
    """Return the color of each used index."""
    return {value: scan.palette[value] for scan in scans if scan.palette for value in scan.counts}


def _isolated(packed: NDArray[Any]) -> NDArray[np.bool_]:
    """Return the pixels that differ from their four neighbors."""
    alone = np.ones(packed.shape, bool)
    down, across = packed[1:] == packed[:-1], packed[:, 1:] == packed[:, :-1]
    alone[1:] &= ~down
    alone[:-1] &= ~down
    alone[:, 1:] &= ~across
    alone[:, :-1] &= ~across
    return alone
