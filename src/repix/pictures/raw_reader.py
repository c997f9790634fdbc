"""Decoder for camera RAW, through rawpy (LibRaw), which is imported when such a file is opened.

The sensor's data are developed with the camera's white balance and AHD demosaicing into 16-bit sRGB. Neither brightness
nor white level depends on what the picture shows. LibRaw turns the picture upright.
"""

import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix import registry
from repix.errors import MissingLibrary, Unreadable
from repix.pictures.decoded import Decoded, decode_whole
from repix.pictures.file_bytes import Bytes, Sliced
from repix.pictures.headers import Header
from repix.pictures.limits import Limits
from repix.pictures.memory_cost import decoder_memory
from repix.pictures.metadata import exif_of_tiff
from repix.pictures.tiff_tags import Damaged, lists

SRGB_CURVE = (2.4, 12.92)
"""The exponent of sRGB's tone curve, and the slope of its linear part."""
ADVICE = "develop it with another program (darktable, RawTherapee) as 16-bit TIFF"
MESSAGES = re.compile(
    rb"unknown file: (?:Unexpected end of file|data corrupted at -?\d+)\n"
    rb"|(?:Corrupt JPEG data|Premature end of JPEG file|Invalid JPEG file)[^\n]*\n"
)
"""Messages of LibRaw and its JPEG decoder on the standard error about a damaged file, which is an error as well."""
SIDEWAYS = 4
"""The bit of LibRaw's `flip` for a picture whose height and width are exchanged."""
_ALONE = threading.Lock()


def open_file(data: Bytes, name: str, limits: Limits) -> Decoded:
    """Open a camera RAW file; it is developed when its first row is read."""
    raw = _opened(data, name)
    width, height = raw.sizes.width, raw.sizes.height
    limits.check_size(name, max(height, raw.sizes.raw_height), max(width, raw.sizes.raw_width))
    size = (width, height) if raw.sizes.flip & SIDEWAYS else (height, width)
    if 0 in size:
        raise Unreadable(f"{name} is a damaged camera RAW file: it declares {width}×{height} pixels.")
    found = Decoded(size, 3, np.dtype(np.uint16), decode_whole(lambda: _developed(raw, size, name)))
    found.exif = _exif(data)
    found.converted.append(
        "the sensor's data were developed: the camera's white balance, AHD demosaicing, 16-bit sRGB (LibRaw)"
    )
    if found.exif is None:
        found.lost.append("the metadata of the camera")
    found.whole = "camera RAW cannot be developed in parts"
    found.memory = decoder_memory("camera RAW", found, Header(), len(data))
    return found


def _opened(data: Bytes, name: str) -> Any:
    """Return the file, opened by LibRaw; only its headers were parsed."""
    try:
        library = registry.library("rawpy")
    except MissingLibrary:
        raise Unreadable(
            f"{name} is camera RAW, which needs rawpy: `pip install rawpy` (extra photos), or {ADVICE} first."
        ) from None
    raw = library.RawPy()
    stream = io.BytesIO(data[:] if isinstance(data, Sliced) else data)
    _guarded(lambda: raw.open_buffer(stream), name)
    return raw


def _developed(raw: Any, size: tuple[int, int], name: str) -> NDArray[Any]:
    """Decode the sensor's data and return the developed picture H×W×3."""
    library = registry.library("rawpy")

    def develop() -> Any:
        raw.unpack()
        return raw.postprocess(
            demosaic_algorithm=library.DemosaicAlgorithm.AHD,
            use_camera_wb=True,
            output_color=library.ColorSpace.sRGB,
            output_bps=16,
            gamma=SRGB_CURVE,
            no_auto_bright=True,
            adjust_maximum_thr=0.0,  # otherwise the brightest pixel of the picture moves white
        )

    pixels: NDArray[Any] = _guarded(develop, name)
    raw.close()
    if pixels.ndim != 3 or pixels.shape != (*size, 3):
        raise Unreadable(f"{name} has a sensor whose picture repix does not know how to arrange; {ADVICE}.")
    return pixels


def _guarded(work: Callable[[], Any], name: str) -> Any:
    """Call LibRaw: its messages are caught, and its errors become one sentence."""
    library = registry.library("rawpy")
    try:
        with _without_messages():
            return work()
    except library.LibRawFileUnsupportedError:
        raise Unreadable(f"{name} is not a camera RAW file that LibRaw can develop; {ADVICE}.") from None
    except library.LibRawError as problem:
        raise Unreadable(
            f"{name} is camera RAW that is damaged, or that LibRaw does not know ({_said(problem)}); {ADVICE}."
        ) from None


def _said(problem: Exception) -> str:
    """Return what LibRaw says: its messages are bytes, those of rawpy itself are text.

    >>> _said(ValueError(b"Input/output error")), _said(ValueError("Error allocating memory")), _said(ValueError())
    ('Input/output error', 'Error allocating memory', 'ValueError')
    """
    said = problem.args[0] if problem.args else type(problem).__name__
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


@contextmanager
def _without_messages() -> Iterator[None]:
    """Keep LibRaw's messages from the standard error; what other threads print meanwhile is printed afterwards."""
    with _ALONE, TemporaryFile() as caught:
        try:
            screen = os.dup(2)
        except OSError:  # there is no standard error
            yield
            return
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(screen, 2)
            os.close(screen)
            caught.seek(0)
            with suppress(OSError):
                os.write(2, MESSAGES.sub(b"", caught.read()))


def _exif(data: Bytes) -> bytes | None:
    """Return the EXIF of a RAW file that is a kind of TIFF (DNG, NEF, ARW, CR2 ...), or None."""
    try:
        pages = lists(data)
        return exif_of_tiff(data, pages[0]) if pages else None
    except Damaged:
        return None
