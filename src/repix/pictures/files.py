"""Read and write pictures."""

from pathlib import Path

from repix.pictures.band_reader import open_bands
from repix.pictures.band_writer import fitted_to, require_picture, write_bands
from repix.pictures.destinations import Target
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.format_conversion import check_quality, check_size
from repix.pictures.formats import format_for_path
from repix.pictures.limits import OWN, Limits
from repix.pictures.picture import Picture
from repix.pictures.sources import Source


def read(source: Source, *, limits: Limits = OWN) -> Picture:
    """Read a picture; the format is detected from the first bytes, not from the suffix.

    Args:
        source: a path, the bytes of a file, or an open binary file, which is read from its beginning and stays open.
        limits: largest file and picture to accept.

    Returns:
        The picture with its orientation applied and its metadata.

    Raises:
        Unreadable: the file is missing, damaged, or not an image that repix can read.
        TooLarge: the file exceeds the limits.

    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = write(Picture(np.zeros((2, 3), np.uint8)), Path(folder, "a.png"))
    ...     read(Path(folder, "a.png")).size
    (2, 3)
    >>> read("nowhere.png")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.png: there is no such file.
    """
    with open_bands(source, limits) as bands:
        return bands.read(bands.rows_left)


def write(
    picture: Picture,
    path: Target,
    *,
    format: str | None = None,  # noqa: A002 (as Pillow and others call it)
    overwrite: bool = False,
    quality: int = 90,
    strict: bool = False,
) -> Fidelity:
    """Write a picture and report what was kept, converted and lost. The file appears complete or not at all.

    Args:
        picture: the picture to write.
        path: the file to write: a path, or an open binary file such as `io.BytesIO()`.
        format: file format such as "png"; by default that of the path's suffix. Required for an open file.
        overwrite: replace an existing file.
        quality: 1 to 100, for JPEG, WebP and AVIF.
        strict: raise an error instead of losing information.

    Returns:
        The fidelity report.

    Raises:
        Unwritable: the file cannot be written, or the format cannot store the picture.
        FidelityLost: `strict` is true and information would be lost.

    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(write(Picture(np.zeros((2, 3, 4), np.uint16)), Path(folder, "a.webp")))
    kept: 3×2 pixels
    kept: transparency
    kept: RGB
    converted: WebP approximates the colors (quality 90)
    lost: 16 bits became 8 bits
    """
    require_picture(picture)
    return write_bands(
        [picture], picture.size, path, format=format, overwrite=overwrite, quality=quality, strict=strict
    )


def fidelity(picture: Picture, path: Path | str, *, quality: int = 90) -> Fidelity:
    """Return the report that `write` would return, without writing a file.

    Args:
        picture: the picture to write.
        path: the file; its suffix gives the format.
        quality: 1 to 100, for JPEG, WebP and AVIF.

    Returns:
        The fidelity report.

    Raises:
        Unwritable: the format cannot store the picture.

    >>> import numpy as np
    >>> fidelity(Picture(np.zeros((2, 3), np.uint8)), "a.ppm").converted
    ('PPM stores gray as RGB',)
    """
    require_picture(picture)
    check_quality(quality)
    form = format_for_path(Path(path))
    check_size(picture.size, form, str(path))
    return fitted_to(form, picture, picture.size, str(path), quality)[1]
