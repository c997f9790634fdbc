"""Apply a function of arrays to a picture's colors, and keep or scale its alpha."""

from collections.abc import Callable
from functools import partial
from inspect import signature

import numpy as np

from repix.pictures.picture import Floats, Picture


def apply(function: Callable[[Floats], Floats], picture: Picture, scales: bool, depth: str | None = None) -> Picture:
    """Apply a function of arrays to a picture.

    Args:
        function: a filter or degradation of an array H×W×C in [0, 1].
        picture: the picture; its alpha channel does not reach the function unless `scales` is true.
        scales: the function changes height and width. Alpha is then scaled too, with premultiplied colors.
        depth: depth of the result; by default that of the picture.

    Returns:
        The new picture, with the profile and metadata of the old one.

    >>> apply(lambda colors: 1 - colors, Picture(np.zeros((1, 1), np.uint8)), scales=False).pixels.tolist()
    [[[255]]]
    """
    colors, alpha = picture.colors(), picture.alpha()
    if alpha is None or not scales:
        return picture.with_colors(function(colors), alpha, depth)
    opacity = np.clip(function(alpha), 0, 1)
    mixed = function(colors * alpha)
    return picture.with_colors(np.divide(mixed, opacity, out=np.zeros_like(mixed), where=opacity > 0), opacity, depth)


def picture_function(
    function: Callable[..., Floats], scales: bool, depth: str | None = None
) -> Callable[[Picture, np.random.Generator], Picture]:
    """Return a function of arrays as one of pictures and a generator, which it gets if it has a parameter `rng`.

    A parameter `eight_bit` tells it that the colors are exact 8-bit levels. The other arguments are those of `apply`.

    >>> noise = picture_function(lambda colors, rng: colors + rng.random(colors.shape), scales=False)
    >>> noise(Picture(np.zeros((1, 1), np.float32)), np.random.default_rng(0)).pixels.round(2).tolist()
    [[[0.6399999856948853]]]
    """
    wanted = signature(function).parameters

    def convert(picture: Picture, rng: np.random.Generator) -> Picture:
        context = {"rng": rng, "eight_bit": is_opaque_eight_bit(picture)}
        given = {name: value for name, value in context.items() if name in wanted}
        return apply(partial(function, **given), picture, scales, depth)

    return convert


def is_opaque_eight_bit(picture: Picture) -> bool:
    """Return true for an 8-bit picture without alpha, whose colors reach a function as exact 8-bit levels.

    >>> is_opaque_eight_bit(Picture(np.zeros((1, 1, 4), np.uint8)))
    False
    """
    return picture.depth == "8" and not picture.has_alpha
