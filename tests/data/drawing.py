"""Folders drawn by our own code: a clean one for each layout."""

from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (96, 80)  # height, width


def photo(number: int, size: tuple[int, int] = SIZE, channels: int = 3) -> np.ndarray:
    """Soft shapes that no other number has, H×W×C of uint8."""
    few = np.random.default_rng(number).integers(0, 256, (6, 5, channels)).astype(np.uint8)
    resized = Image.fromarray(few if channels == 3 else few[:, :, 0]).resize(size[::-1], Image.Resampling.BICUBIC)
    return np.asarray(resized)


def blobs(number: int, classes: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Class ids H×W, every class in broad patches."""
    few = np.random.default_rng(number).permutation(np.arange(48) % classes).reshape(8, 6).astype(np.uint8)
    return np.asarray(Image.fromarray(few).resize(size[::-1], Image.Resampling.NEAREST))


def put(path: Path, pixels: np.ndarray, **settings: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **settings)
    return path


def put_palette(path: Path, ids: np.ndarray, colors: list[tuple[int, int, int]], bits: int = 8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.frombytes("P", ids.shape[::-1], np.ascontiguousarray(ids).tobytes())
    image.putpalette([part for color in colors for part in color])
    image.save(path, bits=bits)
    return path


def pictures(root: Path, count: int = 12) -> Path:
    for number in range(count):
        put(root / f"{number:02}.png", photo(number))
    return root


def pairs(root: Path, count: int = 12, scale: int = 1) -> Path:
    for number in range(count):
        put(root / "source" / f"{number:02}.png", photo(number))
        put(root / "target" / f"{number:02}.png", photo(number, (SIZE[0] * scale, SIZE[1] * scale)))
    return root


def masks(root: Path, count: int = 12, second: str = "masks") -> Path:
    """Photos with masks of 0 and 255."""
    for number in range(count):
        put(root / "images" / f"{number:02}.jpg", photo(number))
        put(root / second / f"{number:02}.png", blobs(number, 2) * np.uint8(255))
    return root


def splits(root: Path, end: str = "-labels", classes: int = 3) -> Path:
    for start, name in ((0, "train"), (50, "val"), (80, "test")):
        for number in range(start, start + 6):
            put(root / name / f"{number:02}.png", photo(number))
            put(root / f"{name}{end}" / f"{number:02}.png", blobs(number, classes))
    return root


def pets(root: Path) -> Path:
    for number in range(8):
        put(root / "images" / f"Cat_{number}.jpg", photo(number))
        put(root / "annotations" / "trimaps" / f"Cat_{number}.png", blobs(number, 3) + np.uint8(1))
    (root / "images" / "Cat_1.mat").write_bytes(b"not for us")
    (root / "annotations" / "trimaps" / "._Cat_1.png").write_bytes(b"hidden")
    lists = {"list": range(8), "trainval": range(5), "test": range(5, 7)}
    for name, numbers in lists.items():
        text = "".join(f"Cat_{number} 1 1 1\n" for number in numbers)
        (root / "annotations" / f"{name}.txt").write_text("#Image CLASS-ID SPECIES BREED ID\n" + text)
    return root
