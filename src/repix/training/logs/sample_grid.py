"""Sample grid: source, result and target side by side, a row for each picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from repix.pictures import Picture
from repix.training.logs import Record
from repix.training.run_folder import RunFolder

GAP = 8
WIDEST = 480
"""Larger pictures are center-cropped, so that a pixel of the grid is a pixel of the picture."""


class SampleGrids:
    """Writes a sample grid for each validation."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def write(self, record: Record) -> None:
        """Write the grid of this validation."""
        if record.samples is not None:
            self.folder.write(self.folder.samples / f"step-{record.step:07}.png", record.samples)

    def close(self) -> None:
        """Nothing is open."""


def sample_grid(rows: Sequence[Sequence[Picture]]) -> Picture:
    """Return pictures in rows; a source smaller than its target is enlarged by nearest neighbor.

    >>> small, large = Picture(np.zeros((4, 5, 1), np.uint8)), Picture(np.zeros((8, 10, 3), np.uint8))
    >>> sample_grid([[small, large, large]])
    Picture(62×24 RGB, depth 8)
    """
    drawn = [_row(row) for row in rows]
    width = max(row.shape[1] for row in drawn)
    white = [np.pad(row, ((GAP, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in drawn]
    return Picture(np.pad(np.concatenate(white), ((0, GAP), (0, 0), (0, 0)), constant_values=255))


def _row(pictures: Sequence[Picture]) -> NDArray[np.uint8]:
    """Return pictures side by side with gaps around, H×W×3."""
    shown = [_shown(picture) for picture in pictures]
    height = max(pixels.shape[0] for pixels in shown)
    cells = [_center(_enlarged(pixels, height)) for pixels in shown]
    padded = [np.pad(cell, ((0, 0), (GAP, 0), (0, 0)), constant_values=255) for cell in cells]
    return np.pad(np.concatenate(padded, axis=1), ((0, 0), (0, GAP), (0, 0)), constant_values=255)


def _shown(picture: Picture) -> NDArray[np.uint8]:
    """Return a picture as 8-bit RGB without alpha."""
    colors = np.rint(np.clip(np.nan_to_num(picture.colors()), 0, 1) * 255).astype(np.uint8)
    return np.broadcast_to(colors, (*picture.size, 3))


def _enlarged(pixels: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    times = max(1, height // pixels.shape[0])
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def _center(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    top, left = max(0, height - WIDEST) // 2, max(0, width - WIDEST) // 2
    return pixels[top : top + WIDEST, left : left + WIDEST]
