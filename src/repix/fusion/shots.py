"""Shots as files: read, checked, registered and fused into the first one's frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.fusion.multiframe import fuse
from repix.fusion.registration import Registration, register
from repix.pictures import Picture, read


@dataclass(frozen=True)
class FusionOptions:
    """Options of the fusion of shots."""

    scale: int = 2
    blur: float = 0.0
    """The lens's blur, standard deviation in pixels of the shots."""
    drop_bad: bool = False
    """Leave out shots that do not match the first."""
    depth: str | None = None
    """Of the result; None: the first shot's."""


@dataclass(frozen=True)
class Fused:
    """The result, and which shots it was made from."""

    picture: Picture
    registration: Registration
    used: tuple[int, ...]
    """The numbers of the shots that were used."""


def fuse_files(first: Picture, paths: Sequence[Path], options: FusionOptions) -> Fused:
    """Return the first shot at higher resolution, fused with the others; `paths` are those of all shots."""
    colors = [_opaque(first, paths[0]), *(_opaque(read(path), path) for path in paths[1:])]
    registration = register(colors, [str(path) for path in paths])
    used = registration.good() if options.drop_bad else list(range(len(paths)))
    fused = fuse([colors[i] for i in used], options.scale, options.blur, registration.only(used))
    alpha = np.ones_like(fused[:, :, :1]) if first.has_alpha else None
    return Fused(first.with_colors(fused, alpha, options.depth), registration, tuple(used))


def _opaque(picture: Picture, path: Path) -> Array:
    alpha = picture.alpha()
    if alpha is not None and alpha.min() < 1:
        raise WrongUse(f"{path} has transparent pixels, which cannot be fused; save the shots without alpha.")
    return picture.colors()
