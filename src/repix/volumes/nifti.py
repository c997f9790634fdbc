"""Read and write NIfTI: nibabel reads and writes the headers, the voxels are read and written slice by slice."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from repix import registry
from repix.errors import TooLarge, Unreadable
from repix.pictures.band_reader import file_problems
from repix.pictures.picture import Picture
from repix.pictures.tiff_pages import VOXELS
from repix.volumes.metadata import Metadata
from repix.volumes.reader import VolumeReader

UNITS = {"meter": "m", "mm": "mm", "micron": "µm"}
"""Units of nibabel, and as repix calls them."""
SIGN = np.uint16(0x8000)
"""Signed 16-bit integers become unsigned by adding 32768."""
LEVEL = 6
"""Level of gzip."""
ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")
PIECE = 2**20
"""Bytes that are read at a time."""


@contextmanager
def open_nifti(path: Path) -> Iterator[VolumeReader]:
    """Open a NIfTI file, `.nii` or `.nii.gz`, to read its slices: rows are the second axis, columns the first.

    Raises:
        Unreadable: the file is missing or damaged, or not one gray volume.
        TooLarge: the header declares more voxels than repix reads.
        MissingLibrary: nibabel is not installed.

    >>> with open_nifti(Path("nowhere.nii")):
    ...     pass
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.nii: there is no such file.
    """
    name, zipped = str(path), path.name.lower().endswith(".gz")
    with file_problems(name):
        file: Any = gzip.open(path) if zipped else path.open("rb")  # noqa: SIM115 (closed below)
    with file:
        header, shape, metadata = _header(file, name, zipped)
        stored = header.get_data_dtype()
        depth, converted, lost = _depth(stored.newbyteorder("="), name)
        with damage(name):
            file.seek(header.get_data_offset())
        fetch = lambda: Picture(_slice(file, shape, stored, name))  # noqa: E731
        yield VolumeReader(name, shape, depth, metadata, fetch, converted=converted, lost=lost)


@contextmanager
def damage(name: str) -> Iterator[None]:
    """Convert errors of reading a file, which may be compressed, to repix errors.

    >>> with damage("scan.nii.gz"):
    ...     raise EOFError("Compressed file ended before the end-of-stream marker was reached")
    Traceback (most recent call last):
    repix.errors.Unreadable: scan.nii.gz is damaged or incomplete (compressed file ended before the end-of-stream ...
    """
    try:
        with file_problems(name):
            yield
    except (EOFError, zlib.error) as problem:
        raise Unreadable(f"{name} is damaged or incomplete ({str(problem).lower()}).") from None


def _header(file: BinaryIO, name: str, zipped: bool) -> tuple[Any, tuple[int, int, int], Metadata]:
    """Return nibabel's header of an open file, after checking what repix uses of it, with shape and metadata."""
    nibabel = registry.library("nibabel")
    wrong = (nibabel.spatialimages.HeaderDataError, nibabel.wrapstruct.WrapStructError, ValueError, OverflowError)
    with damage(name):
        beginning = file.read(348)
        file.seek(0)
        if beginning[344:347] != b"n+1" and beginning[4:7] != b"n+2":
            raise Unreadable(f"{name} is not a NIfTI file, or it is damaged (its header is not one of .nii).")
        try:
            header = _type(beginning[:4]).from_fileobj(file, check=False)
            if not 1 <= header["dim"][0] <= 7:
                raise ValueError(f"it declares {header['dim'][0]} dimensions")
            header.get_data_dtype(), header.get_data_offset()
            return header, _shape(header, name), _metadata(header, zipped)
        except KeyError as problem:
            raise Unreadable(f"{name} is a damaged NIfTI file (its header has the unknown code {problem}).") from None
        except wrong as problem:
            raise Unreadable(f"{name} is not a NIfTI file, or it is damaged ({str(problem).strip()}).") from None


def _type(beginning: bytes) -> Any:
    """Return nibabel's class for a header with this beginning: its length, in either byte order."""
    nibabel = registry.library("nibabel")
    return nibabel.Nifti2Header if 540 in (int.from_bytes(beginning, one) for one in ORDERS) else nibabel.Nifti1Header


def _shape(header: Any, name: str) -> tuple[int, int, int]:
    """Return the numbers of slices, rows and columns."""
    found = header.get_data_shape()
    while len(found) > 3 and found[-1] == 1:
        found = found[:-1]
    if len(found) != 3:
        said = "×".join(map(str, found))
        raise Unreadable(
            f"{name} has {len(found)} dimensions ({said}); repix converts volumes of three, so split it first."
        )
    columns, rows, slices = (int(one) for one in found)
    if min(columns, rows, slices) < 1:
        raise Unreadable(f"{name} has no voxels: its header declares {columns}×{rows}×{slices}.")
    if columns * rows * slices > VOXELS.pixels:
        raise TooLarge(
            f"{name} declares {columns}×{rows}×{slices} voxels, more than the {VOXELS.pixels:,} allowed here."
        )
    return slices, rows, columns


def _depth(kind: np.dtype[Any], name: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the depth of a type of voxels, and what reading converts and loses."""
    if kind == np.uint8:
        return "8", (), ()
    if kind == np.uint16:
        return "16", (), ()
    if kind == np.int16:
        return "16", ("signed 16-bit integers: black is -32768, white is 32767",), ()
    if kind == np.float32:
        return "float", (), ()
    if kind == np.float64:
        return "float", (), ("64-bit floats became 32-bit floats",)
    named = "colors" if kind.fields else "complex numbers" if kind.kind == "c" else str(kind)
    raise Unreadable(
        f"{name} contains {named}; repix reads NIfTI with uint8, uint16, int16, float32 and float64, so save it as one "
        "of them."
    )


def _metadata(header: Any, zipped: bool) -> Metadata:
    across, down, depth = (abs(float(one)) for one in header.get_zooms()[:3])
    valid = all(0 < one < 1e12 for one in (depth, down, across))
    code = int(header["xyzt_units"]) % 8  # the higher bits are the unit of time
    unit = {1: "m", 2: "mm", 3: "µm"}.get(code, "")
    file = BytesIO()
    header.write_to(file)
    spacing = (depth, down, across) if valid else None
    return Metadata(spacing, unit, header.get_best_affine(), file.getvalue(), compressed=zipped)


def _slice(file: BinaryIO, shape: tuple[int, int, int], stored: np.dtype[Any], name: str) -> NDArray[Any]:
    """Return the next slice H×W, after checking that it is complete and finite."""
    wanted = shape[1] * shape[2] * stored.itemsize
    data = bytearray()
    with damage(name):
        while len(data) < wanted and (piece := file.read(min(wanted - len(data), PIECE))):
            data += piece
    if len(data) < wanted:
        raise Unreadable(f"{name} is incomplete: it ends inside a slice.")
    pixels = np.frombuffer(data, stored).reshape(shape[1:])
    if stored.kind == "i":
        return pixels.astype(np.int16).view(np.uint16) ^ SIGN
    if stored.kind == "f" and not np.isfinite(pixels).all():
        raise Unreadable(f"{name} holds values that are not finite (NaN or infinity); replace them first.")
    return pixels.astype(np.float32 if stored.kind == "f" else stored.newbyteorder("="))


@dataclass(frozen=True)
class NiftiForm:
    """The form in which a volume is written as NIfTI."""

    shape: tuple[int, int, int]
    """Numbers of slices, rows and columns."""
    dtype: np.dtype[Any]
    """Type of the slices: uint8, uint16 or float32."""
    metadata: Metadata
    zipped: bool = True
    same_values: bool = True
    """The values mean the same as those of the source in NIfTI; its type and scaling are kept."""


def save_nifti(slices: Iterable[NDArray[Any]], form: NiftiForm, file: BinaryIO) -> None:
    """Write slices H×W as NIfTI into an empty file."""
    header = header_for(form)
    stored = header.get_data_dtype()
    target: Any = gzip.GzipFile("", "wb", LEVEL, file, mtime=0) if form.zipped else file
    header.write_to(target)
    target.write(bytes(header.get_data_offset() - target.tell()))
    for pixels in slices:
        values = (pixels ^ SIGN).view(np.int16) if stored.kind == "i" else pixels
        target.write(np.ascontiguousarray(values, stored).tobytes())
    if form.zipped:
        target.close()


def header_for(form: NiftiForm) -> Any:
    """Return nibabel's header: that of the source with another shape, and with another type if needed.

    >>> header_for(NiftiForm((5, 3, 2), np.dtype(np.uint16), Metadata((50, 4, 4), "mm"))).get_zooms()
    (np.float32(4.0), np.float32(4.0), np.float32(50.0))
    """
    metadata = form.metadata
    header = read_header(metadata.nifti) if metadata.nifti else registry.library("nibabel").Nifti1Header()
    header["vox_offset"] = 0  # nibabel computes it
    header.set_data_shape(form.shape[::-1])
    _set_values(header, form.dtype, same_values=bool(metadata.nifti) and form.same_values)
    if metadata.nifti:
        _set_position(header, metadata)
    elif metadata.spacing is not None:
        unit = next((name for name, ours in UNITS.items() if ours == metadata.unit), "")
        other = "micron" if metadata.unit == "nm" else "mm"  # NIfTI knows three units only
        changed = None if unit else metadata.in_unit(UNITS[other])
        header.set_zooms((changed or metadata.spacing)[::-1])
        header.set_xyzt_units(unit or (other if changed else "unknown"))
    return header


def _set_values(header: Any, dtype: np.dtype[Any], same_values: bool) -> None:
    """Set the type of the voxels; signed integers stay signed, and the scaling stays, if the values mean the same."""
    before = header.get_data_dtype()
    signed = before.kind == "i" and dtype == np.uint16
    if same_values and (signed or before.newbyteorder("=") == dtype):
        return
    if not (same_values and before.kind == dtype.kind == "f"):
        header.set_slope_inter(1, 0)
        header["cal_min"] = header["cal_max"] = 0
    header.set_data_dtype(dtype)


def _set_position(header: Any, metadata: Metadata) -> None:
    """Set affine and spacing where the slices were enlarged; otherwise the header stays as it was."""
    if metadata.affine is None or metadata.spacing is None or np.array_equal(metadata.affine, header.get_best_affine()):
        return
    header.set_zooms(metadata.spacing[::-1])
    for code, set_form in (("sform_code", header.set_sform), ("qform_code", header.set_qform)):
        if header[code]:
            set_form(metadata.affine, int(header[code]))


def stored_values(metadata: Metadata) -> tuple[bool, str]:
    """Return whether the source in NIfTI has signed integers, and its scaling in words; empty if it has none."""
    header = read_header(metadata.nifti)
    slope, intercept = header.get_slope_inter()
    plain = slope in (None, 1) and intercept in (None, 0)
    return header.get_data_dtype().kind == "i", "" if plain else f"slope {slope:g}, intercept {intercept or 0:g}"


def read_header(data: bytes) -> Any:
    """Return nibabel's header for the bytes of one."""
    return _type(data[:4]).from_fileobj(BytesIO(data))
