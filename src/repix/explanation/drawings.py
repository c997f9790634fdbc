"""Write the drawings of a trace into files: SVG, PNG, animated GIF, and SVG that steps."""

from collections.abc import Callable, Mapping
from pathlib import Path

from repix.arithmetic.trace import Trace
from repix.explanation.diagram import to_svg
from repix.explanation.gif import to_gif
from repix.explanation.step_svg import to_step_svg
from repix.pictures.atomic import atomic_file
from repix.pictures.rasterize import svg_to_png

CONTENTS: dict[str, Callable[[Trace], bytes]] = {
    "--svg": lambda trace: to_svg(trace).encode(),
    "--png": lambda trace: svg_to_png(to_svg(trace)),
    "--gif": to_gif,
    "--step-svg": lambda trace: to_step_svg(trace).encode(),
}
"""The content of the file of each option."""


def write_drawings(trace: Trace, files: Mapping[str, Path], overwrite: bool) -> None:
    """Write drawings of a trace into files, given by their option."""
    contents = {file: CONTENTS[option](trace) for option, file in files.items()}
    for file, content in contents.items():
        with atomic_file(file, overwrite) as opened:
            opened.write(content)
