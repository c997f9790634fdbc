"""`VolumeReader`: an open volume whose slices are read one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field

from repix.errors import WrongUse
from repix.pictures.picture import Picture
from repix.volumes.metadata import Metadata


@dataclass
class VolumeReader:
    """An open volume whose slices are read from the first to the last; `open_volume` returns one.

    >>> import numpy as np
    >>> reader = VolumeReader("a.tif", (2, 3, 4), "8", Metadata(), lambda: Picture(np.zeros((3, 4), np.uint8)))
    >>> reader.read(), reader.slices_left
    (Picture(4×3 gray, depth 8), 1)
    """

    name: str
    """Name of the file in messages."""
    shape: tuple[int, int, int]
    """Numbers of slices, rows and columns."""
    depth: str
    """'8', '16' or 'float'."""
    metadata: Metadata
    fetch: Callable[[], Picture] = field(repr=False)
    """Returns the next slice."""
    names: tuple[str, ...] = ()
    """Names of the files of the slices, of a folder."""
    converted: tuple[str, ...] = ()
    """Changes by reading that do not change what the volume shows, one text each."""
    lost: tuple[str, ...] = ()
    """Information lost by reading, one text each."""
    memory: int = 0
    """Bytes that the decoder needs in addition to a slice."""
    slices_left: int = field(init=False)

    def __post_init__(self) -> None:
        self.slices_left = self.shape[0]

    def read(self) -> Picture:
        """Return the next slice.

        Raises:
            WrongUse: no slices are left.
            Unreadable: the file is damaged.
        """
        if not self.slices_left:
            raise WrongUse(f"{self.name} has {self.shape[0]} slices, and all were read.")
        found = self.fetch()
        self.slices_left -= 1
        return found
