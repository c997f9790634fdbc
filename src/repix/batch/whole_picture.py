"""Work of filters, degradations and fusion: read a picture, apply a function to it, write the result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from repix.batch.work import Advance, Work
from repix.errors import TooLarge, Unreadable
from repix.pictures import Fidelity, Picture, open_bands, write
from repix.pictures.formats import format_for_path

OPENCV_OUT_OF_MEMORY = -4
"""OpenCV's error code for it."""


@dataclass(frozen=True)
class WriteOptions:
    """Options for writing picture files."""

    quality: int | None = None
    """Of JPEG, WebP and AVIF; None: 90, or what suits the source's format."""
    strict: bool = False
    """Fail if the format of a result would lose something."""


def picture_work(
    function: Callable[[Picture], Picture], fingerprint: Mapping[str, Any], options: WriteOptions | None = None
) -> Work:
    """Return the work that applies a function to whole pictures.

    >>> picture_work(lambda picture: picture, {"filter": "none"}).fingerprint
    {'filter': 'none', 'quality': None}
    """
    writing = options or WriteOptions()

    def work(source: Path, target: Path, advance: Advance) -> Fidelity:
        format_for_path(target)
        advance()
        try:
            with open_bands(source) as bands:
                picture, quality = bands.read(bands.rows_left), writing.quality or bands.quality
            _require_finite(picture, source)
            result = function(picture)
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            raise TooLarge(f"{source} is too large for the memory of this machine; shrink it first.") from None
        return write(result, target, quality=quality, strict=writing.strict)

    return Work(work, {**fingerprint, "quality": writing.quality})


def _is_out_of_memory(error: Exception) -> bool:
    is_opencv = type(error).__module__ == "cv2"
    return isinstance(error, MemoryError) or (is_opencv and getattr(error, "code", 0) == OPENCV_OUT_OF_MEMORY)


def _require_finite(picture: Picture, source: Path) -> None:
    """Refuse NaN and infinity."""
    if picture.depth == "float" and not np.isfinite(picture.pixels).all():
        row, column, _ = np.argwhere(~np.isfinite(picture.pixels))[0]
        raise Unreadable(
            f"{source} contains {picture.pixels[row, column].tolist()} in row {row}, column {column} (from 0); "
            "replace values that are not finite first."
        )
