"""Decoders for the formats that libvips reads; the loader is chosen by the file's first bytes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unreadable
from repix.pictures.decoded import Decoded, Rows, fill_low_bits
from repix.pictures.file_bytes import Bytes, FileBytes, Sliced
from repix.pictures.headers import Header
from repix.pictures.libvips import Callbacks, blob, defer_interrupt, error_text, library
from repix.pictures.limits import Limits
from repix.pictures.memory_cost import decoder_memory

LOADERS = {
    "AVIF": "heifload_source",
    "GIF": "gifload_source",
    "JPEG": "jpegload_source",
    "PNG": "pngload_source",
    "TIFF": "tiffload_source",
    "WebP": "webpload_source",
}
WHOLE = ("AVIF", "GIF", "WebP")
"""Formats that libvips always decodes whole."""
KINDS = {"uchar": np.uint8, "ushort": np.uint16, "float": np.float32}
STEP = 2**19
"""Bytes of pixels decoded per call, so that they stay in the processor's cache."""
AT_ONCE = 2**21
"""Bytes from which a whole picture is decoded by several threads, which have a start-up cost."""
Read = Callable[[int, int], bytes]
"""Returns the bytes of a file from one offset up to another."""
DAMAGED = "the pixels in the damaged parts of the JPEG"


def open_file(data: Bytes, form: str, name: str, limits: Limits, header: Header, all_pages: bool = False) -> Decoded:
    """Open a file of one of these formats; its rows are decoded when they are read.

    With `all_pages`, the pages of a TIFF, which must have one size and type, become one tall picture.
    """
    found = _Decoder(data, form, name, limits, header.lab_at, all_pages).begin()
    found.whole = f"{form} cannot be decoded in parts" if form in WHOLE else header.whole
    found.memory = decoder_memory(form, found, header, len(data))
    return found


class _Decoder:
    """Decodes the rows of a file with libvips on request, from the top.

    A JPEG is decoded strictly up to its first error, and leniently from there on.
    """

    def __init__(self, data: Bytes, form: str, name: str, limits: Limits, lab_at: int, all_pages: bool) -> None:
        self._form, self._name, self._lab = form, name, lab_at > 0
        self._callbacks = Callbacks()
        self._open = partial(_open, data, form, name, limits, lab_at, self._callbacks, {"n": -1} if all_pages else {})
        self._strict = form == "JPEG"

    def begin(self) -> Decoded:
        """Open the file; no pixel is decoded yet."""
        found = self._begin()
        self._lost = found.lost  # not `found` itself, which refers to this decoder
        return found

    @defer_interrupt()
    def _begin(self) -> Decoded:
        try:
            with self._reading():
                source, image = self._open("warning" if self._strict else "error")
            self._image, found = _converted(image, self._rows, self._name, self._lab)
            self._region, self._dtype = library().Region.new(self._image), found.dtype
            self._source = source  # libvips calls it as long as the image exists
        except library().Error as problem:
            if not self._strict:
                raise self._refusal(problem) from None
        else:
            return found
        self._strict = False
        found = self._begin()
        found.lost.append(DAMAGED)
        return found

    def _rows(self, first: int, count: int) -> NDArray[Any]:
        shape = (count, self._image.width, self._image.bands)
        row = shape[1] * shape[2] * self._dtype.itemsize
        if count == self._image.height and count * row >= AT_ONCE:
            with suppress(library().Error):
                return self._everything().reshape(shape)
            self._begin()  # decode again row by row, for the same error as in bands
        rows, step = np.empty(shape, self._dtype), max(16, STEP // row)
        for y in range(0, count, step):
            some = rows[y : y + step]
            some[:] = self._fetch(first + y, len(some)).reshape(some.shape)
        return rows

    @defer_interrupt()
    def _everything(self) -> NDArray[Any]:
        with self._reading():
            return np.frombuffer(self._image.write_to_memory(), self._dtype)

    @defer_interrupt()
    def _fetch(self, first: int, count: int) -> NDArray[Any]:
        try:
            with self._reading():
                numbers = self._region.fetch(0, first, self._image.width, count)
        except library().Error as problem:
            if not self._strict:
                raise self._refusal(problem) from None
        else:
            return np.frombuffer(numbers, self._dtype)
        self._strict = False
        self._begin()
        self._lost.append(DAMAGED)
        return self._fetch(first, count)  # libvips decodes the rows before these again and skips them

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Raise what reading the file raised: libvips would say that it is damaged, or fill the missing pixels."""
        try:
            yield
        finally:
            if self._callbacks.problem is not None:
                raise self._callbacks.problem from None

    def _refusal(self, problem: Exception) -> Unreadable:
        return Unreadable(f"{self._name} is a damaged or incomplete {self._form} ({error_text(problem)}).")


def _open(
    data: Bytes,
    form: str,
    name: str,
    limits: Limits,
    lab_at: int,
    callbacks: Callbacks,
    loader_options: Mapping[str, int],
    fail_on: str,
) -> tuple[Any, Any]:
    """Return the source, which must live as long as the image, and the image, after checking its header."""
    vips = library()
    if lab_at:
        source = _custom(_as_rgb(data, lab_at), len(data), callbacks)
    elif isinstance(data, FileBytes):
        source = vips.Source.new_from_descriptor(data.file.fileno())
    elif isinstance(data, Sliced):
        source = _custom(lambda start, stop: data[start:stop], len(data), callbacks)
    else:
        source = vips.Source.new_from_memory(data)
    image = getattr(vips.Image, LOADERS[form])(source, access="sequential", fail_on=fail_on, **loader_options)
    limits.check_size(name, image.height, image.width)
    pages = image.get("n-pages") if image.get_typeof("n-pages") and form != "TIFF" else 1
    if pages > 1:
        what = f"an animated {form}" if form in ("GIF", "WebP") else f"{form} with {pages} pictures"
        raise Unreadable(f"{name} is {what}; repix reads single pictures, so extract its frames first with ffmpeg.")
    return source, image


def _as_rgb(data: Bytes, lab_at: int) -> Read:
    """Return how a Lab TIFF is read as if it were RGB: libvips misreads Lab values of 8 and 16 bits."""
    photometric = b"\2\0" if data[:2] == b"II" else b"\0\2"

    def read(start: int, stop: int) -> bytes:
        some = bytearray(data[start:stop])
        for at in range(max(lab_at, start), min(lab_at + 2, start + len(some))):
            some[at - start] = photometric[at - lab_at]
        return bytes(some)

    return read


def _custom(read: Read, length: int, callbacks: Callbacks) -> Any:
    """Return a source that libvips reads by a function."""
    source, position = library().SourceCustom(), 0

    def read_on(count: int) -> bytes:
        nonlocal position
        some = read(position, position + count)
        position += len(some)
        return some

    def seek(offset: int, whence: int) -> int:
        nonlocal position
        position = offset + (0, position, length)[whence]
        return position

    source.on_read(callbacks.guarded(read_on, b""))
    source.on_seek(callbacks.guarded(seek, -1))
    return source


def _converted(image: Any, rows: Rows, name: str, lab: bool) -> tuple[Any, Decoded]:
    """Return the image, converted to gray or RGB, and its description."""
    found = Decoded((image.height, image.width), image.bands, np.dtype(np.uint8), rows)
    found.profile, found.exif, found.xmp = (
        blob(image, field) for field in ("icc-profile-data", "exif-data", "xmp-data")
    )
    if blob(image, "iptc-data") or blob(image, "photoshop-data"):
        found.lost.append("the IPTC data")
    if image.interpretation == "cmyk":
        image = _from_cmyk(image, found)
    elif lab or image.interpretation in ("lab", "labs", "labq"):
        image = _from_lab(image, lab)
        found.profile = None
        found.converted.append("the colors were converted from Lab to sRGB")
    if image.format not in KINDS or image.bands > 4:
        raise Unreadable(
            f"{name} has {image.bands} channels of type {image.format}; repix reads up to 4 channels of 8-bit or "
            "16-bit integers or 32-bit floats."
        )
    found.channels, found.dtype = image.bands, np.dtype(KINDS[image.format])
    if image.get_typeof("heif-compression") and image.format == "ushort":
        bits = image.get("bits-per-sample")
        found.rows = lambda first, count: fill_low_bits(rows(first, count), bits)
        found.converted.append(f"{bits} bits became 16")
    return image, found


def _from_cmyk(image: Any, found: Decoded) -> Any:
    """Convert CMYK to sRGB, with the file's profile if it is usable."""
    if image.bands > 4:
        found.lost.append("the channels beyond cyan, magenta, yellow and black")
        image = image.extract_band(0, n=4)
    depth = 16 if image.format == "ushort" else 8
    try:
        converted = image.icc_transform("srgb", embedded=found.profile is not None, input_profile="cmyk", depth=depth)
        by = "the file's profile" if found.profile else "a standard profile, because the file has none"
    except library().Error:
        converted = image.icc_import(input_profile="cmyk", embedded=False).icc_export(
            output_profile="srgb", depth=depth
        )
        by = "a standard profile, because the file's profile is damaged"
    found.profile = blob(converted, "icc-profile-data")
    found.converted.append(f"the colors were converted from CMYK to sRGB (by {by})")
    return converted


def _from_lab(image: Any, patched: bool) -> Any:
    """Convert Lab to sRGB of the same depth."""
    deep = image.format != "uchar"
    if patched:
        levels = 65536 if deep else 256
        signed = [(image[i] < levels / 2).ifthenelse(image[i], image[i] - levels) / (levels / 256) for i in (1, 2)]
        image = (image[0] * (100 / (levels - 1))).bandjoin(signed).copy(interpretation="lab")
    return image.colourspace("rgb16" if deep else "srgb")
