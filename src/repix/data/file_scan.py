"""Scan the files of a dataset: everything that the checks need, from one decoding of each file."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.color import BLUE, GREEN, RED
from repix.data.mask_scan import MaskScan, scan_mask
from repix.errors import FileProblem
from repix.masks import read_mask
from repix.pictures import Picture
from repix.volumes.stack import Stack, read_picture, slices_in

CELLS = 24
"""Side of a thumbnail, in pixels."""


@dataclass(frozen=True, eq=False)
class FileScan:
    """Properties of a file, or the reason why it cannot be read."""

    problem: str = ""
    """Error message, if the file cannot be read."""
    size: tuple[int, int] = (0, 0)
    """Height and width; of a volume, those of a slice."""
    gray: bool = False
    depth: str = "8"
    alpha: bool = False
    """The picture has transparent pixels."""
    low: float = 0.0
    high: float = 0.0
    finite: bool = True
    content: str = ""
    """Hash of the pixels."""
    thumbnail: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """Luma of 24×24 cells, flattened; empty for a mask."""
    mask: MaskScan | None = None


def scan_files(
    root: Path,
    pictures: Iterable[str],
    masks: Iterable[str],
    progress: Callable[[Iterable[FileScan], int], Iterator[FileScan]],
) -> dict[str, FileScan]:
    """Scan files on all cores.

    Args:
        root: folder that the names are relative to.
        pictures: names of pictures.
        masks: names of masks.
        progress: wraps the iterator of scans; its second argument is their number.

    Returns:
        The scans by name.
    """
    jobs: list[tuple[Callable[[Path], FileScan], str]] = [(_of_picture, name) for name in pictures]
    jobs += [(_of_mask, name) for name in masks]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            scans = list(progress(pool.map(lambda job: job[0](root / job[1]), jobs), len(jobs)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return {name: scan for (_, name), scan in zip(jobs, scans, strict=True)}


def _of_picture(path: Path) -> FileScan:
    try:
        picture = read_picture(path)
    except FileProblem as problem:
        return FileScan(problem=str(problem))
    pixels = picture.pixels
    white = 1.0 if picture.depth == "float" else float(np.iinfo(pixels.dtype).max)
    colors = pixels[:, :, : 1 if picture.is_gray else 3]
    return FileScan(
        size=picture.slice_size if isinstance(picture, Stack) else picture.size,
        gray=picture.is_gray,
        depth=picture.depth,
        alpha=picture.has_alpha and bool((pixels[:, :, -1] < white).any()),
        low=float(colors.min()) / white,
        high=float(colors.max()) / white,
        finite=picture.depth != "float" or bool(np.isfinite(colors).all()),
        content=_content(picture),
        thumbnail=thumbnail(colors, white),
    )


def _of_mask(path: Path) -> FileScan:
    try:
        mask = read_mask(path)
    except FileProblem as problem:
        return FileScan(problem=str(problem))
    height, width = mask.pixels.shape[:2]
    return FileScan(size=(height // slices_in(str(path)), width), mask=scan_mask(mask))


def _content(picture: Picture) -> str:
    digest = hashlib.blake2b(f"{picture.pixels.shape} {picture.depth}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(picture.pixels).data)
    return digest.hexdigest()


def thumbnail(pixels: NDArray[Any], white: float) -> NDArray[np.float32]:
    """Return the luma of 24×24 cells as exact area means from 0 to 255, which are comparable for pictures of any size.

    Args:
        pixels: H×W×1 or H×W×3.
        white: the value of white.

    >>> thumbnail(np.full((30, 7, 3), 51, np.uint8), 255.0)[0].round().tolist()
    51.0
    """
    weights = (RED, GREEN, BLUE) if pixels.shape[2] == 3 else (1.0,)
    light = pixels @ np.array(weights, np.float32)
    means = _areas(light.shape[0]) @ light @ _areas(light.shape[1]).T
    levels: NDArray[np.float32] = (means * np.float32(255 / white)).reshape(-1)
    return levels


def _areas(length: int) -> NDArray[np.float32]:
    """Return the weights CELLS×length of each cell's area mean along one axis."""
    edges = np.arange(CELLS + 1) * (length / CELLS)
    places = np.arange(length)
    covered = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    weights: NDArray[np.float32] = (np.clip(covered, 0, None) * (CELLS / length)).astype(np.float32)
    return weights


def alike(
    some: Sequence[NDArray[np.float32]], others: Sequence[NDArray[np.float32]], threshold: float
) -> Iterator[tuple[int, int]]:
    """Yield pairs of thumbnails whose RMS difference is at most the threshold and a tenth of their contrast."""
    if not some or not others:
        return
    ours, theirs = np.stack(some).astype(np.float64), np.stack(others).astype(np.float64)
    for start in range(0, len(ours), 1024):
        block = ours[start : start + 1024]
        near = (block**2).mean(1)[:, None] + (theirs**2).mean(1) - 2 * block @ theirs.T / ours.shape[1]
        limit = np.minimum(threshold, np.minimum(block.std(1)[:, None], theirs.std(1)) / 10)
        for row, column in np.argwhere(near <= limit**2):
            yield start + int(row), int(column)
