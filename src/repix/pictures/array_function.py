"""A function of arrays applied to a picture: its colours go through, its alpha is kept or goes along."""

from collections.abc import Callable

import numpy as np

from repix.pictures.picture import Floats, Picture


def apply(function: Callable[[Floats], Floats], picture: Picture, scales: bool, depth: str | None = None) -> Picture:
    """A member's function on a picture's colours; alpha is kept, or scaled with premultiplied colours.

    >>> apply(lambda colours: 1 - colours, Picture(np.zeros((1, 1), np.uint8)), scales=False).pixels.tolist()
    [[[255]]]
    """
    colours, alpha = picture.colours(), picture.alpha()
    if alpha is None or not scales:
        return picture.with_colours(function(colours), alpha, depth)
    opacity = np.clip(function(alpha), 0, 1)
    mixed = function(colours * alpha)
    return picture.with_colours(np.divide(mixed, opacity, out=np.zeros_like(mixed), where=opacity > 0), opacity, depth)


def is_opaque_eight_bit(picture: Picture) -> bool:
    """Whether a member is given levels of 8 bits, which colours mixed with their alpha are not."""
    return picture.depth == "8" and not picture.has_alpha
