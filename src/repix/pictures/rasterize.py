"""Drawings in SVG as PNG, by the SVG renderer in libvips."""

from repix.errors import Unwritable
from repix.pictures.libvips import error_text, library


def svg_to_png(drawing: str, scale: float = 2.0) -> bytes:
    """Return an SVG drawing as a PNG file, `scale` pixels for each unit of the drawing.

    >>> svg_to_png('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"/>')[1:4]
    b'PNG'
    """
    vips = library()
    try:
        image = vips.Image.svgload_buffer(drawing.encode(), scale=scale, unlimited=True)
        png: bytes = image.flatten(background=[255, 255, 255]).pngsave_buffer(strip=True)
    except vips.Error as problem:
        raise Unwritable(f"libvips cannot draw SVG here ({error_text(problem)}); write an .svg file instead.") from None
    return png
