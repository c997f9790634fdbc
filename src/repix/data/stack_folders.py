"""Detect volumes with masks in a folder: stacks in files, in subfolders, or a folder whose pictures are the slices."""

from collections.abc import Iterator
from pathlib import Path

from repix.data.folders import Dataset, Item, Part
from repix.errors import WrongUse
from repix.pictures.formats import READ_SUFFIXES
from repix.volumes import is_volume, open_volume
from repix.volumes.formats import is_nifti, stem
from repix.volumes.stack import slices_name

STACK_LAYOUTS = """repix trains on volumes with masks in these layouts:
  images/ and masks/, or images/ and labels/
  train/ and train-labels/, with val/ and val-labels/, test/ and test-labels/ if there are any
In each folder, a volume is a NIfTI file, a TIFF with several pages, or a subfolder of slices; if there are only
pictures, they are the slices of one volume, in natural order of their names."""
NAMES = {"train": ("train", "training"), "validation": ("val", "validation"), "test": ("test",)}
MASKS = ("masks", "labels")

Sides = tuple[Path, Path]
"""The folders of the volumes and of their masks."""


def find_stacks(root: Path) -> Dataset | None:
    """Return the data set of volumes in a folder; None if it has none of the layouts for volumes."""
    sides = _sides(root)
    parts = {split: Part(tuple(_items(root, *both)), _orphans(root, *both)) for split, both in sides.items()}
    if not any(part.items for part in parts.values()):
        return None
    named = ", ".join(f"{volumes.name}/ with masks in {masks.name}/" for volumes, masks in sides.values())
    return Dataset(root, f"volumes in {named}", "masks", parts, volumes=True)


def has_volumes(root: Path) -> bool:
    """Return True if the first file in a layout for volumes is one."""
    for volumes, _ in _sides(root).values():
        files = sorted(_visible(volumes))
        return any(is_nifti(file) for file in files) or any(is_volume(file) for file in files[:1] if file.is_file())
    return False


def _sides(root: Path) -> dict[str, Sides]:
    """Return the folders of volumes and masks by split; those without splits are for training."""
    whole = next(_pairs(root), None)
    if whole is not None:
        return {"train": whole}
    found: dict[str, Sides] = {}
    for split, names in NAMES.items():
        for name in names:
            beside = [(root / name, root / f"{name}-labels")]
            both = next((pair for pair in beside if all(one.is_dir() for one in pair)), next(_pairs(root / name), None))
            if both is not None:
                found.setdefault(split, both)
    return found


def _pairs(folder: Path) -> Iterator[Sides]:
    both = ((folder / "images", folder / name) for name in MASKS)
    return (pair for pair in both if all(one.is_dir() for one in pair))


def _items(root: Path, volumes: Path, masks: Path) -> Iterator[Item]:
    """Yield the volumes that have a mask, each with all its slices."""
    ours, theirs = _stacks(volumes), _stacks(masks)
    if volumes in ours.values() and masks in theirs.values():
        theirs = {volumes.name: masks}  # each folder is one stack
    for name in sorted(ours.keys() & theirs.keys()):
        shapes = [_shape(path) for path in (ours[name], theirs[name])]
        if shapes[0] != shapes[1]:
            raise WrongUse(
                f"{ours[name]} has {_text(shapes[0])} and {theirs[name]} has {_text(shapes[1])}; a mask has a pixel "
                "for each pixel of its volume."
            )
        yield Item(*(slices_name(_place(root, path), 0, shapes[0][0]) for path in (ours[name], theirs[name])))


def _orphans(root: Path, volumes: Path, masks: Path) -> tuple[str, ...]:
    """Return the volumes without a mask, and the masks without a volume."""
    ours, theirs = _stacks(volumes), _stacks(masks)
    if volumes in ours.values() and masks in theirs.values():
        return ()
    return tuple(_place(root, (ours | theirs)[name]) for name in sorted(ours.keys() ^ theirs.keys()))


def _stacks(folder: Path) -> dict[str, Path]:
    """Return the volumes of a folder by their names without suffix: files and subfolders, or else itself."""
    entries = _visible(folder)
    found = {stem(path): path for path in entries if path.is_dir() or is_volume(path)}
    pictures = any(path.suffix.lower() in READ_SUFFIXES for path in entries)
    return found or ({folder.name: folder} if pictures else {})


def _visible(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _shape(path: Path) -> tuple[int, int, int]:
    with open_volume(path) as reader:
        return reader.shape


def _text(shape: tuple[int, int, int]) -> str:
    return f"{shape[0]} slices of {shape[2]}×{shape[1]}"


def _place(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
