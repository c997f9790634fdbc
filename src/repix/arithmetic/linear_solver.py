"""Solving large systems of equations, of which only the product with a picture is known."""

from collections.abc import Callable, Iterator

import numpy as np

from repix.arithmetic.arrays import Array


def conjugate_gradients(apply: Callable[[Array], Array], target: Array, start: Array) -> Iterator[Array]:
    """Better and better solutions of apply(x) = target for a symmetric positive `apply`; the first one is the start.

    >>> from itertools import islice
    >>> steps = conjugate_gradients(lambda x: np.array([2.0, 4.0]) * x, np.array([2.0, 2.0]), np.zeros(2))
    >>> [x.round(3).tolist() for x in islice(steps, 3)]
    [[0.0, 0.0], [0.667, 0.667], [1.0, 0.5]]
    """
    x = start
    lack = target - apply(x)
    direction, power = lack, float(np.vdot(lack, lack))
    while True:
        yield x
        if power == 0:
            continue
        change = apply(direction)
        stride = power / float(np.vdot(direction, change))
        x = x + stride * direction
        lack = lack - stride * change
        power, before = float(np.vdot(lack, lack)), power
        direction = lack + (power / before) * direction
