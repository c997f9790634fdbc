"""Fuse several shots of one scene into one picture of higher resolution."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix.cli._commands import (
    BatchArguments,
    Depth,
    DryRun,
    Output,
    Overwrite,
    Quality,
    Strict,
    Verbose,
    WriteArguments,
    command_of,
    parameter,
    require_depth,
    taken,
)
from repix.cli._progress import tell
from repix.printable import printable

if TYPE_CHECKING:
    from repix.fusion.shots import Fused
    from repix.pictures import Picture

HELP = """Fuse several shots of one scene, from a camera that moved slightly, into one picture of higher resolution.

The shots are registered with subpixel accuracy and fused on a fine grid by iterative back-projection. The result has
the first shot's frame, bit depth, color profile and EXIF. -v also prints the shifts.
"""
Shots = Annotated[list[Path], typer.Argument(metavar="SHOT", readable=False, help="Two or more pictures of one scene.")]
Scale = Annotated[int, typer.Option(min=1, max=8, help="Scale factor of the result.")]
Blur = Annotated[float, typer.Option(help="Lens blur, if known: σ of a Gaussian, in pixels of the shots.")]
DropBad = Annotated[bool, typer.Option("--drop-bad", help="Leave out shots that do not match the first one.")]

OPTIONS = [
    parameter("shots", Shots),
    parameter("output", Output, None),
    parameter("scale", Scale, 2),
    parameter("blur", Blur, 0.0),
    parameter("drop_bad", DropBad, False),
    parameter("depth", Depth, None),
    parameter("dry_run", DryRun, False),
    parameter("quality", Quality, None),
    parameter("overwrite", Overwrite, False),
    parameter("strict", Strict, False),
    parameter("verbose", Verbose, False),
]


def _fuse(values: dict[str, Any]) -> int:
    from repix.batch import Jobs, find, picture_work
    from repix.batch.fingerprint import file_status
    from repix.cli._batches import run_batch
    from repix.fusion.shots import FusionOptions, fuse_files

    shots: list[Path] = values.pop("shots")
    arguments, writing = taken(BatchArguments, values), taken(WriteArguments, values)
    require_depth(values["depth"])

    def jobs() -> Jobs:
        file_status(shots[0])
        found = find(shots[:1], arguments.output, arguments.naming("-fused"))
        return replace(found, each=tuple(replace(job, others=tuple(shots[1:])) for job in found.each))

    def convert(first: "Picture") -> "Picture":
        fused = fuse_files(first, shots, FusionOptions(**values))
        _tell(fused, shots, arguments.verbose)
        return fused.picture

    return run_batch(jobs, picture_work(convert, {"fuse": values}, writing.options()), arguments)


def _tell(fused: "Fused", shots: list[Path], verbose: bool) -> None:
    """Print the shots that were left out, and with --verbose the shift of each."""
    registration = fused.registration
    for path, (down, right), match in zip(shots, registration.shifts, registration.match, strict=True):
        if verbose:
            print(f"{printable(path)}: {down:+.3f} down, {right:+.3f} right, correlation {match:.3f}", file=sys.stderr)
    for number in sorted(set(range(len(shots))) - set(fused.used)):
        tell(f"{shots[number]} does not match {shots[0]}; left out.")


VERB = command_of("fuse", HELP, OPTIONS, _fuse)
