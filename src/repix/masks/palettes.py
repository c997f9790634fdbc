"""Palettes for masks whose gray levels are hard to distinguish."""

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repix.masks.encoding import Encoding

APART = 24
"""Difference of gray levels from which classes are visible without a palette."""


def palette_of(encoding: "Encoding") -> tuple[int, ...]:
    """Return the palette for a mask's values, up to the largest; empty if the gray levels are distinct enough.

    Indices keep the colors of the training masks; levels get those of PASCAL VOC, where 0 is black.

    >>> from repix.masks import Encoding
    >>> [f"{color:06x}" for color in palette_of(Encoding("levels", (0, 1, 2)))]
    ['000000', '800000', '008000']
    >>> palette_of(Encoding("levels", (0, 255)))
    ()
    """
    written = sorted((*encoding.values, *([] if encoding.ignored is None else [encoding.ignored])))
    if encoding.kind == "palette":
        known = dict(zip(encoding.all_values, encoding.palette, strict=True))
        return tuple(known.get(index, 0) for index in range(written[-1] + 1))
    apart = min((above - below for below, above in pairwise(written)), default=APART)
    if encoding.kind != "levels" or written[-1] > 255 or apart >= APART:
        return ()
    return tuple(voc_color(level) for level in range(written[-1] + 1))


def voc_color(index: int) -> int:
    """Return the color 0xRRGGBB of an index in PASCAL VOC's palette.

    >>> f"{voc_color(15):06x}", f"{voc_color(255):06x}"
    ('c08080', 'e0e0c0')
    """
    color = 0
    for shift in range(8):
        for channel in range(3):
            color |= (index >> (3 * shift + channel) & 1) << (7 - shift) << (16 - 8 * channel)
    return color
