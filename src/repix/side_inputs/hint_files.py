"""Files of color hints: JSON, or a transparent picture with dots."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from repix.errors import Unreadable, WrongUse
from repix.pictures.atomic import read_error
from repix.pictures.band_reader import BandReader, open_bands
from repix.pictures.picture import to_unit
from repix.printable import shown
from repix.side_inputs.color_hints import ColorHints, Hint

KEYS = {"x", "y", "color"}
ROWS = 64
"""Rows of a picture that are read at a time."""
LARGEST_JSON = 10_000_000
"""Bytes of the largest JSON file."""


def read_hints(path: str | Path) -> ColorHints:
    """Return the color hints of a file.

    A `.json` file is a list of objects like {"x": 120, "y": 40, "color": "#c02018"}. Any other file is a picture of the
    same size as the one to convert; each of its opaque pixels is a hint, and all others must be transparent.

    Raises:
        Unreadable: The file is missing or damaged, or is no list of hints, or has no transparency.
        WrongUse: A hint in it is not valid.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        return ColorHints(_listed(path), str(path))
    with open_bands(path) as bands:
        if bands.channels not in (2, 4):
            raise Unreadable(f"{path} has no transparency; draw the hints as opaque dots on a transparent picture.")
        return _dots(path, bands)


def _listed(path: Path) -> list[Hint]:
    """Return the hints of a JSON file."""
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise Unreadable(f"{path} is larger than {LARGEST_JSON:,} bytes; draw many hints in a transparent PNG.")
        found = json.loads(path.read_bytes())
    except (OSError, UnicodeDecodeError) as problem:
        raise read_error(path, problem) from None
    except (ValueError, RecursionError) as problem:
        line = f" (line {problem.lineno})" if isinstance(problem, json.JSONDecodeError) else ""
        raise Unreadable(f"{path} is not valid JSON{line}; write a list like {_example()}.") from None
    if not isinstance(found, list):
        raise Unreadable(f"{path} is not a list of hints; write {_example()}.")
    return [_hint(path, number, one) for number, one in enumerate(found, 1)]


def _hint(path: Path, number: int, given: Any) -> Hint:
    if not isinstance(given, Mapping) or given.keys() != KEYS:
        raise WrongUse(f"Hint {number} of {path} is {shown(given)}; it must have x, y and color, like {_example()}.")
    try:
        return Hint(given["x"], given["y"], given["color"])
    except WrongUse as problem:
        raise WrongUse(f"Hint {number} of {path}: {problem}") from None


def _example() -> str:
    return '[{"x": 120, "y": 40, "color": "#c02018"}]'


def _dots(path: Path, bands: BandReader) -> ColorHints:
    """Return a hint for each opaque pixel of a picture, which is read in bands."""
    rows, columns, colors, top = [], [], [], 0
    while bands.rows_left:
        band = bands.read(ROWS)
        pixels = to_unit(band.pixels)
        y, x = np.nonzero(pixels[:, :, -1] >= 1)
        found = pixels[y, x, :-1]
        rows.append(y + top)
        columns.append(x)
        colors.append(found if found.shape[1] == 3 else np.repeat(found, 3, axis=1))
        top += len(pixels)
    count = sum(map(len, rows))
    if count in (0, bands.size[0] * bands.size[1]):
        which = "no pixel" if count == 0 else "every pixel"
        raise Unreadable(f"In {path} {which} is opaque; draw the hints as opaque dots on a transparent picture.")
    return ColorHints.of_pixels(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(colors), str(path), bands.size
    )
