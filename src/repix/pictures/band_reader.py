"""Read a picture in bands of rows, from top to bottom, so that it need not be in memory as a whole."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from repix.errors import RepixError, TooLarge, Unreadable, WrongUse
from repix.pictures import heic_reader, plain_reader, raw_reader, vips_reader
from repix.pictures.atomic import read_error
from repix.pictures.decoded import Decoded, decode_whole
from repix.pictures.file_bytes import Bytes, Sliced, sliced
from repix.pictures.formats import FORMATS
from repix.pictures.headers import Header, file_format, inspect
from repix.pictures.limits import OWN, Limits
from repix.pictures.metadata import clean_exif, profile_space, reset_xmp_orientation
from repix.pictures.orientation import apply_orientation
from repix.pictures.picture import Picture, depth_of
from repix.pictures.sources import Source, name_of, open_source
from repix.pictures.tiff_tags import Damaged

TURNED = ("AVIF", "HEIC", "camera RAW")
"""Formats whose decoders apply the orientation."""


class BandReader:
    """An open picture file whose rows are read from top to bottom; `open_bands` returns one.

    Attributes:
        size: height and width.
        channels: number of channels, 1 to 4.
        depth: '8', '16' or 'float'.
        rows_left: rows that have not been read yet.
        decoder_memory: bytes that decoding needs in addition to the rows that are read.
        whole: reason why the decoder needs the whole picture before the first row, or None.
        quality: quality of lossy results, unless another is asked for.
        resolution: pixels per millimeter, across and down, or None.
        converted: conversions made by reading, one text each.
    """

    def __init__(self, name: str, found: Decoded) -> None:
        self._name, self._found = name, found
        self._open = True
        self.size = found.size
        self.channels = found.channels
        self.depth = depth_of(found.dtype)
        self.rows_left = found.size[0]
        self.decoder_memory = found.memory
        self.whole = found.whole
        self.quality = found.quality
        self.resolution = found.resolution
        self.converted = tuple(found.converted)

    def read(self, rows: int) -> Picture:
        """Return the next rows as a picture with the metadata of the file.

        All bands together equal the picture that `read` returns. `lost` of the picture may grow from band to band; the
        last band's is complete.

        Args:
            rows: number of rows; the last band may have fewer.

        Raises:
            WrongUse: no rows are left, or the file was closed.
            Unreadable: the file is damaged.
        """
        if not self._open:
            raise WrongUse(f"{self._name} is closed; read its rows inside the `with` block of open_bands.")
        if rows < 1 or not self.rows_left:
            raise WrongUse(f"{rows} rows were requested and {self.rows_left} are left; request at least one.")
        found, count = self._found, min(rows, self.rows_left)
        with file_problems(self._name):
            pixels = np.ascontiguousarray(found.rows(found.size[0] - self.rows_left, count))
        self.rows_left -= count
        return Picture(
            pixels,
            found.profile,
            found.exif,
            notes=tuple(found.converted),
            lost=tuple(found.lost),
            xmp=found.xmp,
            resolution=found.resolution,
        )

    def close(self) -> None:
        """Close the decoder; no more rows can be read."""
        self._open = False
        del self._found


@contextmanager
def open_bands(source: Source, limits: Limits = OWN) -> Iterator[BandReader]:
    """Open a picture to read its rows in bands.

    The format is detected from the first bytes, not from the suffix. Errors in the headers are raised at once; pixels
    are decoded, and their errors raised, when rows are read.

    Args:
        source: a path, the bytes of a file, an open binary file, which is read from its beginning and stays open, or
            the ranges of a file elsewhere.
        limits: largest file and picture to accept.

    Raises:
        Unreadable: the file is missing, damaged, or not an image that repix can read.
        TooLarge: the file exceeds the limits.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from repix.pictures import write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = write(Picture(np.zeros((5, 3), np.uint8)), Path(folder, "a.png"))
    ...     with open_bands(Path(folder, "a.png")) as bands:
    ...         print(bands.size, [bands.read(2) for _ in range(3)])
    (5, 3) [Picture(3×2 gray, depth 8), Picture(3×2 gray, depth 8), Picture(3×1 gray, depth 8)]
    """
    name = name_of(source)
    with file_problems(name):
        opened = open_source(source, limits)
    with opened as content:
        with file_problems(name):
            bands = BandReader(name, _opened(sliced(content), name, limits))
        try:
            yield bands
        finally:
            bands.close()


@contextmanager
def file_problems(name: str) -> Iterator[None]:
    """Convert system errors about a file to repix errors.

    >>> with file_problems("a.png"):
    ...     raise PermissionError(13, "Permission denied")
    Traceback (most recent call last):
    repix.errors.Unreadable: a.png cannot be read: permission denied.
    """
    try:
        yield
    except MemoryError:
        raise TooLarge(f"{name} does not fit into this machine's memory.") from None
    except RepixError:
        raise
    except (OSError, ValueError) as problem:
        raise read_error(name, problem) from None


def _opened(data: Bytes, name: str, limits: Limits) -> Decoded:
    limits.check_file(name, len(data))
    if not len(data):
        raise Unreadable(f"{name} is empty.")
    form = file_format(data, name).name
    header = inspect(form, data, name)
    if form in vips_reader.LOADERS:
        found = vips_reader.open_file(data, form, name, limits, header)
    elif form == "HEIC":
        found = heic_reader.open_file(data, name, limits)
    elif form == "camera RAW":
        found = raw_reader.open_file(data, name, limits)
    else:
        found = plain_reader.open_file(data, form, name, limits)
    if isinstance(data, Sliced):
        found.memory += data.memory
    return _assembled(found, header, form)


def _assembled(found: Decoded, header: Header, form: str) -> Decoded:
    """Combine what the decoder and the headers report: apply the orientation and clean the metadata."""
    found.converted[:0], found.lost[:0] = header.converted, header.lost
    found.exif, turn = _exif(header.exif or found.exif, found)
    turn = 1 if form in TURNED else header.orientation or turn
    if header.gray:
        _keep_channels(found, [0, 3] if found.channels == 4 else [0])
    if turn != 1:
        _turn(found, turn)
    found.quality = FORMATS[form].quality
    found.resolution = found.resolution or header.resolution
    if found.resolution is not None and turn >= 5:
        found.resolution = found.resolution[::-1]
    if found.profile is not None and profile_space(found.profile) != ("GRAY" if found.channels <= 2 else "RGB"):
        found.lost.append("the color profile, which does not fit the pixels")
        found.profile = None
    found.xmp = None if found.xmp is None else reset_xmp_orientation(found.xmp)
    return found


def _exif(block: bytes | None, found: Decoded) -> tuple[bytes | None, int]:
    """Return the cleaned EXIF block and the orientation that it contained."""
    if block is None:
        return None, 1
    try:
        cleaned = clean_exif(block)
    except Damaged:
        found.lost.append("the EXIF, which is damaged")
        return None, 1
    if cleaned.had_thumbnail:
        found.converted.append("the thumbnail in the EXIF, which shows the old picture, was removed")
    return cleaned.block, cleaned.orientation


def _keep_channels(found: Decoded, channels: list[int]) -> None:
    rows = found.rows
    found.rows = lambda first, count: rows(first, count)[:, :, channels]
    found.channels = len(channels)


def _turn(found: Decoded, turn: int) -> None:
    """Apply an orientation; only a horizontal flip can be applied band by band."""
    rows, (height, width) = found.rows, found.size
    found.converted.append(f"the EXIF orientation {turn} was applied to the pixels")
    if turn == 2:
        found.rows = lambda first, count: apply_orientation(rows(first, count), turn)
        return
    found.rows = decode_whole(lambda: apply_orientation(rows(0, height), turn))
    found.whole = found.whole or f"it is stored rotated (orientation {turn})"
    found.memory += found.nbytes
    found.size = (width, height) if turn >= 5 else (height, width)
