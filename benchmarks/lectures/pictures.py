"""Pictures of an experiment, small and of one size: pets with their masks, crops of photos, or drawn ones."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from repix.arithmetic.resampling import resize_picture
from repix.arithmetic.step_text import plural
from repix.data import check, find
from repix.errors import WrongUse
from repix.masks import read_mask
from repix.pictures import Picture, read, write

Thing = TypeVar("Thing")

SIDE = 128
"""Height and width of the pets, as in the lecture."""
CROP = 160
"""Height and width of crops of photos."""
WHOLE = 448
"""Height and width of the one photo; half of it are the lecture's 224 pixels."""
FREE = ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")
"""Photos that scikit-image brings along."""


def pets(folder: Path | None, output: Path, train: int, held_out: int, drawn_seed: int = 0) -> Path:
    """Return a folder with pets and masks at 128×128; the pictures of the test list are held out.

    Args:
        folder: photos and masks, with a test or validation split; None: drawn ones.
        output: the folder to write.
        train: the most pictures to train with.
        held_out: the most pictures to hold out.
        drawn_seed: seed of the drawn ones.
    """
    if folder is None:
        rng = np.random.default_rng(drawn_seed)
        for split, count in (("train", train), ("val", held_out)):
            _write_pairs(output, split, (drawn_pet(rng) for _ in range(count)))
        return output
    parts = find(folder).parts
    others = parts.get("test", parts.get("validation"))
    if others is None:
        raise WrongUse(f"{folder} has no test or validation split; give a folder in the layout of Oxford-IIIT Pet.")
    for split, items, most in (("train", parts["train"].items, train), ("val", others.items, held_out)):
        chosen = [item for item in _spread(items, most) if item.partner is not None]
        _write_pairs(output, split, (_pet(folder / item.picture, folder / str(item.partner)) for item in chosen))
    _remove_leaks(output)
    return output


def without_masks(folder: Path, output: Path) -> Path:
    """Return a folder with the photos of a folder of `pets`, without their masks."""
    for split in ("train", "val"):
        for file in sorted((folder / split).iterdir()):
            _write(read(file), output / split / file.name)
    return output


def photos(folder: Path | None, output: Path, train: int, held_out: int, side: int = CROP) -> Path:
    """Return a folder of square crops, from the middle of each photo; those of scikit-image are cut into many.

    Args:
        folder: photos; None: those of scikit-image.
        output: the folder to write.
        train: the most crops to train with.
        held_out: the number of crops to hold out.
        side: height and width of the crops.
    """
    total = train + held_out
    crops = _free_crops(side, FREE) if folder is None else _middles(folder, side, total)
    found = [crop for _, crop in zip(range(total), crops, strict=False)]
    if len(found) < held_out + 1:
        raise WrongUse(
            f"{folder} has {plural(len(found), 'photo')} of at least {side}×{side}; {held_out + 1} are needed."
        )
    every = max(1, len(found) // held_out)
    held = set(range(0, every * held_out, every))
    for number, crop in enumerate(found):
        _write(crop, output / ("val" if number in held else "train") / f"{number:03}.png")
    return output


def one_photo(output: Path, train: int, side: int = CROP) -> Path:
    """Return a folder that holds out the first photo of scikit-image, and has crops of the others to train with."""
    for number, crop in zip(range(train), _free_crops(side, FREE[1:]), strict=False):
        _write(crop, output / "train" / f"{number:03}.png")
    middle = free_photo(FREE[0]).colors()[:WHOLE, :WHOLE]
    _write(Picture.of(middle, None, "8"), output / "val" / FREE[0])
    return output


def free_photo(name: str) -> Picture:
    """Return a photo of scikit-image."""
    place = importlib.util.find_spec("skimage")
    if place is None or place.origin is None:
        raise WrongUse("scikit-image is not installed; install the extra `filters`, or give a folder of photos.")
    return read(Path(place.origin).parent / "data" / name)


def drawn_pet(rng: np.random.Generator, side: int = SIDE) -> tuple[Picture, Picture]:
    """Return a drawn animal, a body and a head of one color before stripes, and its trimap: 1, 2, 3 as in the data set.

    >>> photo, mask = drawn_pet(np.random.default_rng(0), 32)
    >>> photo.size, sorted(set(mask.pixels.ravel().tolist()))
    ((32, 32), [1, 2, 3])
    """
    y, x = np.mgrid[:side, :side] / side
    row, column = rng.uniform(0.45, 0.65, 2)
    body = np.hypot((y - row) / 0.22, (x - column) / 0.3)
    head = np.hypot(y - row + 0.2, x - column + rng.choice((-0.2, 0.2))) / 0.15
    near = np.minimum(body, head)
    colors = rng.uniform(0.1, 0.9, (2, 3))
    stripes = 0.15 * np.sin(rng.uniform(10, 40) * (x + rng.uniform(-1, 1) * y))
    photo = np.where((near < 1)[..., None], colors[0], colors[1] + stripes[..., None])
    photo = np.clip(photo + rng.normal(0, 0.03, photo.shape), 0, 1)
    mask = np.where(near < 0.9, 1, np.where(near > 1.1, 2, 3)).astype(np.uint8)
    return Picture.of(photo, None, "8"), Picture(mask)


def _pet(photo: Path, mask: Path) -> tuple[Picture, Picture]:
    levels = read_mask(mask).pixels
    rows, columns = (((np.arange(SIDE) + 0.5) * length / SIDE).astype(int) for length in levels.shape[:2])
    small = resize_picture(read(photo).colors(), (SIDE, SIDE), method="bicubic", antialias=True)
    return Picture.of(small, None, "8"), Picture(np.ascontiguousarray(levels[rows][:, columns]))


def _write_pairs(output: Path, split: str, pairs: Iterator[tuple[Picture, Picture]]) -> None:
    for number, (photo, mask) in enumerate(pairs):
        _write(photo, output / split / f"{number:03}.png")
        _write(mask, output / f"{split}-labels" / f"{number:03}.png")


def _remove_leaks(output: Path) -> None:
    """Remove the training pictures that are held out, too."""
    for finding in check(output, "segment").findings:
        for file in finding.files if finding.kind == "leak" else ():
            split, _, name = file.partition("/")
            if split == "train":
                (output / file).unlink(missing_ok=True)
                (output / "train-labels" / name).unlink(missing_ok=True)


def _middles(folder: Path, side: int, count: int) -> Iterator[Picture]:
    for item in _spread(find(folder).parts["train"].items, count):
        colors = read(folder / item.picture).colors()
        if min(colors.shape[:2]) >= side and colors.shape[2] == 3:
            row, column = ((length - side) // 2 for length in colors.shape[:2])
            yield Picture.of(colors[row : row + side, column : column + side], None, "8")


def _free_crops(side: int, names: Sequence[str]) -> Iterator[Picture]:
    """Yield crops of photos of scikit-image in turns, so that any few come from several."""
    pixels = [free_photo(name).colors()[:, :, :3] for name in names]
    places = sorted(
        (row, column, number)
        for number, one in enumerate(pixels)
        for row in range(0, one.shape[0] - side + 1, side)
        for column in range(0, one.shape[1] - side + 1, side)
    )
    for row, column, number in places:
        yield Picture.of(pixels[number][row : row + side, column : column + side], None, "8")


def _spread(items: Sequence[Thing], most: int) -> list[Thing]:
    """Return at most so many items, evenly spread."""
    count = min(most, len(items))
    return [items[number * len(items) // count] for number in range(count)]


def _write(picture: Picture, file: Path) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write(picture, file)
