"""`Picture`: pixels plus what a file must not lose."""

from dataclasses import dataclass, replace
from importlib import import_module
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongDtype, WrongShape, WrongUse

Floats = NDArray[np.floating[Any]]

DEPTHS: dict[str, np.dtype[Any]] = {"8": np.dtype(np.uint8), "16": np.dtype(np.uint16), "float": np.dtype(np.float32)}
"""The depths a picture can have. The dtype decides what the numbers mean: 255, 65535 or 1.0 is white."""

SHOWN = 1024
"""The longest side of a picture in a notebook."""


@dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """Pixels H×W×C with C = 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA, and the file's profile and EXIF.

    >>> Picture(np.zeros((2, 3), np.uint8))
    Picture(3×2 grey, depth 8)
    """

    pixels: NDArray[Any]
    profile: bytes | None = None
    """The colour profile (ICC), kept byte for byte."""
    exif: bytes | None = None
    """The EXIF block, kept byte for byte but for the orientation, which is applied on reading and reset to 1."""
    notes: tuple[str, ...] = ()
    """What reading converted, a sentence each."""
    lost: tuple[str, ...] = ()
    """What reading lost, a sentence each."""
    xmp: bytes | None = None
    """The XMP packet, kept byte for byte but for the orientation."""
    resolution: tuple[float, float] | None = None
    """Pixels per millimetre, across and down."""
    palette: tuple[int, ...] = ()
    """The colours 0xRRGGBB that show the levels of a mask, whose numbers they do not change; a PNG is written so."""

    def __post_init__(self) -> None:
        kind = getattr(self.pixels, "dtype", type(self.pixels).__name__)
        if kind not in DEPTHS.values():
            raise WrongDtype(f"The pixels are {kind}; a picture has an array of uint8, uint16 or float32.")
        if self.pixels.ndim == 2:
            object.__setattr__(self, "pixels", self.pixels[:, :, np.newaxis])
        if self.pixels.ndim != 3 or self.pixels.shape[2] not in (1, 2, 3, 4) or 0 in self.pixels.shape:
            raise WrongShape(f"The pixels have shape {self.pixels.shape}; a picture is H×W×C with C from 1 to 4.")

    @classmethod
    def of(cls, colours: Floats, alpha: Floats | None = None, depth: str = "8") -> "Picture":
        """A picture of numbers where 0 is black and 1 is white: H×W or H×W×C, rounded to a depth.

        >>> Picture.of(np.full((2, 3, 3), 0.5)).pixels[0, 0].tolist()
        [128, 128, 128]
        """
        if depth not in DEPTHS:
            raise WrongUse(f"depth is {depth!r}; it must be one of {', '.join(DEPTHS)}.")
        if not np.issubdtype(colours.dtype, np.floating):
            raise WrongDtype(f"The colours are {colours.dtype}; they must be floats from 0 to 1.")
        parts = [part[:, :, np.newaxis] if part.ndim == 2 else part for part in (colours, alpha) if part is not None]
        return cls(from_unit(np.concatenate(parts, axis=2), depth))

    def __repr__(self) -> str:
        kinds = ("grey", "grey with alpha", "RGB", "RGBA")
        return f"Picture({self.size[1]}×{self.size[0]} {kinds[self.pixels.shape[2] - 1]}, depth {self.depth})"

    def _repr_png_(self) -> bytes:
        """The picture as notebooks show it: a PNG of 8 bits, made smaller where a side is longer than SHOWN."""
        write = import_module("repix.pictures.files").write  # which stands on this file: found when it is needed
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
        """Whether the last channel is opacity."""
        return self.pixels.shape[2] in (2, 4)

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel of lightness and no colour."""
        return bool(self.pixels.shape[2] <= 2)

    def colours(self) -> Floats:
        """The picture without its alpha, H×W×1 or H×W×3 of float32 where 0 is black and 1 is white."""
        return to_unit(self.pixels[:, :, : 1 if self.is_grey else 3])

    def alpha(self) -> Floats | None:
        """The opacity, H×W×1 of float32 from 0 to 1, or None."""
        return to_unit(self.pixels[:, :, -1:]) if self.has_alpha else None

    def with_colours(self, colours: Floats, alpha: Floats | None = None, depth: str | None = None) -> "Picture":
        """A picture with these colours and alpha (0 to 1), rounded to this picture's depth, with all else kept."""
        parts = [colours] if alpha is None else [colours, alpha]
        return replace(self, pixels=from_unit(np.concatenate(parts, axis=2), depth or self.depth), palette=())


def _shown(picture: Picture) -> NDArray[np.uint8]:
    """Pixels of 8 bits; where there are too many, the mean of each block, or one of a mask's."""
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
    """The name of the depth that pixels of a type have.

    >>> depth_of(np.dtype(np.uint16))
    '16'
    """
    return next(name for name, known in DEPTHS.items() if known == dtype)


def to_unit(pixels: NDArray[Any]) -> Floats:
    """Pixels as float32 where 1 is white, by their dtype alone.

    >>> to_unit(np.array([0, 255], np.uint8)).tolist()
    [0.0, 1.0]
    """
    if pixels.dtype == np.float32:
        return pixels
    return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)


def from_unit(values: Floats, depth: str) -> NDArray[Any]:
    """Numbers where 1 is white as pixels of a depth: clipped and rounded, NaN as black; floats as they are.

    >>> from_unit(np.array([-0.1, 0.5, 2.0]), "8").tolist()
    [0, 128, 255]
    """
    dtype = DEPTHS[depth]
    if dtype == np.float32:
        return values.astype(np.float32)
    white = np.iinfo(dtype).max
    return np.rint(np.nan_to_num(np.clip(values, 0, 1)) * white).astype(dtype)
