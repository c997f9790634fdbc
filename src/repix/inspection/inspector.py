"""Inspect a picture or a file: run all estimators on samples of it, or those that are asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.inspection.blur import Blur, blur
from repix.inspection.clipping import clipping
from repix.inspection.color import Color, color
from repix.inspection.impulses import Impulses, impulses
from repix.inspection.jpeg import Jpeg, coarsest_steps, jpeg
from repix.inspection.jpeg_tables import JpegHeader, jpeg_header
from repix.inspection.noise import Noise, noise
from repix.inspection.result import Inspection
from repix.inspection.samples import Samples, sample_bands, sample_picture
from repix.pictures.band_reader import open_bands
from repix.pictures.file_bytes import sliced
from repix.pictures.limits import OWN, Limits
from repix.pictures.picture import DEPTHS, Picture
from repix.pictures.sources import Source, open_source

JPEG = b"\xff\xd8\xff"
"""The first bytes of a JPEG file."""

Part = Literal["noise", "blur", "jpeg", "color"]
"""A part of an inspection that takes time."""
ALL: tuple[Part, ...] = ("noise", "blur", "jpeg", "color")


def inspect(given: Picture | Source, *, limits: Limits = OWN) -> Inspection:
    """Return what is wrong with a picture: noise, blur, JPEG compression, clipping, salt and pepper.

    Large pictures are read in bands, and only a few crops of them are looked at.

    Args:
        given: a picture, a path, the bytes of a file, or an open binary file.
        limits: largest file and picture to accept.

    Returns:
        The findings.

    Raises:
        Unreadable: the file is missing, damaged, or not an image that repix can read.
        TooLarge: the file exceeds the limits.

    >>> noisy = 128 + 20 * np.random.default_rng(0).standard_normal((128, 128, 1))
    >>> found = inspect(Picture(noisy.astype(np.uint8)))
    >>> round(found.luma_noise.sigma), found.luma_noise.is_white
    (19, True)
    """
    if isinstance(given, Picture):
        return Specimen(given, given.size, sample_picture(given)).inspection()
    with open_bands(given, limits) as bands:
        like = Picture(np.zeros((1, 1, bands.channels), DEPTHS[bands.depth]))
        size, samples = bands.size, sample_bands(bands)
    return Specimen(like, size, samples, header_of(given, limits)).inspection()


def header_of(given: Source, limits: Limits = OWN) -> JpegHeader | None:
    """Return the header of a JPEG file; None for other files."""
    with open_source(given, limits) as content:
        data = sliced(content)
        return jpeg_header(data) if data[:3] == JPEG else None


@dataclass(frozen=True, eq=False)
class Specimen:
    """The samples of a picture, which the estimators see."""

    like: Picture
    """A picture of its type."""
    size: tuple[int, int]
    """Height and width."""
    samples: Samples
    header: JpegHeader | None = None
    """Of a JPEG file."""

    def inspection(self, parts: Collection[Part] = ALL) -> Inspection:
        """Return the findings; parts that are not asked for count as nothing found.

        Noise is told with the help of the compression, and blur with that of both.
        """
        luma_noise, chroma_noise = self._noise if "noise" in parts else (Noise(0.0, 0.0), Noise(0.0, 0.0))
        tone = self._tone if parts else "color"
        return Inspection(
            width=self.size[1],
            height=self.size[0],
            depth=self.like.depth,
            has_alpha=self.like.has_alpha,
            color=tone,
            luma_noise=luma_noise,
            chroma_noise=None if tone == "gray" else chroma_noise,
            salt_and_pepper=self._impulses.share,
            blur=self._blur if "blur" in parts else Blur("unknown"),
            jpeg=self._jpeg if "jpeg" in parts else None,
            clipping=clipping(self.samples.scattered),
        )

    @cached_property
    def _impulses(self) -> Impulses:
        return impulses(self.samples.crops)

    @cached_property
    def _clean(self) -> Samples:
        """The samples without salt and pepper."""
        return Samples(self._impulses.filled, self.samples.scattered)

    @cached_property
    def _luma(self) -> list[Array]:
        return self._clean.luma()

    @cached_property
    def _chroma(self) -> list[Array]:
        return self._clean.chroma() if self.samples.has_colors else []

    @cached_property
    def _tone(self) -> Color:
        return color(self._chroma, self.samples.scattered)

    @cached_property
    def _jpeg(self) -> Jpeg | None:
        return jpeg([] if self._impulses.share else self._luma, self.header)

    @cached_property
    def _noise(self) -> tuple[Noise, Noise]:
        return noise(self._luma, self._chroma, self._clean.usable(), coarsest_steps(self._jpeg, self.header))

    @cached_property
    def _blur(self) -> Blur:
        return Blur("unknown") if self._impulses.share else blur(self._luma, self._noise[0], self._jpeg)
