"""Perception map as a side input of a task: 0 asks for fidelity, 1 for detail, anything between for a compromise."""

from dataclasses import replace
from functools import partial

import numpy as np

from repix.arithmetic.arrays import Array
from repix.pictures.picture import Picture
from repix.side_inputs import SideInput
from repix.tasks import SideInputs, Task
from repix.tasks._side import with_side_inputs

PERCEPTION = SideInput("perception", "perception-map")
"""0, the default, asks for fidelity."""
CONSTANT, VARYING = 0.25, 0.3
"""Shares of the training patches with the value 0 everywhere, and with a map that varies. The others have one value."""
STEEPEST = 4.0
"""Largest change of a varying map across a patch; beyond 1 it is flat at both ends, with a ramp between them."""
MEASURED_WITH = (0.5, 1.0)
"""Values with which a trained model is measured, besides 0."""


def with_perception(task: Task) -> Task:
    """Return the task with a perception map as a further input."""
    examples = {f"perception {value:g}": partial(_constant, value) for value in MEASURED_WITH}
    side = SideInputs((PERCEPTION,), _draw, examples=examples)
    return replace(with_side_inputs(task, side), objective="objective-map")


def _constant(value: float, source: Picture, _: Picture, __: np.random.Generator) -> Array:
    return np.full((*source.size, 1), value, np.float32)


def _draw(source: Picture, target: Picture, rng: np.random.Generator) -> Array:
    kind = rng.random()
    if kind < VARYING:
        return ramp(source.size, rng)
    value = 0.0 if kind < VARYING + CONSTANT else rng.random()
    return _constant(value, source, target, rng)


def ramp(size: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return a map that rises in a random direction and is cut to 0..1: H×W×1.

    >>> found = ramp((9, 8), np.random.default_rng(0))
    >>> found.shape, bool(0 <= found.min() < found.max() <= 1)
    ((9, 8, 1), True)
    """
    y, x = np.mgrid[: size[0], : size[1]] / max(size) - 0.5
    angle, steepness, middle = rng.uniform(0, 2 * np.pi), rng.uniform(1, STEEPEST), rng.uniform(0.3, 0.7)
    rising = middle + steepness * (x * np.cos(angle) + y * np.sin(angle))
    return np.asarray(rising.clip(0, 1)[:, :, np.newaxis], np.float32)
