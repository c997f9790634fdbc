"""How much memory libvips holds while it decodes or encodes, beside the rows it is asked for or given: measured.

The numbers are those of `python -m benchmarks.bands` and of pictures of a few sizes of each kind, rounded up.
"""

from repix.pictures.decoded import Decoded
from repix.pictures.headers import Header
from repix.pictures.libvips import MOST_THREADS
from repix.pictures.picture import DEPTHS

LARGE = 2**25
"""Pixels from which a TIFF is written in tiles, so that others can read a part of it, and a JPEG with the usual codes:
to find the best for it takes 13 bytes of memory for each pixel."""

_ALWAYS = 24 * 2**20
"""Bytes, whatever the picture."""
_ROWS_BEHIND = 2200 + 110 * MOST_THREADS
"""Rows that libvips keeps behind those it is asked for, for threads that are late."""
_ROWS_OF_A_TIFF = 512
"""The same for a TIFF, beside its strips and tiles."""
_ROWS_BEFORE = 1024
"""Rows that lie between its steps while it encodes."""


def decoder_memory(form: str, found: Decoded, header: Header, length: int) -> int:
    """Bytes for decoding a file of a length; at most about the whole picture and what its format needs."""
    pixels, row = found.size[0] * found.size[1], found.nbytes // found.size[0]
    if form in ("GIF", "WebP"):
        return _ALWAYS + length + 9 * pixels
    if form == "AVIF":
        return _ALWAYS + length + 21 * pixels * found.dtype.itemsize
    if form == "TIFF":
        return _ALWAYS + sum(header.chunk) + header.chunk[1] // 4 + min(_ROWS_OF_A_TIFF, found.size[0]) * row
    if header.whole and form == "PNG":
        return _ALWAYS + found.nbytes
    coefficients = 2 * header.components * pixels if header.whole else 0
    return _ALWAYS + coefficients + min(_ROWS_BEHIND, found.size[0] + 512) * row


def encoder_memory(form: str, size: tuple[int, int], channels: int, depth: str) -> int:
    """Bytes that writing a picture takes beside its bands: WebP, AVIF and a JPEG that is not large hold all of it.

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
