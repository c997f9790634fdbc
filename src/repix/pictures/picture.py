"""`Picture`: pixels with their depth, alpha, color profile and metadata."""

from dataclasses import dataclass, replace
from importlib import import_module
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongDtype, WrongShape, WrongUse
from repix.pictures.stamp import Stamp

Floats = NDArray[np.floating[Any]]

DEPTHS: dict[str, np.dtype[Any]] = {"8": np.dtype(np.uint8), "16": np.dtype(np.uint16), "float": np.dtype(np.float32)}
"""The depths of pictures and their dtypes; white is 255, 65535 or 1.0."""

SHOWN = 1024
"""Longest side of a picture in a notebook, in pixels."""


@dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """A picture: pixels H×W×C with C = 1 gray, 2 gray + alpha, 3 RGB or 4 RGBA, and the metadata of its file.

    Args:
        pixels: uint8, uint16 or float32, H×W or H×W×C. White is 255, 65535 or 1.0.

    Raises:
        WrongDtype: the pixels have another dtype.
        WrongShape: the pixels have another shape, or no pixel.

    >>> Picture(np.zeros((2, 3), np.uint8))
    Picture(3×2 gray, depth 8)
    """

    pixels: NDArray[Any]
    profile: bytes | None = None
    """ICC color profile, kept byte for byte."""
    exif: bytes | None = None
    """EXIF block, kept byte for byte except for the orientation, which is applied on reading and reset to 1."""
    notes: tuple[str, ...] = ()
    """Conversions made by reading, one text each."""
    lost: tuple[str, ...] = ()
    """Information lost by reading, one text each."""
    xmp: bytes | None = None
    """XMP packet, kept byte for byte except for the orientation."""
    resolution: tuple[float, float] | None = None
    """Pixels per millimeter, across and down."""
    stamp: Stamp | None = None
    """Program and options for the metadata of a result, if they are asked for."""
    palette: tuple[int, ...] = ()
    """Colors 0xRRGGBB of the gray levels of a mask; a PNG is then written with a palette, and the levels are its
    indices."""

    def __post_init__(self) -> None:
        kind = getattr(self.pixels, "dtype", type(self.pixels).__name__)
        if kind not in DEPTHS.values():
            raise WrongDtype(f"The pixels are {kind}; a picture needs an array of uint8, uint16 or float32.")
        if self.pixels.ndim == 2:
            object.__setattr__(self, "pixels", self.pixels[:, :, np.newaxis])
        if self.pixels.ndim != 3 or self.pixels.shape[2] not in (1, 2, 3, 4) or 0 in self.pixels.shape:
            raise WrongShape(f"The pixels have shape {self.pixels.shape}; a picture is H×W×C with C from 1 to 4.")

    @classmethod
    def of(cls, colors: Floats, alpha: Floats | None = None, depth: str = "8") -> "Picture":
        """Return a picture made of floats in [0, 1].

        Args:
            colors: H×W, H×W×1 or H×W×3; values are clipped and rounded to the depth.
            alpha: opacity H×W or H×W×1, or None.
            depth: '8', '16' or 'float'.

        Raises:
            WrongUse: the depth is unknown.
            WrongDtype: the colors are not floats.

        >>> Picture.of(np.full((2, 3, 3), 0.5)).pixels[0, 0].tolist()
        [128, 128, 128]
        """
        if depth not in DEPTHS:
            raise WrongUse(f"depth is {depth!r}; it must be one of {', '.join(DEPTHS)}.")
        if not np.issubdtype(colors.dtype, np.floating):
            raise WrongDtype(f"The colors are {colors.dtype}; they must be floats from 0 to 1.")
        parts = [part[:, :, np.newaxis] if part.ndim == 2 else part for part in (colors, alpha) if part is not None]
        return cls(from_unit(np.concatenate(parts, axis=2), depth))

    def __repr__(self) -> str:
        kinds = ("gray", "gray with alpha", "RGB", "RGBA")
        return f"Picture({self.size[1]}×{self.size[0]} {kinds[self.pixels.shape[2] - 1]}, depth {self.depth})"

    def _repr_png_(self) -> bytes:
        """Return the picture for notebooks: an 8-bit PNG, shrunk if a side is longer than SHOWN."""
        write = import_module("repix.pictures.files").write  # it imports this module
        file = BytesIO()
        write(replace(self, pixels=_shown(self), exif=None, xmp=None), file, format="png")
        return file.getvalue()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def depth(self) -> str:
        """'8', '16' or 'float'."""
        return depth_of(self.pixels.dtype)

    @property
    def has_alpha(self) -> bool:
        """True if the last channel is alpha."""
        return self.pixels.shape[2] in (2, 4)

    @property
    def is_gray(self) -> bool:
        """True if there is one channel of intensity, with or without alpha."""
        return bool(self.pixels.shape[2] <= 2)

    def colors(self) -> Floats:
        """Return the picture without alpha as float32 in [0, 1], H×W×1 or H×W×3.

        >>> Picture(np.full((1, 1), 255, np.uint8)).colors().tolist()
        [[[1.0]]]
        """
        return to_unit(self.pixels[:, :, : 1 if self.is_gray else 3])

    def alpha(self) -> Floats | None:
        """Return the alpha channel as float32 in [0, 1], H×W×1, or None.

        >>> Picture(np.zeros((1, 1, 2), np.uint8)).alpha().tolist()
        [[[0.0]]]
        """
        return to_unit(self.pixels[:, :, -1:]) if self.has_alpha else None

    def with_colors(self, colors: Floats, alpha: Floats | None = None, depth: str | None = None) -> "Picture":
        """Return a copy with new colors; profile and metadata are kept.

        Args:
            colors: floats in [0, 1], H×W×1 or H×W×3.
            alpha: floats in [0, 1], H×W×1; None makes a picture without alpha.
            depth: depth of the result; by default that of this picture.

        >>> Picture(np.zeros((1, 1), np.uint16)).with_colors(np.ones((1, 1, 3))).pixels.tolist()
        [[[65535, 65535, 65535]]]
        """
        parts = [colors] if alpha is None else [colors, alpha]
        return replace(self, pixels=from_unit(np.concatenate(parts, axis=2), depth or self.depth), palette=())


def _shown(picture: Picture) -> NDArray[np.uint8]:
    """Return 8-bit pixels; a large picture is shrunk by block means, a mask by nearest neighbor."""
    pixels, block = picture.pixels, -(-max(picture.size) // SHOWN)
    if picture.palette:
        pixels = pixels[::block, ::block]
    elif block > 1:
        high, wide = (max(side // block, 1) for side in pixels.shape[:2])
        rows, columns = min(block, pixels.shape[0]), min(block, pixels.shape[1])
        parts = to_unit(pixels[: high * rows, : wide * columns]).reshape(high, rows, wide, columns, -1)
        return from_unit(parts.mean((1, 3)), "8")
    return pixels if pixels.dtype == np.uint8 else from_unit(to_unit(pixels), "8")


def depth_of(dtype: np.dtype[Any]) -> str:
    """Return the depth of pixels with this dtype.

    >>> depth_of(np.dtype(np.uint16))
    '16'
    """
    return next(name for name, known in DEPTHS.items() if known == dtype)


def to_unit(pixels: NDArray[Any]) -> Floats:
    """Return pixels as float32 with white = 1; the dtype gives the range.

    >>> to_unit(np.array([0, 255], np.uint8)).tolist()
    [0.0, 1.0]
    """
    if pixels.dtype == np.float32:
        return pixels
    return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)


def from_unit(values: Floats, depth: str) -> NDArray[Any]:
    """Return floats with white = 1 as pixels of a depth: clipped and rounded, with NaN as black.

    Depth 'float' is neither clipped nor rounded.

    >>> from_unit(np.array([-0.1, 0.5, 2.0]), "8").tolist()
    [0, 128, 255]
    """
    dtype = DEPTHS[depth]
    if dtype == np.float32:
        return values.astype(np.float32)
    scaled = np.asarray(np.fmax(values, np.float32(0)))  # of NaN and 0, it takes 0
    np.minimum(scaled, 1, out=scaled)
    scaled *= np.iinfo(dtype).max
    pixels: NDArray[Any] = np.rint(scaled, out=scaled).astype(dtype)
    return pixels
