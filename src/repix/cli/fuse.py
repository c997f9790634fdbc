"""Join several shots of one scene into one finer picture."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from repix.arithmetic.arrays import Array
from repix.cli._app import command
from repix.cli._batch import Writing, convert_each
from repix.cli._converting import Quality, Strict, Verbose
from repix.cli._member_command import Depth, Output, Overwrite
from repix.conversion.many.jobs import Naming, destinations
from repix.errors import WrongUse
from repix.fusion import Registration, fuse, register
from repix.pictures import DEPTHS, Picture, read
from repix.printable import printable

Shots = Annotated[
    list[Path], typer.Argument(metavar="SHOT...", readable=False, help="Two or more pictures of one scene.")
]
Scale = Annotated[int, typer.Option(min=1, max=8, help="How many times finer the result is.")]
Blur = Annotated[float, typer.Option(help="The lens's blur, standard deviation in pixels of the shots, where known.")]
DropBad = Annotated[bool, typer.Option("--drop-bad", help="Leave out shots that do not match the first, and say so.")]


def fuse_shots(
    shots: Shots,
    output: Output = None,
    scale: Scale = 2,
    blur: Blur = 0.0,
    drop_bad: DropBad = False,
    depth: Depth = None,
    quality: Quality = 90,
    overwrite: Overwrite = False,
    strict: Strict = False,
    verbose: Verbose = False,
) -> None:
    """Join several shots of one scene, taken by a camera that moved a little, into one finer picture.

    The shots are registered to fractions of a pixel, laid on the fine grid and back-projected. The result has the
    first shot's frame, depth, colour profile and EXIF. With -v the shifts are told as well.
    """
    if depth is not None and depth not in DEPTHS:
        raise WrongUse(f"--depth {depth} is not one of {', '.join(DEPTHS)}.")

    def convert(first: Picture) -> Picture:
        colours = [_opaque(first, shots[0]), *(_opaque(read(shot), shot) for shot in shots[1:])]
        registration = register(colours, [str(shot) for shot in shots])
        if verbose:
            _tell(registration, shots)
        kept = _kept(registration, shots) if drop_bad else list(range(len(shots)))
        fused = fuse([colours[i] for i in kept], scale, blur, registration.only(kept))
        alpha = np.ones_like(fused[:, :, :1]) if first.has_alpha else None
        return first.with_colours(fused, alpha, depth)

    writing = Writing(overwrite=overwrite, quality=quality, verbose=verbose, strict=strict)
    convert_each(destinations(shots[:1], output, Naming(beside="-fused")), convert, writing)


def _opaque(picture: Picture, path: Path) -> Array:
    alpha = picture.alpha()
    if alpha is not None and alpha.min() < 1:
        raise WrongUse(f"{path} is transparent in places, and those cannot be fused; save the shots without alpha.")
    return picture.colours()


def _tell(registration: Registration, shots: Sequence[Path]) -> None:
    for path, (down, right), match in zip(shots, registration.shifts, registration.match, strict=True):
        print(f"{printable(path)}: {down:+.3f} down, {right:+.3f} right, correlation {match:.3f}", file=sys.stderr)


def _kept(registration: Registration, shots: Sequence[Path]) -> list[int]:
    """The shots that match the first; the others are told."""
    kept = registration.good()
    for number in sorted(set(range(len(shots))) - set(kept)):
        print(printable(f"repix: {shots[number]} does not match {shots[0]}, left out."), file=sys.stderr)
    return kept


VERB = command(fuse_shots, "fuse")
