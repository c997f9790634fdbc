"""The formats that libvips decodes and encodes. Only the loader that a file's first bytes ask for is ever called."""

from functools import cache
from typing import Any

import numpy as np

from repix.errors import Unreadable, Unwritable
from repix.pictures.decoded import Decoded
from repix.pictures.interruption import interruption_afterwards
from repix.pictures.limits import Limits
from repix.pictures.picture import Picture

LOADERS = {
    "AVIF": "heifload_source",
    "GIF": "gifload_source",
    "JPEG": "jpegload_source",
    "PNG": "pngload_source",
    "TIFF": "tiffload_source",
    "WebP": "webpload_source",
}
SAVERS = {"AVIF": "heifsave", "JPEG": "jpegsave", "PNG": "pngsave", "TIFF": "tiffsave", "WebP": "webpsave"}
KINDS = {"uchar": np.uint8, "ushort": np.uint16, "float": np.float32}
EXIF, XMP, ICC = 1, 2, 8
"""What libvips is told to keep."""
TILED_FROM = 32 * 2**20
"""Pixels from which a TIFF is written in tiles, so that others can read a part of it."""
BIG_FROM = 2**32 - 2**26
"""Bytes of pixels from which a TIFF is written as BigTIFF."""


@cache
def _library() -> Any:
    """pyvips, without its cache: nothing here is computed twice, and a cached picture is never let go."""
    import pyvips

    pyvips.cache_set_max(0)
    return pyvips


@interruption_afterwards()
def decode(data: int | bytes, form: str, name: str, limits: Limits, lab: bool = False) -> Decoded:
    """Read an open file, or one in memory. `lab`: its numbers are Lab though the file, as patched, calls them RGB."""
    vips = _library()
    damaged = False
    try:
        try:
            image = _open(data, form, name, limits, "warning" if form == "JPEG" else "error")
            found = _pixels(image, name, lab)
        except vips.Error:
            if form != "JPEG":
                raise
            damaged = True
            image = _open(data, form, name, limits, "error")
            found = _pixels(image, name, lab)
    except vips.Error as problem:
        raise Unreadable(f"{name} is a damaged or incomplete {form} ({_reason(problem)}).") from None
    if damaged:
        found.lost.append("what the damaged places of the JPEG held")
    return found


@interruption_afterwards()
def pixels(descriptor: int, form: str, name: str, limits: Limits) -> int:
    """Height × width of an open file; libvips decodes nothing before it is asked for it."""
    vips = _library()
    try:
        image = _open(descriptor, form, name, limits, "error")
    except vips.Error as problem:
        raise Unreadable(f"{name} is a damaged or incomplete {form} ({_reason(problem)}).") from None
    return int(image.height * image.width)


@interruption_afterwards()
def encode(picture: Picture, form: str, quality: int) -> bytes:
    """The picture as a file of a format that can hold it, without its EXIF."""
    vips = _library()
    image, options = _image(picture), _options(picture, form, quality)
    try:
        if form == "AVIF" and picture.exif is not None:
            return _avif_with_exif(image, picture.exif, options | {"keep": options["keep"] | EXIF})
        return bytes(getattr(image, f"{SAVERS[form]}_buffer")(**options))
    except vips.Error as problem:
        raise Unwritable(f"The picture cannot be written as {form} ({_reason(problem)}).") from None


def _open(data: int | bytes, form: str, name: str, limits: Limits, fail_on: str) -> Any:
    """The lazily decoded image, after the checks that its header allows."""
    vips = _library()
    source = vips.Source.new_from_memory(data) if isinstance(data, bytes) else vips.Source.new_from_descriptor(data)
    image = getattr(vips.Image, LOADERS[form])(source, access="sequential", fail_on=fail_on)
    limits.check_size(name, image.height, image.width)
    pages = image.get("n-pages") if image.get_typeof("n-pages") and form != "TIFF" else 1
    if pages > 1:
        what = f"an animated {form}" if form in ("GIF", "WebP") else f"{form} with {pages} pictures"
        raise Unreadable(
            f"{name} is {what}; repix converts single pictures, so take its frames apart first with ffmpeg."
        )
    return image


def _pixels(image: Any, name: str, lab: bool) -> Decoded:
    """Decode, and convert what is neither grey nor RGB."""
    found = Decoded(np.empty(0), _blob(image, "icc-profile-data"), _blob(image, "exif-data"), _blob(image, "xmp-data"))
    if _blob(image, "iptc-data") or _blob(image, "photoshop-data"):
        found.lost.append("the IPTC data")
    if image.interpretation == "cmyk":
        image = _from_cmyk(image, found)
    elif lab or image.interpretation in ("lab", "labs", "labq"):
        image = _from_lab(image, lab)
        found.profile = None
        found.converted.append("the colours were converted from Lab to sRGB")
    if image.format not in KINDS or image.bands > 4:
        raise Unreadable(
            f"{name} has {image.bands} channels of type {image.format}; repix reads up to 4 channels of 8 or 16-bit "
            "whole numbers or 32-bit floats."
        )
    pixels = image.numpy().reshape(image.height, image.width, image.bands)
    if image.get_typeof("heif-compression") and image.format == "ushort":
        bits = image.get("bits-per-sample")
        pixels |= pixels >> bits  # they come shifted to the left; so white becomes 65535
        found.converted.append(f"{bits} bits became 16")
    found.pixels = pixels
    return found


def _from_cmyk(image: Any, found: Decoded) -> Any:
    """CMYK as sRGB, by the file's own profile where it has a usable one."""
    if image.bands > 4:
        found.lost.append("the channels beyond cyan, magenta, yellow and black")
        image = image.extract_band(0, n=4)
    depth = 16 if image.format == "ushort" else 8
    try:
        converted = image.icc_transform("srgb", embedded=found.profile is not None, input_profile="cmyk", depth=depth)
        by = "the file's profile" if found.profile else "a usual profile, the file has none"
    except _library().Error:
        converted = image.icc_import(input_profile="cmyk", embedded=False).icc_export(
            output_profile="srgb", depth=depth
        )
        by = "a usual profile, the file's own is damaged"
    found.profile = _blob(converted, "icc-profile-data")
    found.converted.append(f"the colours were converted from CMYK to sRGB (by {by})")
    return converted


def _from_lab(image: Any, patched: bool) -> Any:
    """Lab as sRGB of the same depth."""
    deep = image.format != "uchar"
    if patched:
        levels = 65536 if deep else 256
        signed = [(image[i] < levels / 2).ifthenelse(image[i], image[i] - levels) / (levels / 256) for i in (1, 2)]
        image = (image[0] * (100 / (levels - 1))).bandjoin(signed).copy(interpretation="lab")
    return image.colourspace("rgb16" if deep else "srgb")


def _image(picture: Picture) -> Any:
    """The picture as libvips holds it, with profile, XMP and resolution."""
    vips = _library()
    depth = {"8": ("b-w", "srgb"), "16": ("grey16", "rgb16"), "float": ("b-w", "scrgb")}[picture.depth]
    image = vips.Image.new_from_array(np.ascontiguousarray(picture.pixels), interpretation=depth[not picture.is_grey])
    across, down = picture.resolution or (1.0, 1.0)
    image = image.copy(xres=across, yres=down)
    for name, blob in (("icc-profile-data", picture.profile), ("xmp-data", picture.xmp)):
        if blob is not None:
            image.set_type(vips.GValue.blob_type, name, blob)
    return image


def _options(picture: Picture, form: str, quality: int) -> dict[str, Any]:
    """The encoder's settings: full colour resolution, nothing kept but what we put there."""
    keep = {"keep": XMP | ICC}
    if form == "JPEG":
        return keep | {"Q": quality, "subsample_mode": "off", "optimize_coding": True}
    if form == "WebP":
        return keep | {"Q": quality, "exact": True}
    if form == "AVIF":
        bits = 8 if picture.depth == "8" else 12
        return keep | {"Q": quality, "compression": "av1", "subsample_mode": "off", "bitdepth": bits}
    if form == "TIFF":
        height, width = picture.size
        predictor = "none" if picture.depth == "float" else "horizontal"
        layout = {"tile": height * width >= TILED_FROM, "bigtiff": picture.pixels.nbytes >= BIG_FROM}
        return keep | layout | {"compression": "deflate", "predictor": predictor}
    return keep | {"filter": "all"}  # chosen row by row; without filters a smooth picture takes nearly twice the bytes


def _avif_with_exif(image: Any, exif: bytes, options: dict[str, Any]) -> bytes:
    """AVIF with an EXIF block byte for byte (one of odd length or less than 210 bytes is padded with zeros).

    libvips would rewrite the block and lose the tags it does not know. It is given one of the same length instead, that
    is then replaced in the file, so that nothing moves.
    """
    vips = _library()
    prefixed = b"Exif\0\0" + exif
    text = "x" * max(len(prefixed) - 198, 10)
    image = image.copy()
    image.set_type(vips.GValue.gstr_type, "exif-ifd0-ImageDescription", f"{text} ({text}, ASCII, {len(text) + 1} ...)")
    data = bytes(image.heifsave_buffer(**options))
    stand_in = _blob(vips.Image.heifload_buffer(data), "exif-data") or b""
    if not stand_in or data.count(stand_in) != 1 or len(stand_in) < len(prefixed):
        raise Unwritable("The EXIF could not be put into the AVIF; write another format, or a picture without EXIF.")
    return data.replace(stand_in, prefixed.ljust(len(stand_in), b"\0"))


def _blob(image: Any, name: str) -> bytes | None:
    return bytes(image.get(name)) if image.get_typeof(name) else None


def _reason(problem: Exception) -> str:
    """What the library said last, on one line."""
    lines = [line.strip() for line in str(getattr(problem, "detail", problem)).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
