"""What a decoder hands over."""

from dataclasses import dataclass, field
from mmap import mmap
from typing import Any

from numpy.typing import NDArray

Bytes = bytes | mmap
"""A whole file, to slice."""


@dataclass
class Decoded:
    """Pixels H×W×C as they stand in the file, and what was found beside them."""

    pixels: NDArray[Any]
    profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    resolution: tuple[float, float] | None = None
    converted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
