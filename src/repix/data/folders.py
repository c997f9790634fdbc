"""Detect the layout of a dataset folder: pictures, pairs, or pictures with masks, and its splits."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from repix.errors import Unreadable, WrongUse
from repix.pictures.formats import READ_SUFFIXES

Kind = Literal["pictures", "pairs", "masks"]

FOREIGN = frozenset(
    f".{form}"
    for group in (
        "jxl jp2 j2k psd xcf pdf svg",
        "exr hdr tga qoi dcm fits dds",
    )
    for form in group.split()
)
"""Suffixes of image formats that repix does not read."""

INSIDE: tuple[tuple[str, str, Kind], ...] = (
    ("source", "target", "pairs"),
    ("images", "masks", "masks"),
    ("images", "labels", "masks"),
)
"""Folder of the pictures, folder of their partners, and the kind of dataset."""
BESIDE = ("-labels", "annot")
"""Suffixes of a split's name for the folder of its masks."""
SPLITS = {"train": ("train", "training"), "validation": ("val", "validation"), "test": ("test",)}
"""Folder names of each split."""

PET_CLASSES = {1: "object", 2: "background", 3: "border"}
CAMVID_CLASSES = dict(
    enumerate("sky building pole road pavement tree sign fence car pedestrian bicyclist".split())  # noqa: SIM905
)
CAMVID_UNLABELLED = 11

LAYOUTS = """repix supports these layouts:
  pictures in the folder itself
  source/ and target/
  images/ and masks/, or images/ and labels/
  train/, val/ and test/, each with one of the layouts above, or with train-labels/ or trainannot/ next to it
  images/ and annotations/trimaps/ (Oxford-IIIT Pet)"""


@dataclass(frozen=True)
class Item:
    """One example: a picture, and its target or mask if it has one. Paths are relative to the dataset's root.

    >>> Item("source/a.png", "target/a.png").files
    ('source/a.png', 'target/a.png')
    """

    picture: str
    partner: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The picture, and its partner if it has one."""
        return (self.picture,) if self.partner is None else (self.picture, self.partner)


@dataclass(frozen=True)
class Part:
    """The items of one split, and the files that do not form items."""

    items: tuple[Item, ...]
    orphans: tuple[str, ...] = ()
    """Files without a partner of the same stem."""
    twins: tuple[str, ...] = ()
    """Files of the same stem in one folder, which are ambiguous."""
    missing: tuple[str, ...] = ()
    """Names in a split's list without a file."""
    foreign: tuple[str, ...] = ()
    """Files in image formats that repix does not read."""


@dataclass(frozen=True)
class Dataset:
    """A folder with a known layout."""

    root: Path
    layout: str
    """Description of the layout."""
    kind: Kind
    parts: dict[str, Part]
    """Items by split: `train`, `validation` and `test` if the layout has splits, else `train` alone."""
    classes: Mapping[int, str] = field(default_factory=dict)
    """Names of the classes by value, if the layout defines them."""
    ignored: int | None = None
    """Value of ignored pixels, if the layout defines it."""
    volumes: bool = False
    """The items are slices of volumes, named with their range: `scan.tif[0:24]`."""


def find(folder: Path | str) -> Dataset:
    """Detect the layout of a folder.

    Args:
        folder: the dataset's folder.

    Returns:
        The dataset with its items by split.

    Raises:
        Unreadable: the folder does not exist or cannot be read.
        WrongUse: the layout is unknown.

    >>> find("nowhere")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere: there is no such folder.
    """
    root = Path(folder)
    try:
        if not root.is_dir():
            there = root.exists()
            raise Unreadable(f"{root} is a file; name a folder." if there else f"{root}: there is no such folder.")
        found = _pets(root) or _with_splits(root, ("train",)) or _whole(root)
        found = found or _with_splits(root, ("test", "validation"))  # a folder for evaluation only
    except OSError as problem:
        raise Unreadable(f"{problem.filename or root} cannot be read: {problem.strerror}.") from None
    if found is None:
        raise WrongUse(f"{root} has no layout that repix supports.", LAYOUTS)
    return found


def _pets(root: Path) -> Dataset | None:
    """Detect Oxford-IIIT Pet as it is distributed, with its lists of splits if present."""
    images, trimaps = root / "images", root / "annotations" / "trimaps"
    if not (images.is_dir() and trimaps.is_dir()):
        return None
    lists = {"train": "trainval.txt", "test": "test.txt"}
    listed = {split: _stems(root / "annotations" / name) for split, name in lists.items()}
    chosen: dict[str, list[str] | None] = {split: stems for split, stems in listed.items() if stems is not None}
    chosen = chosen if "train" in chosen else {"train": None}
    parts = {split: _paired(root, images, trimaps, stems) for split, stems in chosen.items()}
    by = "without its lists" if chosen["train"] is None else f"split by {' and '.join(lists[name] for name in chosen)}"
    says = f"Oxford-IIIT Pet, {by}"
    return Dataset(root, f"{says}: pictures with trimaps of object, background and border", "masks", parts, PET_CLASSES)


def _with_splits(root: Path, leading: tuple[str, ...]) -> Dataset | None:
    """Detect folders of splits, with masks in neighboring folders, with subfolders, or with pictures only.

    One of the leading splits must exist; the first that does gives the layout of the others.
    """
    folders = {
        split: next((root / name for name in names if (root / name).is_dir()), None) for split, names in SPLITS.items()
    }
    there = {split: folder for split, folder in folders.items() if folder is not None}
    leader = next((split for split in leading if split in there), None)
    if leader is None:
        return None
    beside = next((end for end in BESIDE if (root / f"{there[leader].name}{end}").is_dir()), None)
    if beside is not None:
        if leader != "test" and not (root / f"test{beside}").is_dir():  # a test split without public labels
            there.pop("test", None)
        splits = _named(there.values())
        lists = {split: _stems(root / f"{folder.name}.txt") for split, folder in there.items()}
        parts = {
            split: _paired(root, folder, root / f"{folder.name}{beside}", lists[split])
            for split, folder in there.items()
        }
        if beside == "annot":
            says = f"CamVid as distributed with SegNet: {splits} with masks in folders *annot/, label 11 ignored"
            return Dataset(root, says, "masks", parts, CAMVID_CLASSES, CAMVID_UNLABELLED)
        return Dataset(root, f"{splits} with masks in folders *{beside}/", "masks", parts)
    inside = {split: _part(root, folder) for split, folder in there.items()}
    known = {split: found for split, found in inside.items() if found is not None}
    if len(known) < len(inside):
        return None
    splits, kinds = _named(there.values()), {kind for kind, _, _ in known.values()}
    if len(kinds) > 1:
        raise WrongUse(f"{root}: {splits} have different layouts ({', '.join(sorted(kinds))}); use one layout.")
    kind, says, _ = known[leader]
    return Dataset(root, f"{splits} with {says}", kind, {s: k[2] for s, k in known.items()})


def _named(folders: Iterable[Path]) -> str:
    return ", ".join(f"{folder.name}/" for folder in folders)


def _whole(root: Path) -> Dataset | None:
    """Detect a folder without splits."""
    found = _part(root, root)
    return None if found is None else Dataset(root, found[1], found[0], {"train": found[2]})


def _part(root: Path, folder: Path) -> tuple[Kind, str, Part] | None:
    """Return kind, description and items of one folder, or None if it has no pictures."""
    for first, second, kind in INSIDE:
        if (folder / first).is_dir() and (folder / second).is_dir():
            return kind, f"{first}/ and {second}/", _paired(root, folder / first, folder / second, None)
    pictures = _pictures(folder)
    foreign = _foreign(root, folder)
    if not pictures and not foreign:
        return None
    items = tuple(Item(_name(root, file)) for file in pictures)
    return "pictures", "pictures", Part(items, foreign=foreign)


def _paired(root: Path, first: Path, second: Path, stems: list[str] | None) -> Part:
    """Pair pictures and partners by stem; with a list of stems, only those."""
    if not second.is_dir():
        raise WrongUse(f"{second}: there is no such folder, but {first} needs it.")
    wanted = None if stems is None else set(stems)
    sides = [_by_stem(folder, wanted) for folder in (first, second)]
    twins = [file for side in sides for files in side.values() if len(files) > 1 for file in files]
    alone = [file for stem in sides[0].keys() ^ sides[1].keys() for file in (sides[0] | sides[1])[stem]]
    both = [stem for stem in sorted(sides[0].keys() & sides[1].keys()) if all(len(side[stem]) == 1 for side in sides)]
    return Part(
        items=tuple(Item(*(_name(root, side[stem][0]) for side in sides)) for stem in both),
        orphans=_names(root, alone),
        twins=_names(root, twins),
        missing=tuple(sorted((wanted or set()) - sides[0].keys() - sides[1].keys())),
        foreign=_foreign(root, first) + _foreign(root, second),
    )


def _by_stem(folder: Path, wanted: set[str] | None) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for file in _pictures(folder):
        if wanted is None or file.stem in wanted:
            found.setdefault(file.stem, []).append(file)
    return found


def _pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder by name, without hidden files."""
    return [file for file in _files(folder) if file.suffix.lower() in READ_SUFFIXES]


def _foreign(root: Path, folder: Path) -> tuple[str, ...]:
    return _names(root, [file for file in _files(folder) if file.suffix.lower() in FOREIGN])


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if not file.name.startswith(".") and not file.is_dir())


def _names(root: Path, files: Iterable[Path]) -> tuple[str, ...]:
    return tuple(sorted(_name(root, file) for file in files))


def _name(root: Path, file: Path) -> str:
    """Return a file's path relative to the root, with forward slashes."""
    return Path(os.path.relpath(file, root)).as_posix()


def _stems(file: Path) -> list[str] | None:
    """Read a list of names: the first word of each line, without folders and suffix."""
    if not file.is_file():
        return None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise Unreadable(f"{file} is not a text file; each line must begin with the name of a picture.") from None
    words = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    return [_stem(word.rpartition("/")[2]) for word in words]


def _stem(name: str) -> str:
    """Return the name without an image suffix."""
    return Path(name).stem if Path(name).suffix.lower() in READ_SUFFIXES else name
