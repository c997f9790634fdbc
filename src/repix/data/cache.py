"""Cache of decoded pictures, in one memory-mapped file.

A cache is a folder with `pixels.npy`, the pixels of all pictures, and `index.json`, the offset, shape and dtype of
each. The folder's name is a hash of the files' contents, so that changed files get a new cache. It is written under a
temporary name and renamed when it is complete.
"""

import hashlib
import json
import math
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from repix.data.folders import Item
from repix.errors import Unwritable, WrongUse
from repix.masks import Encoding
from repix.pictures import Picture, read
from repix.pictures.atomic import read_error, reason
from repix.user_cache import user_cache_folder
from repix.volumes.stack import Stack, read_picture, volume_of

FORMAT = 1
"""Version of the cache format."""
ALIGNED = 64
"""Alignment of each picture, in bytes."""
DAY = 86400
UNUSED_FOR, ABANDONED_AFTER = 30 * DAY, DAY
"""Seconds after which an unused cache, or an unfinished one, is removed."""


@dataclass(frozen=True)
class Place:
    """Position, shape and dtype of a picture in the cache."""

    offset: int
    shape: tuple[int, ...]
    dtype: str

    @property
    def length(self) -> int:
        """Size in bytes."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, eq=False)
class Pairing:
    """A deterministic function that makes a source and a target of a picture, so that the pair can be cached."""

    key: str
    """Text that identifies the function and its settings."""
    make: Callable[[Picture], tuple[Picture, Picture]]


@dataclass(frozen=True, eq=False)
class Cache:
    """The decoded pictures of some items, and their targets or class ids."""

    key: str
    """Hash of the files' contents."""
    items: tuple[Item, ...]
    places: tuple[tuple[Place, ...], ...]
    """Position of each item's picture, and of its target or mask if it has one."""
    pixels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> tuple[NDArray[Any], ...]:
        """Return views of the picture H×W×C without alpha, and of its target H×W×C or class ids H×W.

        Of a volume, they are D×H×W×1 and D×H×W.
        """
        return tuple(self._at(place) for place in self.places[index])

    def _at(self, place: Place) -> NDArray[Any]:
        return self.pixels[place.offset : place.offset + place.length].view(place.dtype).reshape(place.shape)


def store(
    root: Path | str,
    items: Sequence[Item],
    encoding: Encoding | None = None,
    folder: Path | str | None = None,
    pairing: Pairing | None = None,
) -> Cache:
    """Open the cache of these items; build it if it does not exist.

    Args:
        root: the folder that the items' paths are relative to.
        items: the examples.
        encoding: the encoding of the masks, which are stored as class ids; None for pairs of pictures.
        folder: the folder of all caches; by default the user's cache folder.
        pairing: function that makes source and target of each picture, for items without a partner.

    Returns:
        The cache.

    Raises:
        Unreadable: a file cannot be read.
        Unwritable: the cache cannot be written.
    """
    if not items:
        raise WrongUse("There are no items to cache.")
    kept = Path(folder) if folder is not None else user_cache_folder()
    reading = Reading(encoding, pairing)
    key = content_key(Path(root), items, reading)
    place = kept / key
    cache = _open(place, key, items)
    if cache is not None:
        return cache
    try:
        kept.mkdir(parents=True, exist_ok=True)
        _sweep(kept)
        _build(place, Path(root), items, reading)
    except OSError as problem:
        raise Unwritable(
            f"The cache in {kept} cannot be written: {reason(problem)}. Name another folder for it, or free disk space."
        ) from None
    cache = _open(place, key, items)
    if cache is None:
        raise Unwritable(f"The cache {place} was damaged as soon as it was written; name another folder for it.")
    return cache


@dataclass(frozen=True, eq=False)
class Reading:
    """The conversion of files to arrays."""

    encoding: Encoding | None = None
    pairing: Pairing | None = None

    @property
    def record(self) -> list[Any]:
        """The settings as JSON values, for the hash."""
        encoding = None if self.encoding is None else self.encoding.to_dict()
        return [encoding] if self.pairing is None else [encoding, self.pairing.key]


def content_key(root: Path, items: Sequence[Item], reading: Reading | None = None) -> str:
    """Return a hash (32 hex digits) of the files' names and contents and of their conversion.

    A name includes the range of slices of a volume.
    """
    files = [name for item in items for name in item.files]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        contents = list(pool.map(lambda name: _hash_of(root / name), files))
    record = [FORMAT, *(reading or Reading()).record, *zip(files, contents, strict=True)]
    return hashlib.blake2b(json.dumps(record).encode(), digest_size=16).hexdigest()


def _hash_of(path: Path) -> str:
    """Return a hash of a file, or of all files in a folder of slices."""
    file = Path(volume_of(str(path)))
    try:
        if file.is_dir():
            inside = [[one.name, _hash_of(one)] for one in sorted(file.iterdir()) if one.is_file()]
            return hashlib.blake2b(json.dumps(inside).encode(), digest_size=16).hexdigest()
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError as problem:
        raise read_error(file, problem) from None


def _open(place: Path, key: str, items: Sequence[Item]) -> Cache | None:
    """Open the cache in a folder; return None if it does not exist or is damaged."""
    try:
        index = json.loads((place / "index.json").read_text(encoding="utf-8"))
        places = tuple(tuple(Place(p["offset"], tuple(p["shape"]), p["dtype"]) for p in row) for row in index["places"])
        pixels = np.load(place / "pixels.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None
    if pixels.shape != (index.get("bytes"),) or pixels.dtype != np.uint8 or len(places) != len(items):
        return None
    with suppress(OSError):
        os.utime(place / "index.json")
    return Cache(key, tuple(items), places, pixels)


def _build(place: Path, root: Path, items: Sequence[Item], reading: Reading) -> None:
    """Write the cache under a temporary name and rename it; of two processes, the first one wins."""
    beside = place.with_name(f".{place.name}-{secrets.token_hex(4)}.tmp")
    beside.mkdir()
    try:
        with (beside / "pixels.npy").open("xb") as file:
            places, length = _write(file, root, items, reading)
            _settle(file)
        with (beside / "index.json").open("xb") as file:
            rows = [[asdict(part) for part in row] for row in places]
            file.write(json.dumps({"bytes": length, "places": rows}).encode())
            _settle(file)
        _put_in_place(beside, place, items)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _put_in_place(beside: Path, place: Path, items: Sequence[Item]) -> None:
    """Rename the cache; an existing one is kept if it is complete, and moved away if it is damaged."""
    try:
        beside.rename(place)
    except OSError:
        if _open(place, "", items) is not None:
            return
        with suppress(OSError):  # another process may have moved it first
            place.rename(beside.with_suffix(".damaged.tmp"))
        beside.rename(place)


def _write(file: BinaryIO, root: Path, items: Sequence[Item], reading: Reading) -> tuple[list[list[Place]], int]:
    """Write all pixels; return the position of each picture and the total length."""
    _header(file, 0)
    start = file.tell()
    places: list[list[Place]] = []
    for arrays in _decoded(root, items, reading):
        row = []
        for array in arrays:
            file.write(bytes(-(file.tell() - start) % ALIGNED))
            row.append(Place(file.tell() - start, array.shape, array.dtype.str))
            file.write(np.ascontiguousarray(array).data)
        places.append(row)
    length = file.tell() - start
    file.seek(0)
    _header(file, length)
    if file.tell() != start:
        raise OSError(None, "the file's header changed its length")
    return places, length


def _header(file: BinaryIO, length: int) -> None:
    """Write the header of a .npy file of `length` bytes; NumPy pads it for any length."""
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (length,)})


def _decoded(root: Path, items: Sequence[Item], reading: Reading) -> Iterator[list[NDArray[Any]]]:
    """Yield the arrays of each item, decoded by one thread per core, a few items at a time."""
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        for start in range(0, len(items), 4 * cores):
            yield from pool.map(lambda item: _arrays(root, item, reading), items[start : start + 4 * cores])


def _arrays(root: Path, item: Item, reading: Reading) -> list[NDArray[Any]]:
    picture = read_picture(root / item.picture)
    if item.partner is None:
        return [_colors(one) for one in ([picture] if reading.pairing is None else reading.pairing.make(picture))]
    partner = root / item.partner
    if isinstance(picture, Stack) and reading.encoding is not None:
        return [picture.voxels, reading.encoding.read(partner).reshape(picture.voxels.shape[:3])]
    return [_colors(picture), _colors(read(partner)) if reading.encoding is None else reading.encoding.read(partner)]


def _colors(picture: Picture) -> NDArray[Any]:
    return picture.pixels[:, :, : 1 if picture.is_gray else 3]


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sweep(folder: Path) -> None:
    """Remove caches that were not used for a month, and unfinished ones; other files are not touched."""
    now = time.time()
    for entry in folder.iterdir():
        unfinished = entry.name.startswith(".") and entry.suffix == ".tmp"
        ours = len(entry.name) == 32 and set(entry.name) <= set("0123456789abcdef")
        if not (unfinished or ours):
            continue
        with suppress(OSError):
            touched = (entry if unfinished else entry / "index.json").stat().st_mtime
            if now - touched > (ABANDONED_AFTER if unfinished else UNUSED_FOR):
                shutil.rmtree(entry)
