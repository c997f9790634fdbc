"""Hidden pixels: where alpha is 0 nobody sees a color, so no model may see it either; it gets one from nearby instead.

A hidden pixel takes the colors of the visible ones around it, weighted by their alpha and how near they are; far from
all of them it is mid-gray. So there is no edge where the visible part ends, which a model would take for one of the
picture. The colors are averaged in blocks of 2, 4, 8 ... pixels, and the averages are spread smoothly ("pull-push").
The blocks lie on a grid that begins at the picture's upper left corner, and all is done by adding neighbors in the same
order: a pixel gets the same color to the bit from every part of the picture that reaches `REACH` pixels around it.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.pictures.picture import Floats, Picture, from_unit, to_unit

LEVELS = 5
GRID = 2**LEVELS
"""The side of the largest blocks; a part of a picture must begin at a multiple of it in both directions."""
REACH = 2 * GRID
"""How far away the colors that count can be: at most 2 + 4 + ... + GRID pixels."""
AT_A_TIME = 16 * GRID
"""Rows and columns that are worked on in one go, to take little memory."""
COARSER = np.float32(1 / 4)
"""How much the next larger blocks count beside a block."""
FAR, FAR_COUNTS = np.float32(0.5), np.float32(1 / 64)
"""The color where nothing visible is near, and its weight among the largest blocks."""


def filled(picture: Picture) -> Picture:
    """The picture with other colors where its alpha is 0; visible pixels and alpha stay as they are.

    >>> filled(Picture(np.array([[[9, 255], [200, 0], [9, 255]]], np.uint8))).pixels[0, :, 0].tolist()
    [9, 9, 9]
    """
    hidden = transparent_mask(picture)
    if hidden is None:
        return picture
    pixels, (height, width) = picture.pixels.copy(), picture.size
    for top in range(0, height, AT_A_TIME):
        for left in range(0, width, AT_A_TIME):
            mine = np.s_[top : top + AT_A_TIME, left : left + AT_A_TIME]
            if hidden[mine].any():
                above, before = max(top - REACH, 0), max(left - REACH, 0)
                around = picture.pixels[above : top + AT_A_TIME + REACH, before : left + AT_A_TIME + REACH]
                colours = _colours(replace(picture, pixels=around))[top - above :, left - before :]
                np.copyto(pixels[mine][:, :, :-1], colours[:AT_A_TIME, :AT_A_TIME], where=hidden[mine])
    return replace(picture, pixels=pixels)


def transparent_mask(picture: Picture) -> NDArray[np.bool_] | None:
    """Which pixels nobody can see, H×W×1; None where there are none.

    >>> transparent_mask(Picture(np.array([[[9, 255], [200, 0]]], np.uint8))).tolist()
    [[[False], [True]]]
    """
    if not picture.has_alpha:
        return None
    hidden: NDArray[np.bool_] = picture.pixels[:, :, -1:] <= 0
    return hidden if hidden.any() else None


def _colours(picture: Picture) -> NDArray[Any]:
    """The colors around each pixel, as levels of the picture."""
    opacity = to_unit(picture.pixels[:, :, -1:])
    hidden = opacity <= 0
    weights = np.where(hidden, np.float32(0), opacity)
    with np.errstate(all="ignore"):  # absurd numbers are refused by whoever uses them
        premultiplied = np.where(hidden, np.float32(0), picture.colours() * weights)
        planes = _spread(np.concatenate((premultiplied, weights), axis=2), LEVELS)
        return from_unit(planes[:, :, :-1] / planes[:, :, -1:], picture.depth)


def _spread(planes: Floats, levels: int) -> Floats:
    """Premultiplied colors and their weights, H×W×C, with those of larger blocks added."""
    if not levels:
        grey = np.full(planes.shape[2], FAR * FAR_COUNTS, np.float32)
        grey[-1] = FAR_COUNTS
        return planes + grey
    height, width = planes.shape[:2]
    even = np.pad(planes, ((0, height % 2), (0, width % 2), (0, 0)))
    blocks = np.float32(1 / 4) * ((even[0::2, 0::2] + even[0::2, 1::2]) + (even[1::2, 0::2] + even[1::2, 1::2]))
    coarser = _doubled(_doubled(_spread(blocks, levels - 1)).swapaxes(0, 1)).swapaxes(0, 1)
    return planes + COARSER * coarser[:height, :width]


def _doubled(planes: Floats) -> Floats:
    """Twice as many rows: three quarters of the row itself and a quarter of the next; beyond the ends is nothing."""
    near = np.float32(3 / 4) * planes
    far = np.pad(np.float32(1 / 4) * planes, ((1, 1), (0, 0), (0, 0)))
    pairs = np.stack((near + far[:-2], near + far[2:]), axis=1)
    return pairs.reshape(-1, *planes.shape[1:])
