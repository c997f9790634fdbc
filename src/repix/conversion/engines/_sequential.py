"""Batches for models that take one picture at a time, as other people's often do."""

from collections.abc import Callable

import numpy as np

from repix.arithmetic.arrays import Array


def run_sequentially(run: Callable[[Array], Array], x: Array, alone: bool) -> Array:
    """Return what `run` gives for N×C×H×W; one picture after the other where it takes them only `alone`.

    >>> run_sequentially(lambda one: one * len(one), np.ones((2, 1, 1, 1)), alone=True).ravel().tolist()
    [1.0, 1.0]
    """
    if not alone or len(x) == 1:
        return run(x)
    return np.concatenate([run(x[number : number + 1]) for number in range(len(x))])
