"""Conjugate gradients: solve a large linear system of which only the matrix-vector product is known."""

from collections.abc import Callable, Iterator

import numpy as np

from repix.arithmetic.arrays import Array


def conjugate_gradients(apply: Callable[[Array], Array], target: Array, start: Array) -> Iterator[Array]:
    """Yield the iterates of conjugate gradients for apply(x) = target; the first one is `start`.

    `apply` must be linear, symmetric and positive definite.

    >>> from itertools import islice
    >>> steps = conjugate_gradients(lambda x: np.array([2.0, 4.0]) * x, np.array([2.0, 2.0]), np.zeros(2))
    >>> [x.round(3).tolist() for x in islice(steps, 3)]
    [[0.0, 0.0], [0.667, 0.667], [1.0, 0.5]]
    """
    x = start
    residual = target - apply(x)
    direction, power = residual, float(np.vdot(residual, residual))
    while True:
        yield x
        if power == 0:
            continue
        change = apply(direction)
        stride = power / float(np.vdot(direction, change))
        x = x + stride * direction
        residual = residual - stride * change
        power, before = float(np.vdot(residual, residual)), power
        direction = residual + (power / before) * direction
