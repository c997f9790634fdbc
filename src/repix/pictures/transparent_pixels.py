"""Fill fully transparent pixels with the colors of visible pixels nearby (pull-push), before a model sees them.

The color stored where alpha is 0 is arbitrary, so a model must not depend on it. Each transparent pixel gets the
average color of the visible pixels around it, weighted by alpha and distance; far from all of them it is mid-gray. So
the border of the visible part makes no edge. Colors are averaged in blocks of 2, 4, 8 ... pixels and the averages are
interpolated. The blocks are aligned to the picture's upper left corner, and sums have a fixed order: a tile with a
margin of `REACH` pixels gives the same bits as the whole picture.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.pictures.picture import Floats, Picture, from_unit, to_unit

LEVELS = 5
GRID = 2**LEVELS
"""Side of the largest blocks; a tile must begin at a multiple of it in both directions."""
REACH = 2 * GRID
"""Margin in pixels around a tile; a filled color depends on at most 2 + 4 + ... + GRID pixels around it."""
AT_A_TIME = 16 * GRID
"""Rows and columns that are processed together, to limit memory."""
COARSER = np.float32(1 / 4)
"""Weight of the next coarser level relative to a level."""
FAR, FAR_COUNTS = np.float32(0.5), np.float32(1 / 64)
"""Color far from all visible pixels, and its weight at the coarsest level."""


def fill_transparent(picture: Picture) -> Picture:
    """Return the picture with new colors where alpha is 0; visible pixels and alpha are unchanged.

    Args:
        picture: any picture; without transparent pixels it is returned as it is.

    >>> fill_transparent(Picture(np.array([[[9, 255], [200, 0], [9, 255]]], np.uint8))).pixels[0, :, 0].tolist()
    [9, 9, 9]
    """
    hidden = transparent_mask(picture)  # H×W×1
    if hidden is None:
        return picture
    pixels, (height, width) = picture.pixels.copy(), picture.size
    for top in range(0, height, AT_A_TIME):
        for left in range(0, width, AT_A_TIME):
            mine = np.s_[top : top + AT_A_TIME, left : left + AT_A_TIME]
            if hidden[mine].any():
                above, before = max(top - REACH, 0), max(left - REACH, 0)
                around = picture.pixels[above : top + AT_A_TIME + REACH, before : left + AT_A_TIME + REACH]
                colors = _colors(replace(picture, pixels=around))[top - above :, left - before :]
                np.copyto(pixels[mine][:, :, :-1], colors[:AT_A_TIME, :AT_A_TIME], where=hidden[mine])
    return replace(picture, pixels=pixels)


def transparent_mask(picture: Picture) -> NDArray[np.bool_] | None:
    """Return a mask H×W×1 of the pixels with alpha 0, or None if there are none.

    >>> transparent_mask(Picture(np.array([[[9, 255], [200, 0]]], np.uint8))).tolist()
    [[[False], [True]]]
    """
    if not picture.has_alpha:
        return None
    hidden: NDArray[np.bool_] = picture.pixels[:, :, -1:] <= 0
    return hidden if hidden.any() else None


def _colors(picture: Picture) -> NDArray[Any]:
    """Return the average color around each pixel, in the picture's depth."""
    opacity = to_unit(picture.pixels[:, :, -1:])
    hidden = opacity <= 0
    weights = np.where(hidden, np.float32(0), opacity)
    with np.errstate(all="ignore"):  # non-finite floats are refused later
        premultiplied = np.where(hidden, np.float32(0), picture.colors() * weights)
        planes = _spread(np.concatenate((premultiplied, weights), axis=2), LEVELS)
        return from_unit(planes[:, :, :-1] / planes[:, :, -1:], picture.depth)


def _spread(planes: Floats, levels: int) -> Floats:
    """Return premultiplied colors and their weights, H×W×C, with those of the coarser levels added."""
    if not levels:
        gray = np.full(planes.shape[2], FAR * FAR_COUNTS, np.float32)
        gray[-1] = FAR_COUNTS
        return planes + gray
    height, width = planes.shape[:2]
    even = np.pad(planes, ((0, height % 2), (0, width % 2), (0, 0)))
    blocks = np.float32(1 / 4) * ((even[0::2, 0::2] + even[0::2, 1::2]) + (even[1::2, 0::2] + even[1::2, 1::2]))
    coarser = _doubled(_doubled(_spread(blocks, levels - 1)).swapaxes(0, 1)).swapaxes(0, 1)
    return planes + COARSER * coarser[:height, :width]


def _doubled(planes: Floats) -> Floats:
    """Double the rows by linear interpolation (weights 3/4 and 1/4), with zeros beyond the ends."""
    near = np.float32(3 / 4) * planes
    far = np.pad(np.float32(1 / 4) * planes, ((1, 1), (0, 0), (0, 0)))
    pairs = np.stack((near + far[:-2], near + far[2:]), axis=1)
    return pairs.reshape(-1, *planes.shape[1:])
