"""Fusion: several low-resolution shots of one scene become one picture of higher resolution."""

from collections.abc import Sequence

from repix.arithmetic.arrays import Array


def fuse(shots: Sequence[Array], scale: int = 2) -> Array:
    """Join shots (provisional)."""
    return shots[0].repeat(scale, 0).repeat(scale, 1)


__all__ = ["fuse"]
