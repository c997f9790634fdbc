"""Side outputs: files written beside a result: before and after, an overlay of classes, class probabilities, masks."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.masks import Encoding, class_colors
from repix.pictures import Picture
from repix.pictures.atomic import atomic_file
from repix.pictures.picture import to_unit
from repix.volumes.formats import stem

OVERLAY_OPACITY = 0.5
"""The weight of the class color in an overlay."""

COMPARE, OVERLAY, PROBABILITIES, MASK = "-compare.png", "-overlay.png", "-probabilities.npy", "-mask.png"
"""The ends of their names, after the stem of the result."""


def side_output(target: Path, ending: str) -> Path:
    """Return the path of a side output.

    >>> side_output(Path("out/street.jpg"), OVERLAY)
    PosixPath('out/street-overlay.png')
    """
    return target.with_name(f"{stem(target)}{ending}")


def side_by_side(source: Picture, result: Picture) -> Picture:
    """Return before and after, side by side; a smaller source is enlarged by repeating its pixels.

    >>> side_by_side(Picture(np.zeros((2, 3, 1), np.uint8)), Picture(np.zeros((4, 6, 3), np.uint8)))
    Picture(12×4 RGB, depth 8)
    """
    times = result.size[0] // source.size[0]
    before = _shown(source).repeat(times, axis=0).repeat(times, axis=1)
    depth = "8" if {source.depth, result.depth} == {"8"} else "16"
    return Picture.of(np.concatenate([before, _shown(result)], axis=1), depth=depth)


def overlay(source: Picture, ids: NDArray[np.uint8], encoding: Encoding) -> Picture:
    """Return the photo, tinted by the colors of its classes.

    >>> classes = Encoding("levels", (0, 1))
    >>> overlay(Picture(np.zeros((2, 3), np.uint8)), np.zeros((2, 3), np.uint8), classes)
    Picture(3×2 RGB, depth 8)
    """
    colors = to_unit(class_colors(encoding))[ids]
    photo = _shown(source)
    return Picture.of((1 - OVERLAY_OPACITY) * photo + OVERLAY_OPACITY * colors)


def write_probabilities(probabilities: Array, path: Path, *, overwrite: bool) -> None:
    """Write class probabilities, H×W×K of float32, atomically as an NPY file."""
    with atomic_file(path, overwrite) as file:
        np.lib.format.write_array(file, np.ascontiguousarray(probabilities, np.float32), allow_pickle=False)


def _shown(picture: Picture) -> Array:
    """Return a picture as H×W×3, blended over white where it is transparent."""
    colors, alpha = picture.colors(), picture.alpha()
    if alpha is not None:
        colors = colors * alpha + (1 - alpha)
    return np.broadcast_to(colors, (*picture.size, 3))
