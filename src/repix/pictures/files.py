"""Reading and writing picture files (provisional: the file layer replaces this)."""

from pathlib import Path

import numpy as np

from repix.errors import Unreadable, Unwritable
from repix.pictures.picture import Picture


def read(path: Path | str) -> Picture:
    """Read a picture."""
    import pyvips

    if not Path(path).is_file():
        raise Unreadable(f"{path}: there is no such file.")
    return Picture(np.ascontiguousarray(pyvips.Image.new_from_file(str(path)).numpy()))


def write(picture: Picture, path: Path | str, *, overwrite: bool = False, quality: int = 90) -> None:
    """Write a picture."""
    import pyvips

    if Path(path).exists() and not overwrite:
        raise Unwritable(f"{path} exists already; use --overwrite to replace it.")
    options = {"Q": quality} if Path(path).suffix in (".jpg", ".webp", ".avif") else {}
    pyvips.Image.new_from_array(picture.pixels).write_to_file(str(path), **options)
