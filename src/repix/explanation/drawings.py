"""Write the drawing of a trace into SVG and PNG files."""

from collections.abc import Iterable
from pathlib import Path

from repix.arithmetic.trace import Trace
from repix.explanation.diagram import to_svg
from repix.pictures.atomic import atomic_file
from repix.pictures.rasterize import svg_to_png


def write_drawings(trace: Trace, files: Iterable[Path], overwrite: bool) -> None:
    """Write the drawing of a trace into files; those that end in .png are rasterized."""
    drawn = to_svg(trace)
    contents = {file: svg_to_png(drawn) if file.suffix.lower() == ".png" else drawn.encode() for file in files}
    for file, content in contents.items():
        with atomic_file(file, overwrite) as opened:
            opened.write(content)
