"""Read and write volumes, whole or slice by slice."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongShape
from repix.pictures.atomic import atomic_file, check_free
from repix.pictures.band_reader import file_problems
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.picture import DEPTHS, Picture
from repix.pictures.virtual_tiff import RowQueue
from repix.volumes.formats import is_nifti, require_volume_suffix
from repix.volumes.metadata import Metadata
from repix.volumes.nifti import NiftiForm, open_nifti, save_nifti, stored_values
from repix.volumes.reader import VolumeReader
from repix.volumes.slice_folder import open_folder
from repix.volumes.tiff_reader import open_tiff
from repix.volumes.tiff_writer import save_tiff
from repix.volumes.volume import Volume


def open_volume(path: Path | str) -> AbstractContextManager[VolumeReader]:
    """Open a volume, to read it slice by slice: multi-page TIFF, NIfTI (`.nii`, `.nii.gz`), or a folder of slices.

    Args:
        path: the file or folder.

    Raises:
        Unreadable: the file is missing or damaged, or not a gray volume with slices of one size and depth.
        TooLarge: the file exceeds the limits.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = write(Volume(np.zeros((5, 2, 3), np.uint8)), Path(folder, "a.tif"))
    ...     with open_volume(Path(folder, "a.tif")) as reader:
    ...         print(reader.shape, reader.read())
    (5, 2, 3) Picture(3×2 gray, depth 8)
    """
    path = Path(path)
    if is_nifti(path):
        return open_nifti(path)
    return open_folder(path) if path.is_dir() else open_tiff(path)


def read(path: Path | str) -> Volume:
    """Read a volume into memory.

    Args:
        path: a multi-page TIFF, a NIfTI file, or a folder of slices.

    Returns:
        The voxels D×H×W with spacing and affine.

    Raises:
        Unreadable: the file is missing or damaged, or not a gray volume with slices of one size and depth.
        TooLarge: the file exceeds the limits.

    >>> read("nowhere.tif")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.tif: there is no such file.
    """
    with open_volume(path) as reader:
        with file_problems(reader.name):
            voxels = np.empty(reader.shape, DEPTHS[reader.depth])
        for one in voxels:
            one[:] = reader.read().pixels[:, :, 0]
        return Volume(voxels, reader.metadata)


def write(volume: Volume, path: Path | str, *, overwrite: bool = False, strict: bool = False) -> Fidelity:
    """Write a volume and report what was kept, converted and lost. The file appears complete or not at all.

    Args:
        volume: the volume.
        path: the file: `.tif`, `.nii` or `.nii.gz`.
        overwrite: replace an existing file.
        strict: raise an error instead of losing information.

    Returns:
        The fidelity report.

    Raises:
        Unwritable: the file cannot be written.
        FidelityLost: `strict` is true and information would be lost.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(write(Volume(np.zeros((5, 2, 3), np.uint16), Metadata((50, 4, 4), "nm")), Path(folder, "a.tif")))
    kept: 5 slices of 3×2
    kept: 16 bits
    kept: spacing 50 × 4 × 4 nm
    """
    slices = (Picture(one) for one in volume.voxels)
    shape = volume.voxels.shape
    return write_slices(
        slices, (shape[0], shape[1], shape[2]), path, metadata=volume.metadata, overwrite=overwrite, strict=strict
    )


def write_slices(
    slices: Iterable[Picture],
    shape: tuple[int, int, int],
    path: Path | str,
    *,
    metadata: Metadata | None = None,
    same_values: bool = True,
    overwrite: bool = False,
    strict: bool = False,
) -> Fidelity:
    """Write a volume slice by slice, so that it is never in memory as a whole.

    Args:
        slices: gray pictures of one size and depth, as many as the shape has. If the iterator raises an error, it is
            passed on and no file is left.
        shape: numbers of slices, rows and columns.
        path: the file: `.tif`, `.nii` or `.nii.gz`.
        metadata: spacing, affine and header of the source.
        same_values: the values mean the same as in the source: NIfTI keeps its signed integers and scaling. False for
            masks.
        overwrite: replace an existing file.
        strict: raise an error instead of losing information.

    Returns:
        The fidelity report.

    Raises:
        Unwritable: the file cannot be written.
        FidelityLost: `strict` is true and information would be lost.
        WrongShape: the slices do not fit the shape.
    """
    path, metadata = Path(path), metadata or Metadata()
    require_volume_suffix(path)
    check_free(path, overwrite)
    pages = _Pages(slices, shape, str(path))
    try:
        dtype = pages.begin()
        report = _report(shape, dtype, metadata, is_nifti(path), same_values)
        if strict:
            report.demand(str(path))
        with atomic_file(path, overwrite) as file:
            if is_nifti(path):
                zipped = path.name.lower().endswith(".gz")
                form = NiftiForm(shape, dtype, metadata, zipped, same_values)
                _in_background(lambda ready: save_nifti(ready, form, file), pages)
            else:
                _in_background(lambda ready: save_tiff(ready, shape, dtype, metadata, file), pages)
    except _OfTheSlices as carried:
        error = carried.error
    else:
        return report
    raise error


def _in_background(save: Callable[[Iterable[NDArray[Any]]], None], pages: Iterable[NDArray[Any]]) -> None:
    """Compute pages in this thread while another encodes and writes them; errors of both are raised here."""
    waiting = RowQueue()
    with ThreadPoolExecutor(1) as other_thread:
        saving = other_thread.submit(save, _arriving(waiting))
        saving.add_done_callback(lambda _: waiting.close())
        try:
            for pixels in pages:
                if not waiting.put(pixels):
                    break
            waiting.end()
            saving.result()
        finally:
            waiting.close()


def _arriving(waiting: RowQueue) -> Iterator[NDArray[Any]]:
    while (pixels := waiting.get()) is not None:
        yield pixels


class _OfTheSlices(Exception):
    """Carries an error of the iterator past `atomic_file`, which would report it as an error of the file."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class _Pages:
    """Iterator over the pixels of slices, checked against the shape."""

    def __init__(self, slices: Iterable[Picture], shape: tuple[int, int, int], name: str) -> None:
        self._slices, self._shape, self._name = iter(slices), shape, name

    def begin(self) -> np.dtype[Any]:
        """Compute the first slice and return its dtype."""
        self._first = self._next()
        if self._first is None:
            raise WrongShape(f"{self._name}: there is no slice; a volume has at least one.")
        return self._first.dtype

    def __iter__(self) -> Iterator[NDArray[Any]]:
        count, pixels = 0, self._first
        self._first = None
        while pixels is not None:
            if count == self._shape[0]:
                break
            count += 1
            yield pixels
            pixels = self._next()
        if count != self._shape[0] or pixels is not None:
            raise _OfTheSlices(WrongShape(f"{self._name}: the number of slices is not {self._shape[0]}."))

    def _next(self) -> NDArray[Any] | None:
        try:
            found = next(self._slices, None)
        except Exception as error:  # noqa: BLE001 (it is raised again)
            raise _OfTheSlices(error) from None
        if found is None:
            return None
        if found.size != self._shape[1:] or found.pixels.shape[2] != 1:
            raise _OfTheSlices(
                WrongShape(f"{self._name}: a slice is {found}; it must be {self._shape[2]}×{self._shape[1]} gray.")
            )
        return found.pixels[:, :, 0]


def _report(
    shape: tuple[int, int, int], dtype: np.dtype[Any], metadata: Metadata, to_nifti: bool, same_values: bool
) -> Fidelity:
    """Return what a file keeps, converts and loses of a volume."""
    bits = "floats" if dtype.kind == "f" else f"{8 * dtype.itemsize} bits"
    kept, converted, lost = [f"{shape[0]} slices of {shape[2]}×{shape[1]}", bits], [], []
    if metadata.text:
        kept.append(metadata.text)
    if metadata.nifti and to_nifti:
        kept.append("the affine")
    elif metadata.nifti:
        lost.append("the affine (position and orientation)")
        signed, scaling = stored_values(metadata)
        if same_values and signed:
            converted.append("signed integers became unsigned, by adding 32768")
        if same_values and scaling:
            lost.append(f"the scaling of the values ({scaling})")
    elif to_nifti and metadata.resolution is not None and metadata.spacing is None:
        lost.append("the resolution, because the distance of the slices is unknown")
    return Fidelity(tuple(kept), tuple(converted), tuple(lost))
