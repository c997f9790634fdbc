"""Read the pages of a TIFF as the slices of a volume, with the spacing that ImageJ or OME wrote."""

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repix.errors import Unreadable
from repix.pictures.headers import COMPRESSION, RESOLUTION_ACROSS, RESOLUTION_DOWN
from repix.pictures.tiff_pages import open_pages
from repix.pictures.tiff_tags import TagList
from repix.volumes.metadata import Metadata
from repix.volumes.reader import VolumeReader

DESCRIPTION = 270
UNITS = {"micron": "µm", "microns": "µm", "um": "µm", "\\u00b5m": "µm", "\\u00B5m": "µm", "μm": "µm", "pixel": ""}
"""Units as programs write them, and as repix calls them; others are kept."""
LONGEST_UNIT = 16


@contextmanager
def open_tiff(path: Path) -> Iterator[VolumeReader]:
    """Open a TIFF, to read its pages as slices.

    Raises:
        Unreadable: the file is missing or damaged, or not a stack of gray slices of one size and depth.
        TooLarge: the file exceeds the limits.

    >>> with open_tiff(Path("nowhere.tif")):
    ...     pass
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.tif: there is no such file.
    """
    with open_pages(path) as opened:
        bands, first = opened.bands, opened.pages[0]
        slices = len(opened.pages)
        height, width = bands.size[0] // slices, bands.size[1]
        described = _description(first)
        _require_one_axis(described, slices, str(path))
        metadata = _metadata(described, first, bands.resolution)
        yield VolumeReader(
            str(path),
            (slices, height, width),
            bands.depth,
            metadata,
            lambda: bands.read(height),
            converted=bands.converted,
            memory=bands.decoder_memory,
        )


def _description(page: TagList) -> str:
    entry = page.entries.get(DESCRIPTION)
    return "" if entry is None else entry.data.rstrip(b"\0").decode("utf-8", "replace")


def _require_one_axis(described: str, pages: int, name: str) -> None:
    """Refuse stacks with channels or times besides slices, and those whose slices do not each have a page."""
    if described.startswith("ImageJ="):
        axes = {key: _count(_lines(described).get(key, "1")) for key in ("slices", "channels", "frames")}
        images = _count(_lines(described).get("images", "1"))
    else:
        found = {key: re.search(rf'\bSize{key}="(\d+)"', described) for key in "ZCT"} if "<OME" in described else {}
        axes = {f"Size{key}": _count(one[1]) for key, one in found.items() if one is not None}
        images = 1
    several = [f"{count} {axis}" for axis, count in axes.items() if count > 1]
    if len(several) > 1:
        raise Unreadable(
            f"{name} is a hyperstack ({', '.join(several)}); repix converts volumes with one axis of slices, so split "
            "it first."
        )
    if images > pages:
        raise Unreadable(
            f"{name} has {pages} pages, but ImageJ wrote {images} slices without pages of their own; save it as "
            "BigTIFF (Bio-Formats exporter)."
        )


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1


def _metadata(described: str, page: TagList, resolution: tuple[float, float] | None) -> Metadata:
    compressed = page.number(COMPRESSION, 1) != 1
    if described.startswith("ImageJ="):
        found = _of_imagej(_lines(described), page)
    elif "<OME" in described:
        found = _of_ome(described)
    else:
        found = None
    if found is None:
        return Metadata(resolution=resolution, compressed=compressed)
    spacing, unit = found
    return Metadata(spacing, unit, compressed=compressed)


def _lines(described: str) -> dict[str, str]:
    return {key: value for line in described.splitlines() for key, _, value in [line.partition("=")]}


def _of_imagej(lines: dict[str, str], page: TagList) -> tuple[tuple[float, float, float], str] | None:
    """Return spacing and unit; ImageJ stores pixels per unit as the resolution, and omits a spacing of 1."""
    unit = _unit(lines.get("unit", ""))
    across, down = (_ratio(page, tag) for tag in (RESOLUTION_ACROSS, RESOLUTION_DOWN))
    depth = _length(lines.get("spacing", "1"))
    if not across or not down or depth is None or (not unit and "spacing" not in lines):
        return None
    return (depth, 1 / down, 1 / across), unit


def _of_ome(described: str) -> tuple[tuple[float, float, float], str] | None:
    """Return spacing and unit from the attributes of OME-XML, whose default unit is µm; None if an axis lacks it."""
    sizes, units = [], set()
    for axis in "ZYX":
        size = re.search(rf'\bPhysicalSize{axis}="([^"]*)"', described)
        unit = re.search(rf'\bPhysicalSize{axis}Unit="([^"]*)"', described)
        sizes.append(None if size is None else _length(size[1]))
        units.add("µm" if unit is None else _unit(unit[1]))
    depth, down, across = sizes
    return None if not (depth and down and across) or len(units) > 1 else ((depth, down, across), units.pop())


def _unit(text: str) -> str:
    return UNITS.get(text.strip(), text.strip())[:LONGEST_UNIT]


def _length(text: str) -> float | None:
    """Return a positive number, or None."""
    try:
        found = abs(float(text))
    except ValueError:
        return None
    return found if 0 < found < 1e12 else None


def _ratio(page: TagList, tag: int) -> float | None:
    """Return a rational tag, or None if it is missing or 0."""
    entry = page.entries.get(tag)
    if entry is None or len(entry.data) != 8:
        return None
    above, below = struct.unpack("<II", entry.data)
    return above / below if above and below else None
