"""Join several shots of one scene into one finer picture."""

import sys
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
)
from repix.errors import WrongUse
from repix.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repix.arithmetic.arrays import Array
    from repix.fusion import Registration
    from repix.pictures import Picture

HELP = """Join several shots of one scene, taken by a camera that moved a little, into one finer picture.

The shots are registered to fractions of a pixel, laid on the fine grid and back-projected. The result has the
first shot's frame, depth, color profile and EXIF. With -v the shifts are told as well.
"""
Shots = Annotated[
    list[Path], typer.Argument(metavar="SHOT...", readable=False, help="Two or more pictures of one scene.")
]
Scale = Annotated[int, typer.Option(min=1, max=8, help="How many times finer the result is.")]
Blur = Annotated[float, typer.Option(help="The lens's blur, standard deviation in pixels of the shots, where known.")]
DropBad = Annotated[bool, typer.Option("--drop-bad", help="Leave out shots that do not match the first, and say so.")]

OPTIONS = [
    parameter("shots", Shots),
    parameter("output", Output, None),
    parameter("scale", Scale, 2),
    parameter("blur", Blur, 0.0),
    parameter("drop_bad", DropBad, False),
    parameter("depth", Depth, None),
    parameter("dry_run", DryRun, False),
    parameter("quality", Quality, 90),
    parameter("overwrite", Overwrite, False),
    parameter("strict", Strict, False),
    parameter("verbose", Verbose, False),
]


def _fuse(values: dict[str, Any]) -> int:
    from dataclasses import replace

    from repix.batch import Jobs, find, picture_work
    from repix.batch.fingerprint import look
    from repix.cli._batches import run_batch

    shots: list[Path] = values["shots"]
    require_depth(values["depth"])
    arguments = BatchArguments(**{name: values[name] for name in ("output", "overwrite", "dry_run", "verbose")})
    writing = WriteArguments(values["quality"], values["strict"])
    settings = {name: values[name] for name in ("scale", "blur", "drop_bad", "depth")}

    def jobs() -> Jobs:
        look(shots[0])
        found = find(shots[:1], arguments.output, arguments.naming("-fused"))
        return replace(found, each=tuple(replace(job, others=tuple(shots[1:])) for job in found.each))

    def convert(first: "Picture") -> "Picture":
        return _fused(first, values)

    return run_batch(jobs, picture_work(convert, {"fuse": settings}, writing.options()), arguments).exit_code


def _fused(first: "Picture", values: dict[str, Any]) -> "Picture":
    """Return the first shot, finer by what the others add."""
    import numpy as np

    from repix.fusion import fuse, register
    from repix.pictures import read

    shots: list[Path] = values["shots"]
    colors = [_opaque(first, shots[0]), *(_opaque(read(shot), shot) for shot in shots[1:])]
    registration = register(colors, [str(shot) for shot in shots])
    if values["verbose"]:
        _tell_shifts(registration, shots)
    used = _matching(registration, shots) if values["drop_bad"] else list(range(len(shots)))
    fused = fuse([colors[i] for i in used], values["scale"], values["blur"], registration.only(used))
    alpha = np.ones_like(fused[:, :, :1]) if first.has_alpha else None
    return first.with_colours(fused, alpha, values["depth"])


def _opaque(picture: "Picture", path: Path) -> "Array":
    alpha = picture.alpha()
    if alpha is not None and alpha.min() < 1:
        raise WrongUse(f"{path} is transparent in places, and those cannot be fused; save the shots without alpha.")
    return picture.colours()


def _tell_shifts(registration: "Registration", shots: "Sequence[Path]") -> None:
    for path, (down, right), match in zip(shots, registration.shifts, registration.match, strict=True):
        print(f"{printable(path)}: {down:+.3f} down, {right:+.3f} right, correlation {match:.3f}", file=sys.stderr)


def _matching(registration: "Registration", shots: "Sequence[Path]") -> list[int]:
    """Return the shots that match the first; the others are named."""
    used = registration.good()
    for number in sorted(set(range(len(shots))) - set(used)):
        print(printable(f"repix: {shots[number]} does not match {shots[0]}, left out."), file=sys.stderr)
    return used


VERB = command_of("fuse", HELP, OPTIONS, _fuse)
