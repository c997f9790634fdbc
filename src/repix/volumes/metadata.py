"""Metadata of a volume: spacing, position, and what else a file must not lose."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongUse

Spacing = tuple[float, float, float]
"""Distances between slices, rows and columns."""
MILLIMETERS = {"m": 1000.0, "cm": 10.0, "inch": 25.4, "mm": 1.0, "µm": 1e-3, "nm": 1e-6}
"""Lengths of the units, in millimeters."""


@dataclass(frozen=True, eq=False)
class Metadata:
    """Spacing and position of a volume; the parts that its file does not have are None or empty.

    Raises:
        WrongUse: the spacing is not three positive numbers.

    >>> Metadata(spacing=(50, 4, 4), unit="nm").text
    'spacing 50 × 4 × 4 nm'
    """

    spacing: Spacing | None = None
    unit: str = ""
    """Unit of the spacing: m, cm, inch, mm, µm or nm; another text is kept as it is; empty if unknown."""
    affine: NDArray[np.float64] | None = None
    """Matrix 4×4 from column, row and slice to the position in space, in the unit of the spacing."""
    nifti: bytes = b""
    """Header of a NIfTI file, with its extensions."""
    resolution: tuple[float, float] | None = None
    """Pixels per millimeter across and down, of a TIFF without spacing."""
    compressed: bool = True
    """The file is compressed, and so shall results be."""

    def __post_init__(self) -> None:
        if self.spacing is not None and not all(0 < one < 1e12 for one in self.spacing):
            raise WrongUse(f"spacing is {self.spacing}; it must be three positive numbers: slices, rows, columns.")

    @property
    def text(self) -> str:
        """The spacing in words; empty if it is unknown."""
        if self.spacing is None:
            return ""
        return f"spacing {' × '.join(f'{one:g}' for one in self.spacing)} {self.unit}".rstrip()

    def in_unit(self, unit: str) -> Spacing | None:
        """Return the spacing in another unit; None if it or its unit is unknown.

        >>> Metadata(spacing=(50, 4, 4), unit="nm").in_unit("µm")
        (0.05, 0.004, 0.004)
        """
        if self.spacing is None or self.unit not in MILLIMETERS or unit not in MILLIMETERS:
            return None
        depth, down, across = (round(one * MILLIMETERS[self.unit] / MILLIMETERS[unit], 12) for one in self.spacing)
        return depth, down, across

    def enlarged(self, scale: int) -> "Metadata":
        """Return the metadata of a volume whose slices were enlarged by a factor: smaller spacing, the same position.

        >>> Metadata(spacing=(5, 2, 2)).enlarged(2).spacing
        (5, 1.0, 1.0)
        """
        if scale == 1:
            return self
        spacing = self.spacing
        if spacing is not None:
            spacing = spacing[0], spacing[1] / scale, spacing[2] / scale
        resolution = None if self.resolution is None else (scale * self.resolution[0], scale * self.resolution[1])
        affine = None if self.affine is None else self.affine @ _shrinking(scale)
        return replace(self, spacing=spacing, resolution=resolution, affine=affine)


def _shrinking(scale: int) -> NDArray[Any]:
    """Return the matrix from indices in the enlarged slices to indices in the original ones."""
    corner = (1 / scale - 1) / 2
    found = np.diag([1 / scale, 1 / scale, 1, 1])
    found[:2, 3] = corner
    return found
