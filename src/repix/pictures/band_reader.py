"""Reading a picture in bands of rows, from top to bottom, so that it need not be held whole."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from repix.errors import RepixError, TooLarge, Unreadable, WrongUse
from repix.pictures import plain_reader, vips_reader
from repix.pictures.atomic import read_error
from repix.pictures.decoded import Decoded, all_at_once
from repix.pictures.file_bytes import Bytes, FileBytes
from repix.pictures.formats import detect_format
from repix.pictures.headers import Header, inspect
from repix.pictures.limits import OWN, Limits
from repix.pictures.metadata import clean_exif, profile_space, reset_xmp_orientation
from repix.pictures.orientation import upright
from repix.pictures.picture import Picture, depth_of
from repix.pictures.sources import Source, name_of, open_source
from repix.pictures.tiff_tags import Damaged


class BandReader:
    """An opened picture file, whose rows are taken from top to bottom. `open_bands` makes them."""

    def __init__(self, name: str, found: Decoded) -> None:
        self._name, self._found = name, found
        self._open = True
        self.size = found.size
        """Height and width."""
        self.channels = found.channels
        self.depth = depth_of(found.dtype)
        self.left = found.size[0]
        """Rows that were not taken yet."""
        self.held = found.held
        """Bytes that decoding needs beside the rows that are taken: compare it with what there is before taking any."""
        self.whole = found.whole
        """Why the whole picture must be decoded before the first row can be taken, if it must."""

    def take(self, rows: int) -> Picture:
        """The next rows, fewer at the end, as a picture with all that the file says; `lost` may grow from band to band.

        All rows together are what `read` gives, and so is what the last band says.
        """
        if not self._open:
            raise WrongUse(f"{self._name} was closed; take its rows within the `with` of open_bands.")
        if rows < 1 or not self.left:
            raise WrongUse(
                f"{rows} rows were asked for and {self.left} are left; take at least one while some are left."
            )
        found, count = self._found, min(rows, self.left)
        with _problems(self._name):
            pixels = np.ascontiguousarray(found.rows(found.size[0] - self.left, count))
        self.left -= count
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
        """Let go of the decoder; no more rows can be taken."""
        self._open = False
        del self._found


@contextmanager
def open_bands(source: Source, limits: Limits = OWN) -> Iterator[BandReader]:
    """Open a picture, to take its rows; its first bytes say what it is, not its suffix.

    The source is a path, the bytes of a file, or a binary file, which is read from its beginning and stays open.
    Nothing is decoded before the first rows are taken. What is wrong with the file's headers is an error at once, what
    is wrong with its pixels when they are taken.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from repix.pictures import write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = write(Picture(np.zeros((5, 3), np.uint8)), Path(folder, "a.png"))
    ...     with open_bands(Path(folder, "a.png")) as bands:
    ...         print(bands.size, [bands.take(2) for _ in range(3)])
    (5, 3) [Picture(3×2 grey, depth 8), Picture(3×2 grey, depth 8), Picture(3×1 grey, depth 8)]
    """
    name = name_of(source)
    with _problems(name):
        opened = open_source(source, limits)
    with opened as content:
        with _problems(name):
            data = content if isinstance(content, bytes) else FileBytes(content)
            bands = BandReader(name, _opened(data, name, limits))
        try:
            yield bands
        finally:
            bands.close()


@contextmanager
def _problems(name: str) -> Iterator[None]:
    """What the system says about a file, as a sentence."""
    try:
        yield
    except MemoryError:
        raise TooLarge(f"{name} is too large for this machine's memory.") from None
    except RepixError:
        raise
    except (OSError, ValueError) as problem:
        raise read_error(name, problem) from None


def _opened(data: Bytes, name: str, limits: Limits) -> Decoded:
    limits.check_file(name, len(data))
    if not len(data):
        raise Unreadable(f"{name} is empty.")
    form = detect_format(data[:256], name).name
    header = inspect(form, data, name)
    if form in vips_reader.LOADERS:
        found = vips_reader.opened(data, form, name, limits, header)
    else:
        found = plain_reader.opened(data, form, name, limits)
    return _assembled(found, header, form)


def _assembled(found: Decoded, header: Header, form: str) -> Decoded:
    """What the decoder and the headers say together: upright, and with its metadata cleaned."""
    found.converted[:0], found.lost[:0] = header.converted, header.lost
    found.exif, turn = _exif(header.exif or found.exif, found)
    turn = 1 if form == "AVIF" else header.orientation or turn
    if header.grey:
        _keep_channels(found, [0, 3] if found.channels == 4 else [0])
    if turn != 1:
        _turn(found, turn)
    found.resolution = found.resolution or header.resolution
    if found.resolution is not None and turn >= 5:
        found.resolution = found.resolution[::-1]
    if found.profile is not None and profile_space(found.profile) != ("GRAY" if found.channels <= 2 else "RGB"):
        found.lost.append("the colour profile, which does not fit the pixels")
        found.profile = None
    found.xmp = None if found.xmp is None else reset_xmp_orientation(found.xmp)
    return found


def _exif(block: bytes | None, found: Decoded) -> tuple[bytes | None, int]:
    """The cleaned EXIF block, and the orientation that it asked for."""
    if block is None:
        return None, 1
    try:
        cleaned = clean_exif(block)
    except Damaged:
        found.lost.append("the EXIF, which is damaged")
        return None, 1
    if cleaned.had_thumbnail:
        found.converted.append("the thumbnail in the EXIF, which shows the old picture, was taken out")
    return cleaned.block, cleaned.orientation


def _keep_channels(found: Decoded, channels: list[int]) -> None:
    rows = found.rows
    found.rows = lambda first, count: rows(first, count)[:, :, channels]
    found.channels = len(channels)


def _turn(found: Decoded, turn: int) -> None:
    """Turn the rows upright: mirrored ones as they come, others when all are there."""
    rows, (height, width) = found.rows, found.size
    found.converted.append(f"the picture was turned upright (orientation {turn})")
    if turn == 2:
        found.rows = lambda first, count: upright(rows(first, count), turn)
        return
    found.rows = all_at_once(lambda: upright(rows(0, height), turn))
    found.whole = found.whole or f"it is stored turned (orientation {turn})"
    found.held += found.nbytes
    found.size = (width, height) if turn >= 5 else (height, width)
