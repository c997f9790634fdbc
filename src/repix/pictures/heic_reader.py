"""Decoder for HEIC and HEIF, through pi-heif (libheif), which is imported when such a file is opened.

libheif applies the orientation while it decodes; the orientation in the EXIF of such a file only repeats it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix import registry
from repix.errors import MissingLibrary, Unreadable
from repix.pictures.decoded import Decoded, decode_whole, fill_low_bits
from repix.pictures.file_bytes import Bytes
from repix.pictures.headers import Header
from repix.pictures.limits import Limits
from repix.pictures.memory_cost import decoder_memory

CHANNELS = {"L": 1, "I": 1, "LA": 2, "La": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}
"""The channels of pi-heif's modes, without the depth, which follows a semicolon."""
PREMULTIPLIED = ("La", "RGBa")


def open_file(data: Bytes, name: str, limits: Limits) -> Decoded:
    """Open a HEIC file; it is decoded when its first row is read."""
    image = _primary_image(data, name)
    (width, height), (mode, _, deep) = image.size, image.mode.partition(";")
    if not width * height:
        raise Unreadable(f"{name} is a damaged HEIC: it declares {width}×{height} pixels.")
    limits.check_size(name, height, width)
    if mode not in CHANNELS:
        raise Unreadable(f"{name} is HEIC with pixels of the kind {image.mode}, which repix does not read.")
    dtype = np.dtype(np.uint16 if deep else np.uint8)
    shape = (height, width, CHANNELS[mode])
    found = Decoded((height, width), CHANNELS[mode], dtype, decode_whole(lambda: _pixels(image, shape, dtype, name)))
    about = image.info
    found.profile, found.exif, found.xmp = about.get("icc_profile"), about["exif"], about.get("xmp")
    if deep:
        found.converted.append(f"{about['bit_depth']} bits became 16")
    if mode in PREMULTIPLIED:
        found.converted.append("premultiplied colors were divided by their alpha")
    if about["depth_images"] or about.get("aux"):
        found.lost.append("the further pictures in the HEIC (depth or gain map)")
    found.whole = "HEIC cannot be decoded in parts"
    found.memory = decoder_memory("HEIC", found, Header(), len(data))
    return found


def _primary_image(data: Bytes, name: str) -> Any:
    """Return the only picture of the file, not decoded yet."""
    try:
        heif = registry.library("pi_heif")
    except MissingLibrary:
        raise Unreadable(
            f"{name} is HEIC, which needs pi-heif: `pip install pi-heif` (extra photos), or convert it to JPEG first."
        ) from None
    try:
        images = heif.open_heif(data[:], convert_hdr_to_8bit=False)
    except (ValueError, EOFError, SyntaxError, RuntimeError, OSError) as problem:
        raise _refusal(name, problem) from None
    if len(images) != 1:
        raise Unreadable(
            f"{name} has {len(images)} pictures; repix reads single pictures, so split it first (heif-convert)."
        )
    return images[0]


def _pixels(image: Any, shape: tuple[int, int, int], dtype: np.dtype[Any], name: str) -> NDArray[Any]:
    """Decode the picture and return its pixels H×W×C."""
    try:
        content = image.data
    except (ValueError, EOFError, SyntaxError, RuntimeError, OSError) as problem:
        raise _refusal(name, problem) from None
    if image.size != shape[1::-1] or len(content) != shape[0] * shape[1] * shape[2] * dtype.itemsize:
        width, height = image.size
        raise Unreadable(
            f"{name} is a damaged HEIC: it declares {shape[1]}×{shape[0]} pixels but has {width}×{height}."
        )
    pixels: NDArray[Any] = np.frombuffer(content, dtype).reshape(shape).copy()  # pi-heif frees its own with the image
    if dtype == np.uint16:
        pixels = fill_low_bits(pixels, image.info["bit_depth"])
    return _divided(pixels) if image.mode.partition(";")[0] in PREMULTIPLIED else pixels


def _divided(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return premultiplied pixels with their colors divided by alpha; where alpha is 0 they are black."""
    white, alpha = np.iinfo(pixels.dtype).max, pixels[:, :, -1:].astype(np.float64)
    colors = np.divide(
        pixels[:, :, :-1] * np.float64(white), alpha, out=np.zeros(pixels[:, :, :-1].shape), where=alpha > 0
    )
    return np.concatenate([np.rint(np.minimum(colors, white)).astype(pixels.dtype), pixels[:, :, -1:]], axis=2)


def _refusal(name: str, problem: Exception) -> Unreadable:
    said = " ".join(str(problem).split()).rstrip(".")
    return Unreadable(f"{name} is a damaged or incomplete HEIC ({said}).")
