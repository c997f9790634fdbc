"""Encoders for the formats that libvips writes, from a whole picture or from bands."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from repix.errors import Unwritable
from repix.pictures.embedded_metadata import append_exif_to_tiff, header_insertion, mark_as_indexed, webp_with_exif
from repix.pictures.libvips import Callbacks, blob, defer_interrupt, error_text, library
from repix.pictures.memory_cost import LARGE
from repix.pictures.metadata import sized_exif
from repix.pictures.picture import Picture
from repix.pictures.virtual_tiff import VirtualTiff

SAVERS = {"AVIF": "heifsave", "JPEG": "jpegsave", "PNG": "pngsave", "TIFF": "tiffsave", "WebP": "webpsave"}
EXIF, XMP, ICC = 1, 2, 8
"""Flags of libvips for the metadata to keep."""
LEVEL, SMALLEST = 2, 6
"""Deflate levels: of pictures, twice as fast for files a few percent larger; and of masks with a palette."""
BIG_FROM = 2**32 - 2**26
"""Bytes of pixels from which a TIFF is written as BigTIFF."""


def save(
    bands: Iterable[Picture], first: Picture, size: tuple[int, int], form: str, quality: int, file: BinaryIO
) -> None:
    """Write bands that the format can store; `first` gives their depth, channels and metadata.

    The bands are produced in the caller's thread and encoded in another; errors and interruptions in either are raised
    here.
    """
    encoder = _Encoder(first, size, form, quality, file)
    if first.size == size:
        for picture in bands:  # a second band is an error that the iterator raises
            encoder.save(_image(picture))
        return
    tiff = VirtualTiff(size, first.pixels.shape[2], first.pixels.dtype)
    with ThreadPoolExecutor(1) as other_thread:
        saving = other_thread.submit(encoder.save_streamed, tiff)
        saving.add_done_callback(lambda _: tiff.rows.close())
        try:
            for band in bands:
                if not tiff.rows.put(band.pixels):
                    break
            tiff.rows.end()
            saving.result()
        finally:
            tiff.rows.close()


@dataclass
class _Encoder:
    """Encodes one picture into one file."""

    like: Picture
    """A picture or band with the depth, channels and metadata to write."""
    size: tuple[int, int]
    form: str
    quality: int
    file: BinaryIO
    callbacks: Callbacks = field(default_factory=Callbacks)

    def save_streamed(self, tiff: VirtualTiff) -> None:
        """Write the rows that another thread puts into the virtual file."""
        source = tiff.source(self.callbacks)  # must live until the end: libvips calls it
        try:
            image = library().Image.tiffload_source(source, access="sequential", fail_on="error")
        except library().Error as problem:
            raise self._refusal(problem) from None
        self.save(_dressed(image, self.like))

    @defer_interrupt()
    def save(self, image: Any) -> None:
        """Write an image."""
        exif = None if self.like.exif is None else sized_exif(self.like.exif, *self.size)
        try:
            self._encode(image, exif)
        except library().Error as problem:
            raise self._refusal(problem) from None
        if self.callbacks.problem is not None:
            raise self.callbacks.problem
        if self.form == "TIFF" and exif is not None:
            append_exif_to_tiff(self.file, exif)
        if self.like.palette:
            mark_as_indexed(self.file)

    def _encode(self, image: Any, exif: bytes | None) -> None:
        options = _options(self.like, self.size, self.form, self.quality)
        if self.form == "AVIF":
            self.file.write(_avif(image, exif, options))
        elif self.form == "WebP":
            data = bytes(image.webpsave_buffer(**options))
            self.file.write(data if exif is None else webp_with_exif(data, exif))
        else:
            target = self._target(*header_insertion(self.form, exif, self.like))
            getattr(image, f"{SAVERS[self.form]}_target")(target, **options)

    def _target(self, after: int, extra: bytes) -> Any:
        """Return the target for libvips, which inserts `extra` at the offset `after`.

        Only the TIFF encoder seeks and reads, and nothing is inserted into a TIFF.
        """
        file = self.file

        def write(data: Any) -> int:
            here = file.tell()
            if extra and here < after <= here + len(data):
                file.write(data[: after - here])
                file.write(extra)
                file.write(data[after - here :])
            else:
                file.write(data)
            return len(data)

        target = library().TargetCustom()
        target.on_write(self.callbacks.guarded(write, -1))
        target.on_read(self.callbacks.guarded(file.read, b""))
        target.on_seek(self.callbacks.guarded(file.seek, -1))
        return target

    def _refusal(self, problem: Exception) -> BaseException:
        """Return the error of a callback if there was one, else the error of libvips."""
        refused = Unwritable(f"The picture cannot be written as {self.form} ({error_text(problem)}).")
        return self.callbacks.problem or refused


def _image(picture: Picture) -> Any:
    pixels = np.ascontiguousarray(picture.pixels)
    return _dressed(library().Image.new_from_array(pixels), picture)


def _dressed(image: Any, like: Picture) -> Any:
    """Return the image with color space, profile, XMP and resolution set."""
    means = {"8": ("b-w", "srgb"), "16": ("grey16", "rgb16"), "float": ("b-w", "scrgb")}[like.depth]
    across, down = like.resolution or (1.0, 1.0)
    image = image.copy(interpretation=means[not like.is_gray], xres=across, yres=down)
    for name, data in (("icc-profile-data", like.profile), ("xmp-data", like.xmp)):
        if data is not None:
            image.set_type(library().GValue.blob_type, name, data)
    return image


def _options(like: Picture, size: tuple[int, int], form: str, quality: int) -> dict[str, Any]:
    """Return the encoder's options: full chroma resolution, and only the metadata that we set."""
    keep, large = {"keep": XMP | ICC}, size[0] * size[1] >= LARGE
    if form == "JPEG":
        return keep | {"Q": quality, "subsample_mode": "off", "optimize_coding": not large}
    if form == "WebP":
        return keep | {"Q": quality, "exact": True}
    if form == "AVIF":
        bits = 8 if like.depth == "8" else 12
        return keep | {"Q": quality, "compression": "av1", "subsample_mode": "off", "bitdepth": bits}
    if form == "TIFF":
        predictor = "none" if like.depth == "float" else "horizontal"
        length = size[0] * like.pixels[0].nbytes
        deflate = {"compression": "deflate", "predictor": predictor, "level": LEVEL}
        return keep | deflate | {"tile": large, "bigtiff": length >= BIG_FROM}
    if like.palette:
        return keep | {"compression": SMALLEST, "filter": "all"}  # the filter is chosen for each row
    # one filter costs four fifths of choosing among all; without any, a smooth picture needs nearly twice the bytes
    return keep | {"compression": LEVEL, "filter": "paeth"}


def _avif(image: Any, exif: bytes | None, options: dict[str, Any]) -> bytes:
    """Return an AVIF file with the EXIF block byte for byte (zero-padded if shorter than 210 bytes or of odd length).

    libvips would rewrite the block and lose tags that it does not know. It gets a placeholder of the same length, which
    is then replaced in the file, so that no offset changes.
    """
    if exif is None:
        return bytes(image.heifsave_buffer(**options))
    vips = library()
    prefixed = b"Exif\0\0" + exif
    text = "x" * max(len(prefixed) - 198, 10)
    image = image.copy()
    image.set_type(vips.GValue.gstr_type, "exif-ifd0-ImageDescription", f"{text} ({text}, ASCII, {len(text) + 1} ...)")
    data = bytes(image.heifsave_buffer(**options | {"keep": options["keep"] | EXIF}))
    stand_in = blob(vips.Image.heifload_buffer(data), "exif-data") or b""
    if not stand_in or data.count(stand_in) != 1 or len(stand_in) < len(prefixed):
        raise Unwritable("The EXIF cannot be embedded in the AVIF; write another format, or a picture without EXIF.")
    return data.replace(stand_in, prefixed.ljust(len(stand_in), b"\0"))
