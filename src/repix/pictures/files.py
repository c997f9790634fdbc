"""`read` and `write`: a file becomes a `Picture`, and a `Picture` a file, whole or not at all."""

from dataclasses import replace
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO

from repix.errors import TooLarge, Unreadable, WrongUse
from repix.pictures import plain, vips
from repix.pictures.atomic import check_free, reason, whole_file
from repix.pictures.decoded import Decoded
from repix.pictures.embed import with_exif, with_jfif
from repix.pictures.fitting import check_quality, fit
from repix.pictures.formats import for_writing, of_file
from repix.pictures.headers import Header, inspect
from repix.pictures.limits import OWN, Limits
from repix.pictures.metadata import clean_exif, profile_space, sized_exif, upright_xmp
from repix.pictures.orientation import upright
from repix.pictures.picture import Picture
from repix.pictures.report import Fidelity
from repix.pictures.tags import Damaged


def read(path: Path | str, *, limits: Limits = OWN) -> Picture:
    """Read a picture file; its first bytes say what it is, not its suffix.

    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = write(Picture(np.zeros((2, 3), np.uint8)), Path(folder, "a.png"))
    ...     read(Path(folder, "a.png")).size
    (2, 3)
    >>> read("nowhere.png")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.png: there is no such file.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            what = "a folder; name the files in it" if path.is_dir() else "no ordinary file"
            raise Unreadable(f"{path} is {what}.")
        with path.open("rb") as file:
            return _read(file, path, limits)
    except FileNotFoundError:
        raise Unreadable(f"{path}: there is no such file.") from None
    except MemoryError:
        raise TooLarge(f"{path} is too large for this machine's memory.") from None
    except (OSError, ValueError) as problem:
        raise Unreadable(f"{path} cannot be read: {reason(problem)}.") from None


def write(
    picture: Picture, path: Path | str, *, overwrite: bool = False, quality: int = 90, strict: bool = False
) -> Fidelity:
    """Write a picture in the format that the suffix asks for, and report what was kept, converted and lost.

    The file appears whole or not at all. `quality` is for JPEG, WebP and AVIF. With `strict`, a loss is an error and
    nothing is written.

    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(write(Picture(np.zeros((2, 3, 4), np.uint16)), Path(folder, "a.webp")))
    kept: 3×2 pixels
    kept: transparency
    kept: RGB
    converted: WebP approximates the colours (quality 90)
    lost: 16 bits became 8 bits
    """
    path = Path(path)
    fitted, report = _fitted(picture, path, quality)
    if strict:
        report.demand(str(path))
    check_free(path, overwrite)
    data = _encoded(fitted, for_writing(path).name, quality)
    with whole_file(path, overwrite) as file:
        file.write(data)
    return report


def fidelity(picture: Picture, path: Path | str, *, quality: int = 90) -> Fidelity:
    """What `write` would keep, convert and lose, without writing.

    >>> import numpy as np
    >>> fidelity(Picture(np.zeros((2, 3), np.uint8)), "a.ppm").converted
    ('PPM stores grey as RGB',)
    """
    return _fitted(picture, Path(path), quality)[1]


def _read(file: BinaryIO, path: Path, limits: Limits) -> Picture:
    name = str(path)
    length = file.seek(0, 2)
    limits.check_file(name, length)
    if not length:
        raise Unreadable(f"{name} is empty.")
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        form = of_file(bytes(data[:256]), path.name).name
        header = inspect(form, data, name)
        if form not in vips.LOADERS:
            found = plain.decode(data, form, name, limits)
        elif header.lab_at:
            at = header.lab_at
            as_rgb = (data[:2] == b"II" and b"\2\0") or b"\0\2"
            found = vips.decode(data[:at] + as_rgb + data[at + 2 :], form, name, limits, lab=True)
        else:
            found = vips.decode(file.fileno(), form, name, limits)
    return _assembled(found, header, form)


def _assembled(found: Decoded, header: Header, form: str) -> Picture:
    """The picture made of what the decoder and the headers say: upright, and with its metadata cleaned."""
    converted, lost = header.converted + found.converted, header.lost + found.lost
    exif, turn = _exif(header.exif or found.exif, converted, lost)
    turn = 1 if form == "AVIF" else header.orientation or turn
    pixels = found.pixels
    if header.grey:
        pixels = pixels[:, :, [0, 3] if pixels.shape[2] == 4 else [0]]
    if turn != 1:
        converted.append(f"the picture was turned upright (orientation {turn})")
    resolution = found.resolution or header.resolution
    if resolution is not None and turn >= 5:
        resolution = resolution[::-1]
    profile = found.profile
    if profile is not None and profile_space(profile) != ("GRAY" if pixels.shape[2] <= 2 else "RGB"):
        lost.append("the colour profile, which does not fit the pixels")
        profile = None
    xmp = None if found.xmp is None else upright_xmp(found.xmp)
    return Picture(
        upright(pixels, turn), profile, exif, notes=tuple(converted), lost=tuple(lost), xmp=xmp, resolution=resolution
    )


def _exif(block: bytes | None, converted: list[str], lost: list[str]) -> tuple[bytes | None, int]:
    """The cleaned EXIF block, and the orientation that it asked for."""
    if block is None:
        return None, 1
    try:
        cleaned = clean_exif(block)
    except Damaged:
        lost.append("the EXIF, which is damaged")
        return None, 1
    if cleaned.had_thumbnail:
        converted.append("the thumbnail in the EXIF, which shows the old picture, was taken out")
    return cleaned.block, cleaned.orientation


def _require_picture(value: object) -> None:
    """Refuse above all a bare array, which says nothing about its depth."""
    if not isinstance(value, Picture):
        raise WrongUse(
            f"picture is of type {type(value).__name__}; it must be a repix.Picture: Picture.of(array) makes one of "
            "floats from 0 to 1, picture.with_colours(array) keeps profile and EXIF."
        )


def _fitted(picture: Picture, path: Path, quality: int) -> tuple[Picture, Fidelity]:
    _require_picture(picture)
    check_quality(quality)
    fitted, report = fit(picture, for_writing(path), str(path), quality)
    return fitted, Fidelity(converted=picture.notes, lost=picture.lost) + report


def _encoded(picture: Picture, form: str, quality: int) -> bytes:
    if form not in vips.SAVERS:
        return plain.encode(picture, form)
    if picture.exif is not None:
        picture = replace(picture, exif=sized_exif(picture.exif, *picture.size))
    data = vips.encode(picture, form, quality)
    if form == "JPEG":
        data = with_jfif(data, picture.resolution)
    return data if picture.exif is None else with_exif(data, form, picture.exif)
