"""Blur: its kind, extent and direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from repix.arithmetic.arrays import Array
from repix.inspection.blocks import BLOCK
from repix.inspection.edges import edge_blur
from repix.inspection.jpeg import Jpeg
from repix.inspection.noise import Noise
from repix.inspection.spectrum import Match, match

BLURRED = 1.2
"""The least standard deviation that is called blur, in pixels; pictures of cameras and screens have up to 1."""
BLURRED_IN_NOISE = 1.5
"""The least one in a noisy picture: cameras smooth noise, and fine detail with it."""
MOVED = 0.45
"""The least standard deviation at the edges of a moved picture: edges along the motion stay nearly sharp."""
DEFOCUSED = 0.3
"""The least one of a defocused picture, relative to the radius; a disc has 0.5."""
LIKE, VERY_LIKE, CERTAIN = 0.5, 0.65, 0.75
"""The least correlations with the spectrum of a kernel: in general; of long motion, or in correlated noise, as sharp
pictures and JPEG have such lines, too; of motion in a picture whose edges are sharp or missing."""
LONG, LARGE = 18, 5
"""The least length of long motion, and the least radius of a disc of which noise hides most rings, so that less
likeness suffices."""


@dataclass(frozen=True)
class Blur:
    """The blur of a picture."""

    kind: Literal["none", "unknown", "gaussian", "motion", "defocus"]
    """"unknown" where there are no edges to tell."""
    extent: float = 0.0
    """In pixels: standard deviation of a Gaussian, length of the motion, or radius of the disc; 0 for "none"."""
    angle: float | None = None
    """Direction of the motion, in degrees counter-clockwise from the right."""


def blur(planes: Sequence[Array], noise: Noise, jpeg: Jpeg | None) -> Blur:
    """Return the blur that crops H×W of gray levels show, which have some noise, and may have been compressed."""
    sigma = edge_blur(planes, noise.sigma)
    found = match(planes)
    if found is not None and not _is_of_blocks(found, jpeg) and _is_sure(found, sigma, noise):
        is_motion = found.kind == "motion"
        return Blur("motion" if is_motion else "defocus", found.extent, found.angle if is_motion else None)
    if sigma is None:
        return Blur("unknown")
    return Blur("gaussian", sigma) if sigma >= (BLURRED_IN_NOISE if noise.is_visible else BLURRED) else Blur("none")


def _is_of_blocks(found: Match, jpeg: Jpeg | None) -> bool:
    """Return whether the lines may be those of JPEG's blocks: strong compression leaves flat blocks, and flat halves.

    Flat runs of 8 or 4 pixels have the spectrum of a motion of their length along the axis. The grid of blocks may be
    older than any compression that is seen.
    """
    if found.kind != "motion" or found.angle % 90:
        return False
    is_compressed = jpeg is not None and jpeg.is_disturbing
    return found.extent == BLOCK or (is_compressed and found.extent == BLOCK / 2)


def _is_sure(found: Match, sigma: float | None, noise: Noise) -> bool:
    """Return whether edges are as wide as the spectrum tells: regular patterns and noise have dark lines, too."""
    is_noise_correlated = noise.is_visible and not noise.is_white
    if found.kind == "defocus":
        is_large = found.extent >= LARGE and not is_noise_correlated
        is_like = is_large or found.likeness >= (VERY_LIKE if is_noise_correlated else LIKE)
        return is_like and sigma is not None and sigma >= DEFOCUSED * found.extent
    if found.likeness < (VERY_LIKE if is_noise_correlated or found.extent >= LONG else LIKE):
        return False
    return found.likeness >= CERTAIN or (sigma is not None and sigma >= MOVED)
