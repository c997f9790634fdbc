"""Writing masks as PNGs with a palette: the index is how a class is written, its color lets people see it."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from repix.errors import WrongShape, WrongUse
from repix.masks.encoding import Encoding
from repix.masks.palettes import palette_of
from repix.pictures import Picture, write


def write_indexed(ids: NDArray[Any], encoding: Encoding, path: Path, *, overwrite: bool = False) -> None:
    """Class ids H×W as a PNG with a palette; it appears whole or not at all.

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
        raise WrongUse(f"The classes are written as {encoding}; a PNG with a palette is for indices and close levels.")
    if ids.ndim != 2 or 0 in ids.shape:
        raise WrongShape(f"The ids have shape {ids.shape}; they must be H×W.")
    write(Picture(encoding.from_ids(ids), palette=palette), path, format="png", overwrite=overwrite)
