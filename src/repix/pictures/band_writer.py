"""Write a picture in bands of rows, so that it is never in memory as a whole."""

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
    """Write a picture from bands of rows, top to bottom; the file equals the one that `write` makes of the whole.

    The iterator runs in the caller's thread while another thread encodes; at most four bands are in memory.
    `encoder_memory` gives the memory that the encoder needs in addition. If the iterator raises an error, it is passed
    on and no file is left.

    Args:
        bands: pictures of the full width, of one depth and number of channels. Profile and metadata are those of the
            first.
        size: height and width of the whole picture.
        path: the file to write: a path, or an open binary file.
        format: file format such as "png"; by default that of the path's suffix.
        overwrite: replace an existing file.
        quality: 1 to 100, for JPEG, WebP and AVIF.
        strict: raise an error instead of losing information.

    Returns:
        A report of what was kept, converted and lost, over all bands.

    Raises:
        Unwritable: the file cannot be written, or the format cannot store the picture.
        FidelityLost: `strict` is true and information would be lost.
        WrongShape: the bands do not add up to `size`.

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
    kept: gray
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
    """Carries an error of the iterator past `atomic_file`, which would report it as an error of the file."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _write(fitting: "_Fitting", destination: Destination, overwrite: bool, strict: bool) -> None:
    """Write the file; an error in the first band is raised before the file is created."""
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
    """Iterator over the bands, converted to what the format can store; `report` is complete after the last one."""

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
        """Return the number of rows of a band, after checking its width, kind and position."""
        require_picture(band)
        height, width = self.size
        if band.size[1] != width or rows + band.size[0] > height:
            raise WrongShape(
                f"{self._name}: a band of {band.size[1]}×{band.size[0]} pixels at row {rows} does not fit the "
                f"picture of {width}×{height} pixels."
            )
        if (band.pixels.shape[2], band.depth) != (first.pixels.shape[2], first.depth):
            raise WrongShape(
                f"{self._name}: a band is {band}, but the first was {first}; their depth and channels must be equal."
            )
        return band.size[0]

    def _check_end(self, rows: int) -> None:
        if rows < self.size[0]:
            raise WrongShape(f"{self._name}: the bands ended after {rows} of {self.size[0]} rows.")


def fitted_to(form: Format, band: Picture, size: tuple[int, int], name: str, quality: int) -> tuple[Picture, Fidelity]:
    """Return a band converted to what the format can store, and the report of the changes."""
    fitted, report = fit(band, form, name, quality)
    about = Fidelity((f"{size[1]}×{size[0]} pixels",), band.notes, band.lost)
    return fitted, about + report


def require_picture(value: object) -> None:
    """Check that a value is a `Picture`; a plain array has no defined depth.

    Raises:
        WrongUse: it is something else.
    """
    if not isinstance(value, Picture):
        raise WrongUse(
            f"picture is of type {type(value).__name__}; it must be a repix.Picture. Picture.of(array) makes one from "
            "floats in [0, 1]; picture.with_colors(array) keeps profile and EXIF."
        )
