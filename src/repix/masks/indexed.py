"""Write masks as indexed PNGs, whose palette shows the classes in different colors."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from repix.errors import WrongShape, WrongUse
from repix.masks.encoding import Encoding
from repix.masks.palettes import palette_of
from repix.pictures import Picture, write


def write_indexed(ids: NDArray[Any], encoding: Encoding, path: Path, *, overwrite: bool = False) -> None:
    """Write class ids as an indexed PNG; the file appears complete or not at all.

    Args:
        ids: class ids H×W.
        encoding: the encoding of the classes: palette indices, or gray levels.
        path: the file to write.
        overwrite: replace an existing file.

    Raises:
        WrongUse: the encoding needs no palette.
        Unwritable: the file cannot be written.

    >>> import tempfile
    >>> import numpy as np
    >>> from repix.masks import read_mask
    >>> encoding = Encoding("palette", (0, 2), palette=(0x000000, 0x00ff00))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_indexed(np.array([[0, 1]], np.uint8), encoding, Path(folder, "mask.png"))
    ...     read_mask(Path(folder, "mask.png")).pixels.tolist()
    [[0, 2]]
    """
    palette = palette_of(encoding)
    if not palette:
        raise WrongUse(f"The classes are encoded as {encoding}; an indexed PNG needs palette indices or close levels.")
    if ids.ndim != 2 or 0 in ids.shape:
        raise WrongShape(f"The ids have shape {ids.shape}; they must be H×W.")
    write(Picture(encoding.from_ids(ids), palette=palette), path, format="png", overwrite=overwrite)
