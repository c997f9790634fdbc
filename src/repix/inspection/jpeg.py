"""JPEG: what the file or its pixels tell of the compression."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from repix.arithmetic.arrays import Array
from repix.inspection.jpeg_grid import compression, earlier_compression
from repix.inspection.jpeg_tables import JpegHeader, Steps, steps_of

DISTURBING = 80
"""Below this JPEG quality, artifacts are visible."""


@dataclass(frozen=True)
class Jpeg:
    """The JPEG compression of a picture."""

    quality: int
    """1 to 100, as libjpeg counts; of a file with tables of its own, that of the most similar ones."""
    exact: bool
    """True if the file has libjpeg's own tables of this quality."""
    subsampling: str | None
    """Chroma subsampling such as "4:2:0"; None if only pixels are known."""
    earlier: int | None = None
    """Quality of an earlier compression; None: not seen."""

    @property
    def lowest(self) -> int:
        """The quality, or that of an earlier compression if it is lower."""
        return min(self.quality, self.earlier or self.quality)

    @property
    def is_disturbing(self) -> bool:
        """True if artifacts are visible."""
        return self.lowest < DISTURBING


def jpeg(planes: Sequence[Array], header: JpegHeader | None) -> Jpeg | None:
    """Return the JPEG compression of a file, or the one that the luma of other pictures shows; None if none is seen."""
    if header is None:
        found = compression(planes)
        return None if found is None else Jpeg(found.quality, exact=False, subsampling=None)
    first = earlier_compression(planes, header.steps)
    return Jpeg(header.quality, header.exact, header.subsampling, None if first is None else first.quality)


def coarsest_steps(found: Jpeg | None, header: JpegHeader | None) -> Steps | None:
    """Return the quantization steps of the luma, 8×8: those of each compression, whichever is larger; None without one.

    >>> coarsest_steps(Jpeg(50, exact=False, subsampling=None), None)[0, :3].tolist()
    [16, 11, 10]
    """
    if found is None:
        return None
    last = steps_of(found.quality) if header is None else header.steps
    return last if found.earlier is None else np.maximum(last, steps_of(found.earlier))
