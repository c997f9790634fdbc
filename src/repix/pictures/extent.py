"""How many pixels a file announces: its header read, nothing decoded."""

import struct
from mmap import ACCESS_READ, mmap
from pathlib import Path

from repix.errors import Unreadable
from repix.pictures import bmp, plain, vips
from repix.pictures.atomic import reason
from repix.pictures.decoded import Bytes
from repix.pictures.formats import of_file
from repix.pictures.limits import OWN, Limits


def pixels_of(path: Path, *, limits: Limits = OWN) -> int:
    """Height × width, as the file's header says.

    >>> import tempfile
    >>> import numpy as np
    >>> from repix.pictures import Picture, write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = write(Picture(np.zeros((2, 3), np.uint8)), Path(folder, "a.png"))
    ...     pixels_of(Path(folder, "a.png"))
    6
    """
    try:
        if not path.is_file():
            raise Unreadable(f"{path} is no file.")  # to open a pipe would wait for somebody to write into it
        with path.open("rb") as file:
            if not file.seek(0, 2):
                raise Unreadable(f"{path} is empty.")
            with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
                form = of_file(bytes(data[:256]), path.name).name
                if form in vips.LOADERS:
                    return vips.pixels(file.fileno(), form, str(path), limits)
                return _plain(data, form, str(path))
    except (OSError, ValueError, struct.error) as problem:
        raise Unreadable(f"{path} cannot be read: {reason(problem)}.") from None


def _plain(data: Bytes, form: str, name: str) -> int:
    """Of the formats that libvips lacks."""
    if form == "BMP":
        return bmp.pixels(data)
    return plain.pixels(data, form, name)
