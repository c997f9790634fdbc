"""Folders of slices: one gray picture file for each slice, in the natural order of their names."""

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from repix.errors import Unreadable, Unwritable
from repix.pictures.atomic import folder_error, reason, sync_folder, track, untrack, write_error
from repix.pictures.band_reader import open_bands
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.files import read, write
from repix.pictures.formats import READ_SUFFIXES
from repix.pictures.picture import Picture
from repix.volumes.metadata import Metadata
from repix.volumes.reader import VolumeReader

KINDS = {1: "gray", 2: "gray with alpha", 3: "RGB", 4: "RGBA"}


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts names with numbers by these numbers: z2 before z10.

    >>> sorted(["z10.png", "z2.png", "z1.png"], key=natural_order)
    ['z1.png', 'z2.png', 'z10.png']
    """
    parts = re.split(r"([0-9]+)", name)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part)


@contextmanager
def open_folder(folder: Path) -> Iterator[VolumeReader]:
    """Open a folder of slices; all headers are read at once, the slices when they are requested.

    Raises:
        Unreadable: the folder is missing or holds no picture, or its pictures are not gray, of one size and depth.

    >>> with open_folder(Path("nowhere")):
    ...     pass
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere: there is no such folder.
    """
    paths = _slices(folder)
    first = _kind(paths[0])
    for path in paths[1:]:
        found = _kind(path)
        if found[:2] != first[:2]:
            raise Unreadable(
                f"{path} has {found[0][1]}×{found[0][0]} pixels of depth {found[1]}, but {paths[0].name} has "
                f"{first[0][1]}×{first[0][0]} of depth {first[1]}; the slices of a volume must have one size and depth."
            )
    (height, width), depth, memory = first
    remaining = iter(paths)
    yield VolumeReader(
        str(folder),
        (len(paths), height, width),
        depth,
        Metadata(),
        lambda: read(next(remaining)),
        names=tuple(path.name for path in paths),
        memory=memory,
    )


def _slices(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise Unreadable(f"{folder}: there is no such folder.")
    try:
        names = [entry.name for entry in os.scandir(folder) if not entry.name.startswith(".") and entry.is_file()]
    except OSError as problem:
        raise Unreadable(f"The folder {folder} cannot be read: {reason(problem)}.") from None
    found = [folder / name for name in names if Path(name).suffix.lower() in READ_SUFFIXES]
    if not found:
        raise Unreadable(f"{folder}: no pictures that repix can read; name a folder of slices.")
    return sorted(found, key=lambda path: (natural_order(path.name), path.name))


def _kind(path: Path) -> tuple[tuple[int, int], str, int]:
    """Return size, depth and decoder memory of a slice, which must be gray."""
    with open_bands(path) as bands:
        if bands.channels != 1:
            raise Unreadable(f"{path} is {KINDS[bands.channels]}; the slices of a volume must be gray.")
        return bands.size, bands.depth, bands.decoder_memory


def slice_names(count: int, suffix: str, sources: Sequence[str] = ()) -> list[str]:
    """Return the names of slice files: those of the sources with another suffix, or numbers.

    >>> slice_names(2, ".png"), slice_names(2, ".tif", ["a1.png", "a2.jpg"])
    (['slice-0001.png', 'slice-0002.png'], ['a1.tif', 'a2.tif'])
    """
    names = [f"{Path(name).stem}{suffix}" for name in sources]
    if len(names) == count == len(set(names)):
        return names
    digits = max(len(str(count)), 4)
    return [f"slice-{number:0{digits}}{suffix}" for number in range(1, count + 1)]


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder that gets the name `folder` when the block ends without an error.

    Raises:
        Unwritable: a file or a folder with content has this name, or the system refuses.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     with new_folder(Path(name, "slices")) as made:
    ...         written = (made / "a").write_bytes(b"new")
    ...     [path.name for path in Path(name, "slices").iterdir()]
    ['a']
    """
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise Unwritable(f"{folder} exists already; name another folder for the slices.")
    made = folder.absolute().with_name(f".repix-{secrets.token_hex(8)}.tmp")
    try:
        made.mkdir()
    except OSError as problem:
        raise folder_error(folder, problem) from None
    track(made)
    try:
        yield made
        try:
            if folder.is_dir():
                folder.rmdir()
            made.rename(folder)
            sync_folder(folder.parent)
        except OSError as problem:
            raise write_error(folder, problem) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
        untrack(made)


def save_folder(
    slices: Iterable[Picture], folder: Path, names: Sequence[str], *, quality: int, strict: bool
) -> Fidelity:
    """Write slices as picture files of a new folder, which appears complete or not at all, and return the report."""
    report = Fidelity()
    with new_folder(folder) as made:
        for picture, name in zip(slices, names, strict=True):
            report += write(picture, made / name, quality=quality, strict=strict)
    return report
