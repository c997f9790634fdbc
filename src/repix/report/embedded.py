"""Pictures inside a page, as data URIs, so that the page is one file."""

import base64
import io
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from repix.pictures import Picture, write


@dataclass(frozen=True)
class Embedded:
    """A picture inside a page."""

    uri: str
    """A data URI."""


def embedded(pixels: NDArray[Any]) -> Embedded:
    """Return 8-bit pixels H×W×3 as a picture inside a page, without loss.

    >>> import numpy as np
    >>> embedded(np.zeros((2, 3, 3), np.uint8)).uri[:26]
    'data:image/png;base64,iVBO'
    """
    file = io.BytesIO()
    write(Picture(pixels), file, format="png")
    return _inside("image/png", file.getvalue())


def embedded_svg(text: str) -> Embedded:
    """Return an SVG document as a picture inside a page; it stays a vector graphic.

    >>> embedded_svg("<svg/>").uri
    'data:image/svg+xml;base64,PHN2Zy8+'
    """
    return _inside("image/svg+xml", text.encode())


def _inside(kind: str, content: bytes) -> Embedded:
    return Embedded(f"data:{kind};base64,{base64.b64encode(content).decode()}")
