"""Showing classes to a person: a mask's own levels may be so near to each other that all of it looks black."""

import colorsys

import numpy as np
from numpy.typing import NDArray

from repix.masks.encoding import IGNORED, Encoding
from repix.pictures import Picture

GOLDEN = 0.618
"""Of the circle of hues, from one class to the next: so neighbours in number are far apart in colour."""


def coloured(mask: Picture, encoding: Encoding) -> Picture:
    """A mask with a colour for each class; what is ignored is black.

    >>> coloured(Picture(np.array([[0, 1, 9]], np.uint8)), Encoding("levels", (0, 1), ignored=9)).pixels[0].tolist()
    [[242, 61, 61], [61, 114, 242], [0, 0, 0]]
    """
    return Picture(class_colours(encoding)[encoding.ids_of(mask)])


def class_colours(encoding: Encoding) -> NDArray[np.uint8]:
    """A colour for each of 256 ids: the masks' own colours where they have some."""
    table = np.zeros((IGNORED + 1, 3), np.uint8)
    seen = encoding.without_palette
    for number, value in enumerate(seen.values):
        if seen.kind == "colours":
            table[number] = value >> 16, value >> 8 & 255, value & 255
        else:
            table[number] = np.rint(255 * np.array(colorsys.hsv_to_rgb(number * GOLDEN % 1, 0.75, 0.95)))
    return table
