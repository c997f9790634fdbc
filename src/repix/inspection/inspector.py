"""Inspect a picture or a file: run all estimators on samples of it."""

import numpy as np

from repix.inspection.blur import Blur, blur
from repix.inspection.clipping import clipping
from repix.inspection.color import color
from repix.inspection.impulses import impulses
from repix.inspection.jpeg import coarsest_steps, jpeg
from repix.inspection.jpeg_tables import JpegHeader, jpeg_header
from repix.inspection.noise import noise
from repix.inspection.result import Inspection
from repix.inspection.samples import Samples, sample_bands, sample_picture
from repix.pictures.band_reader import open_bands
from repix.pictures.file_bytes import FileBytes
from repix.pictures.limits import OWN, Limits
from repix.pictures.picture import DEPTHS, Picture
from repix.pictures.sources import Source, open_source

JPEG = b"\xff\xd8\xff"
"""The first bytes of a JPEG file."""


def inspect(given: Picture | Source, *, limits: Limits = OWN, quick: bool = False) -> Inspection:
    """Return what is wrong with a picture: noise, blur, JPEG compression, clipping, salt and pepper.

    Large pictures are read in bands, and only a few crops of them are looked at.

    Args:
        given: a picture, a path, the bytes of a file, or an open binary file.
        limits: largest file and picture to accept.
        quick: leave out blur, and an earlier compression of a JPEG file, which take a quarter of the time.

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
        return _inspected(given, given.size, sample_picture(given), None, quick)
    with open_bands(given, limits) as bands:
        like = Picture(np.zeros((1, 1, bands.channels), DEPTHS[bands.depth]))
        size, samples = bands.size, sample_bands(bands)
    with open_source(given, limits) as content:
        data = content if isinstance(content, bytes) else FileBytes(content)
        header = jpeg_header(data) if data[:3] == JPEG else None
    return _inspected(like, size, samples, header, quick)


def _inspected(
    like: Picture, size: tuple[int, int], samples: Samples, header: JpegHeader | None, quick: bool
) -> Inspection:
    """Return the findings; `like` has the picture's type."""
    specks = impulses(samples.crops)
    samples = Samples(specks.filled, samples.scattered)
    luma, usable = samples.luma(), samples.usable()
    chroma = samples.chroma() if samples.has_colors else []
    tone = color(chroma, samples.scattered)
    compressed = jpeg([] if specks.share or (quick and header) else luma, header)
    luma_noise, chroma_noise = noise(luma, chroma, usable, coarsest_steps(compressed, header))
    return Inspection(
        width=size[1],
        height=size[0],
        depth=like.depth,
        has_alpha=like.has_alpha,
        color=tone,
        luma_noise=luma_noise,
        chroma_noise=None if tone == "gray" else chroma_noise,
        salt_and_pepper=specks.share,
        blur=Blur("unknown") if specks.share or quick else blur(luma, luma_noise, compressed),
        jpeg=compressed,
        clipping=clipping(samples.scattered),
    )
