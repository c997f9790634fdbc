"""Clipping: the share of pixels that are black or white in every channel, or in one."""

from dataclasses import dataclass

from repix.arithmetic.arrays import Array

BLACK, WHITE = 0.25, 254.75
"""The ends of the range, in gray levels (8-bit)."""


@dataclass(frozen=True)
class Clipping:
    """Shares of clipped pixels."""

    shadows: float
    """Share of pixels of which a channel is black."""
    highlights: float
    """Share of pixels of which a channel is white."""


def clipping(pixels: Array) -> Clipping:
    """Return the shares of clipped pixels, from scattered pixels N×C of gray levels.

    >>> import numpy as np
    >>> clipping(np.array([[0.0, 9, 9], [9, 9, 255], [9, 9, 9], [9, 9, 9]]))
    Clipping(shadows=0.25, highlights=0.25)
    """
    return Clipping(float((pixels <= BLACK).any(axis=1).mean()), float((pixels >= WHITE).any(axis=1).mean()))
