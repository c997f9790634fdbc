"""Batches for models with a fixed batch size of 1."""

from collections.abc import Callable

import numpy as np

from repix.arithmetic.arrays import Array


def run_sequentially(run: Callable[[Array], Array], x: Array, alone: bool) -> Array:
    """Return the result of `run` for N×C×H×W; with `alone`, the pictures are run one after the other.

    >>> run_sequentially(lambda one: one * len(one), np.ones((2, 1, 1, 1)), alone=True).ravel().tolist()
    [1.0, 1.0]
    """
    if not alone or len(x) == 1:
        return run(x)
    return np.concatenate([run(x[number : number + 1]) for number in range(len(x))])
