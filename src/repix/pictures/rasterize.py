"""Drawings in SVG as PNG and as animated GIF, by the SVG renderer in libvips."""

from collections.abc import Sequence
from typing import Any

from repix.errors import Unwritable
from repix.pictures.libvips import error_text, library


def svg_to_png(drawing: str, scale: float = 2.0) -> bytes:
    """Return an SVG drawing as a PNG file, `scale` pixels for each unit of the drawing.

    >>> svg_to_png('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"/>')[1:4]
    b'PNG'
    """
    vips = library()
    try:
        png: bytes = _drawn(drawing, scale).pngsave_buffer(strip=True)
    except vips.Error as problem:
        raise _refused(problem) from None
    return png


def svgs_to_gif(drawings: Sequence[str], milliseconds: Sequence[int], scale: float = 1.0) -> bytes:
    """Return SVG drawings of one size as an animated GIF file that starts again at its end.

    Args:
        drawings: the frames.
        milliseconds: for each frame, how long it is shown.
        scale: pixels for each unit of the drawings.

    >>> svgs_to_gif(['<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"/>'], [100])[:3]
    b'GIF'
    """
    vips = library()
    try:
        kept = [_drawn(drawing, scale).pngsave_buffer(compression=1) for drawing in drawings]
        frames = [vips.Image.pngload_buffer(png, access="sequential") for png in kept]  # decoded one by one
        film = vips.Image.arrayjoin(frames, across=1).copy()
        film.set_type(vips.GValue.gint_type, "page-height", frames[0].height)
        film.set_type(vips.GValue.array_int_type, "delay", list(milliseconds))
        film.set_type(vips.GValue.gint_type, "loop", 0)
        gif: bytes = film.gifsave_buffer(dither=0, effort=4)  # as close as the default, 7, in two thirds of the time
    except vips.Error as problem:
        raise _refused(problem) from None
    return gif


def _drawn(drawing: str, scale: float) -> Any:
    """Return a drawing as a libvips image, on white."""
    image = library().Image.svgload_buffer(drawing.encode(), scale=scale, unlimited=True)
    return image.flatten(background=[255, 255, 255])


def _refused(problem: Exception) -> Unwritable:
    return Unwritable(f"libvips cannot draw SVG here ({error_text(problem)}); write an .svg file instead.")
