"""How much memory a decoder or an encoder of libvips holds, beside the rows it is asked for or given: measured."""

from repix.pictures.decoded import Decoded
from repix.pictures.headers import Header

LARGE = 2**25
"""Pixels from which a TIFF is written in tiles, so that others can read a part of it, and a JPEG with the usual codes,
because those made for it need its whole picture."""

_THREADS = 32 * 2**20
"""Bytes that libvips' threads take."""
_LINES = 256
"""Rows that lie between the steps of libvips."""


def decoder_holds(form: str, found: Decoded, header: Header) -> int:
    """Bytes for decoding."""
    return _LINES * found.nbytes // found.size[0]


def encoder_holds(form: str, size: tuple[int, int], channels: int, depth: str) -> int:
    """Bytes that writing a picture takes beside its bands: WebP, AVIF and a JPEG that is not large hold all of it.

    >>> encoder_holds("WebP", (4000, 4000), 3, "8") // 2**20
    """
    return 0
