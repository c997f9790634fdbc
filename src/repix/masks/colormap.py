"""Colormaps that make the classes of a mask visible."""

import colorsys

import numpy as np
from numpy.typing import NDArray

from repix.masks.encoding import IGNORED, Encoding
from repix.pictures import Picture

GOLDEN = 0.618
"""Step of the hue from one class to the next (golden ratio), for distinct colors of consecutive ids."""


def colored(mask: Picture, encoding: Encoding) -> Picture:
    """Return a mask as a picture with a color for each class; ignored pixels are black.

    Args:
        mask: a mask that was read as a picture.
        encoding: the encoding of its classes.

    Raises:
        WrongUse: the mask has a value that is not a class.

    >>> colored(Picture(np.array([[0, 1, 9]], np.uint8)), Encoding("levels", (0, 1), ignored=9)).pixels[0].tolist()
    [[242, 61, 61], [61, 114, 242], [0, 0, 0]]
    """
    return Picture(class_colors(encoding)[encoding.ids_of(mask)])


def class_colors(encoding: Encoding) -> NDArray[np.uint8]:
    """Return a table 256×3 of colors by class id: those of the encoding if it has colors, else generated ones.

    >>> class_colors(Encoding("colors", (0x00ff00,)))[0].tolist()
    [0, 255, 0]
    """
    table = np.zeros((IGNORED + 1, 3), np.uint8)
    shown = encoding.without_palette
    for number, value in enumerate(shown.values):
        if shown.kind == "colors":
            table[number] = value >> 16, value >> 8 & 255, value & 255
        else:
            table[number] = np.rint(255 * np.array(colorsys.hsv_to_rgb(number * GOLDEN % 1, 0.75, 0.95)))
    return table
