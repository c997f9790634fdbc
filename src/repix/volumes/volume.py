"""`Volume`: voxels in memory, with their metadata."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from repix.errors import WrongDtype, WrongShape
from repix.pictures.picture import DEPTHS, depth_of
from repix.volumes.metadata import Metadata


@dataclass(frozen=True, eq=False, repr=False)
class Volume:
    """A gray volume: voxels D×H×W and the metadata of its file.

    Args:
        voxels: uint8, uint16 or float32, D×H×W: slices, rows, columns. White is 255, 65535 or 1.0.

    Raises:
        WrongDtype: the voxels have another dtype.
        WrongShape: the voxels have another shape, or no voxel.

    >>> import numpy as np
    >>> Volume(np.zeros((4, 2, 3), np.uint16), Metadata((50, 4, 4), "nm"))
    Volume(4 slices of 3×2, depth 16, spacing 50 × 4 × 4 nm)
    """

    voxels: NDArray[Any]
    metadata: Metadata = field(default_factory=Metadata)

    def __post_init__(self) -> None:
        kind = getattr(self.voxels, "dtype", type(self.voxels).__name__)
        if kind not in DEPTHS.values():
            raise WrongDtype(f"The voxels are {kind}; a volume needs an array of uint8, uint16 or float32.")
        if self.voxels.ndim != 3 or 0 in self.voxels.shape:
            raise WrongShape(f"The voxels have shape {self.voxels.shape}; a volume is D×H×W.")

    def __repr__(self) -> str:
        slices, height, width = self.voxels.shape
        parts = (f"{slices} slices of {width}×{height}", f"depth {self.depth}", self.metadata.text)
        return f"Volume({', '.join(filter(None, parts))})"

    @property
    def depth(self) -> str:
        """'8', '16' or 'float'."""
        return depth_of(self.voxels.dtype)
