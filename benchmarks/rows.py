"""Shared by the parts of `benchmarks.models`: a row of the table, and models as functions of arrays."""

from collections.abc import Callable, Iterable
from statistics import fmean
from typing import Any

import numpy as np

from repix import models
from repix.arithmetic.arrays import Array
from repix.conversion import convert, open_model, read_model
from repix.degradations.gray import gray
from repix.pictures import Picture

Make = Callable[[Array], Array]
Row = dict[str, Any]


def row(what: str, name: str, metric: str, scores: Iterable[float]) -> Row:
    """Return one line of the table."""
    found = list(scores)
    return {"what": what, "by": name, "metric": metric, "value": round(fmean(found), 3), "pictures": len(found)}


def have(*names: str) -> bool:
    """Return whether all these models are bundled."""
    return all(name in models.catalog() for name in names)


def takes_level(name: str) -> bool:
    """Return whether a bundled model takes a noise level."""
    return any(one.name == "level" for one in read_model(models.model_named(name)).contract.side_inputs)


def through(*names: str, level: float | None = None) -> Make:
    """Models that come with repix, one after the other, as a function of float pictures; what leaves 0 to 1 stays.

    Args:
        names: the models.
        level: the noise level for models that take one; white is 1.
    """
    engines = [open_model(models.model_named(name)) for name in names]
    side = {} if level is None else {"level": level}

    def make(colors: Array) -> Array:
        for engine in engines:
            colors = convert(Picture(colors.astype(np.float32)), engine, side=side).colors()
        return colors

    return make


def as_kind(colors: Array, kind: str) -> Array:
    """The picture in gray, or with three channels."""
    if kind == "gray":
        return colors if colors.shape[2] == 1 else gray(colors)
    return np.repeat(colors, 3, axis=2) if colors.shape[2] == 1 else colors


def eight_bits(x: Array) -> Array:
    """Values as a file of 8 bits has them."""
    return np.round(np.clip(x, 0, 1) * 255) / 255
