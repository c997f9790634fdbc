"""Memory that decoders and encoders need, in addition to the rows that they give or get.

The constants were measured by `python -m benchmarks.bands`, and on pictures of several sizes of each format, and are
rounded up.
"""

from repix.pictures.decoded import Decoded
from repix.pictures.headers import Header
from repix.pictures.libvips import MOST_THREADS
from repix.pictures.picture import DEPTHS

LARGE = 2**25
"""Pixels from which a TIFF is written in tiles and a JPEG with standard Huffman tables; optimizing the tables takes 13
bytes of memory per pixel."""

_ALWAYS = 24 * 2**20
"""Bytes for any picture."""
_ROWS_BEHIND = 2200 + 110 * MOST_THREADS
"""Rows that libvips keeps after they were read, for slower threads."""
_ROWS_OF_A_TIFF = 512
"""The same for a TIFF, in addition to its strips and tiles."""
_ROWS_BEFORE = 1024
"""Rows that libvips buffers between its stages while it encodes."""


def decoder_memory(form: str, found: Decoded, header: Header, length: int) -> int:
    """Return the bytes that decoding a file needs in addition to the rows that are read.

    Args:
        form: name of the format.
        found: the opened picture.
        header: its headers.
        length: size of the file in bytes.
    """
    pixels, row = found.size[0] * found.size[1], found.nbytes // found.size[0]
    if form in ("GIF", "WebP"):
        return _ALWAYS + length + 9 * pixels
    if form == "AVIF":
        return _ALWAYS + length + 21 * pixels * found.dtype.itemsize
    if form == "HEIC":
        return _ALWAYS + 2 * length + 18 * pixels * found.dtype.itemsize
    if form == "camera RAW":
        return _ALWAYS + 2 * length + 20 * pixels
    if form == "TIFF":
        return _ALWAYS + sum(header.chunk) + header.chunk[1] // 4 + min(_ROWS_OF_A_TIFF, found.size[0]) * row
    if header.whole and form == "PNG":
        return _ALWAYS + found.nbytes
    coefficients = 2 * header.components * pixels if header.whole else 0
    return _ALWAYS + coefficients + min(_ROWS_BEHIND, found.size[0] + 512) * row


def encoder_memory(form: str, size: tuple[int, int], channels: int, depth: str) -> int:
    """Return the bytes that writing a picture needs in addition to its bands.

    The encoders of WebP, AVIF and JPEG below 32 megapixels keep the whole picture.

    Args:
        form: name of the format.
        size: height and width.
        channels: number of channels, 1 to 4.
        depth: '8', '16' or 'float'.

    >>> [encoder_memory(form, (4000, 4000), 3, "8") // 2**20 for form in ("PPM", "PNG", "WebP", "AVIF")]
    [0, 35, 542, 1000]
    """
    pixels, row = size[0] * size[1], size[1] * channels * DEPTHS[depth].itemsize
    alpha, deep = channels in (2, 4), depth != "8"
    each = {"WebP": 42 if alpha else 34, "AVIF": 64 + 24 * alpha + 24 * deep}
    if form == "JPEG" and pixels < LARGE:
        return _ALWAYS + pixels * 13 * (1 if channels <= 2 else 3) // 3 + min(_ROWS_BEFORE, size[0]) * row
    if form in each:
        return _ALWAYS + each[form] * pixels
    if form in ("JPEG", "PNG", "TIFF"):
        return _ALWAYS + min(_ROWS_BEFORE, size[0]) * row
    return 0
