"""Noise level as a side input of a task: the standard deviation of Gaussian noise, where white is 1."""

from functools import partial

import numpy as np

from repix.arithmetic.arrays import Array
from repix.pictures.picture import Picture
from repix.side_inputs import SideInput
from repix.tasks import SideInputs, Task
from repix.tasks._planes import as_kind
from repix.tasks._side import with_side_inputs

LEVEL = SideInput("level", "noise-level")
"""0, the default, means that the level is unknown."""
KNOWN = 0.5
"""Share of the training patches whose level is given."""


def with_noise_level(task: Task, color: bool) -> Task:
    """Return the task with the noise level as a further input."""
    draw = partial(_draw, color)
    examples = {"the noise level": partial(draw, 1.0)}
    return with_side_inputs(task, SideInputs((LEVEL,), partial(draw, KNOWN), examples=examples))


def _draw(color: bool, known: float, source: Picture, target: Picture, rng: np.random.Generator) -> Array:
    level = measured_level(as_kind(source, color), as_kind(target, color)) if rng.random() < known else LEVEL.default
    return np.full((*source.size, 1), level, np.float32)


def measured_level(source: Array, target: Array) -> float:
    """Return the standard deviation of the noise before clipping, from the difference of two pictures.

    Clipping cuts the noise of a dark pixel below, and that of a bright one above. So only differences away from the
    nearer end count. By symmetry, their sum of squares is half of that of all noise.

    >>> noisy = np.random.default_rng(0).normal(0.05, 0.1, (200, 200, 1)).clip(0, 1)
    >>> round(measured_level(noisy, np.full((200, 200, 1), 0.05)), 2)
    0.1
    """
    noise = np.subtract(source, target, dtype=np.float64)
    inward = np.where(target < 0.5, noise, -noise).clip(min=0)
    return min(float(np.sqrt(2 * np.mean(np.square(inward)))), 1.0)
