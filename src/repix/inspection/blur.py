"""Blur: its kind, extent and direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from repix.arithmetic.arrays import Array
from repix.inspection.edges import edge_blur
from repix.inspection.spectrum import match

BLURRED = 1.2
"""The least standard deviation that is called blur, in pixels; pictures of cameras and screens have up to 1."""


@dataclass(frozen=True)
class Blur:
    """The blur of a picture."""

    kind: Literal["none", "unknown", "gaussian", "motion", "defocus"]
    """"unknown" where there are no edges to tell."""
    extent: float = 0.0
    """In pixels: standard deviation of a Gaussian, length of the motion, or radius of the disc; 0 for "none"."""
    angle: float | None = None
    """Direction of the motion, in degrees counter-clockwise from the right."""


def blur(planes: Sequence[Array], noise: float) -> Blur:
    """Return the blur that crops H×W of gray levels show; `noise` is the standard deviation of their noise."""
    found = match(planes)
    if found is not None:
        is_motion = found.kind == "motion"
        return Blur("motion" if is_motion else "defocus", found.extent, found.angle if is_motion else None)
    sigma = edge_blur(planes, noise)
    if sigma is None:
        return Blur("unknown")
    return Blur("gaussian", sigma) if sigma >= BLURRED else Blur("none")
