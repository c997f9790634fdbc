"""Writing a picture in bands of rows, so that it need never be there as a whole."""

from collections.abc import Iterable, Iterator
from itertools import chain

from repix.errors import WrongShape, WrongUse
from repix.pictures import plain_writer, vips_writer
from repix.pictures.destinations import Destination, Target
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.format_conversion import check_quality, check_size, fit
from repix.pictures.formats import Format
from repix.pictures.picture import Picture


def write_bands(
    bands: Iterable[Picture],
    size: tuple[int, int],
    path: Target,
    *,
    format: str | None = None,  # noqa: A002 (as `write` has it)
    overwrite: bool = False,
    quality: int = 90,
    strict: bool = False,
) -> Fidelity:
    """Write a picture of this height and width that comes in bands, top to bottom: the same file as by `write`.

    The bands are drawn one by one, in the caller's thread, while others are encoded; at most four are held. Profile
    and other metadata are those of the first band; the reports on all are joined. An error of the bands comes out as it
    is, and no file is left. `encoder_memory` says how much memory the format takes beside the bands.

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from repix.pictures import read
    >>> rows = (Picture(np.full((2, 3), level, np.uint8)) for level in (0, 9))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(write_bands(rows, (4, 3), Path(folder, "a.png")))
    ...     read(Path(folder, "a.png")).pixels[:, 0, 0].tolist()
    kept: 3×4 pixels
    kept: 8 bits
    kept: grey
    [0, 0, 9, 9]
    """
    destination = Destination.of(path, format)
    check_quality(quality)
    fitting = _Fitting(bands, size, destination, quality)
    try:
        _write(fitting, destination, overwrite, strict)
    except _OfTheBands as carried:
        error = carried.error
    else:
        return fitting.report
    raise error


class _OfTheBands(Exception):
    """Carries an error of the bands past `atomic_file`, which would take it for one of the file."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _write(fitting: "_Fitting", destination: Destination, overwrite: bool, strict: bool) -> None:
    """Write the file, but nothing when something is wrong with the first band already."""
    bands, form = iter(fitting), fitting.form
    first = next(bands)
    if strict:
        fitting.report.demand(destination.name)
    destination.check_free(overwrite)
    with destination.whole(overwrite) as file:
        everything = chain([first], bands)
        if form.name in vips_writer.SAVERS:
            vips_writer.save(everything, first, fitting.size, form.name, fitting.quality, file)
        else:
            plain_writer.save(everything, first, fitting.size, form.name, file)
        if strict:
            fitting.report.demand(destination.name)


class _Fitting:
    """The bands as the format can hold them, and the report on them, complete when all were drawn."""

    def __init__(self, bands: Iterable[Picture], size: tuple[int, int], destination: Destination, quality: int) -> None:
        self.form, self.size, self.quality = destination.form, size, quality
        self._bands, self._name = bands, destination.name
        if min(size) < 1:
            raise WrongShape(f"{self._name}: the size is {size}; height and width must be at least 1.")
        check_size(size, self.form, self._name)
        self.report = Fidelity()

    def __iter__(self) -> Iterator[Picture]:
        try:
            rows, first = 0, None
            for band in self._bands:
                first = first or band
                rows += self._checked(band, first, rows)
                fitted, report = fitted_to(self.form, band, self.size, self._name, self.quality)
                self.report += report
                yield fitted
            self._check_end(rows)
        except Exception as error:  # noqa: BLE001 (it is raised again)
            raise _OfTheBands(error) from None

    def _checked(self, band: Picture, first: Picture, rows: int) -> int:
        """The rows of a band, which must be like the first and not too many."""
        require_picture(band)
        height, width = self.size
        if band.size[1] != width or rows + band.size[0] > height:
            raise WrongShape(
                f"{self._name}: a band of {band.size[1]}×{band.size[0]} pixels came after {rows} rows; the picture has "
                f"{width}×{height}."
            )
        if (band.pixels.shape[2], band.depth) != (first.pixels.shape[2], first.depth):
            raise WrongShape(f"{self._name}: a band is {band} and the first was {first}; all must be of one kind.")
        return band.size[0]

    def _check_end(self, rows: int) -> None:
        if rows < self.size[0]:
            raise WrongShape(f"{self._name}: the bands ended after {rows} of {self.size[0]} rows.")


def fitted_to(form: Format, band: Picture, size: tuple[int, int], name: str, quality: int) -> tuple[Picture, Fidelity]:
    """A band as the format can hold it, and the report on the picture so far."""
    fitted, report = fit(band, form, name, quality)
    about = Fidelity((f"{size[1]}×{size[0]} pixels",), band.notes, band.lost)
    return fitted, about + report


def require_picture(value: object) -> None:
    """Refuse above all a bare array, which says nothing about its depth."""
    if not isinstance(value, Picture):
        raise WrongUse(
            f"picture is of type {type(value).__name__}; it must be a repix.Picture: Picture.of(array) makes one of "
            "floats from 0 to 1, picture.with_colours(array) keeps profile and EXIF."
        )
