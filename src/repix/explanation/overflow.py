"""Refusal of numbers that are too large to compute with."""

from collections.abc import Iterator
from contextlib import contextmanager

from repix.errors import WrongUse


@contextmanager
def no_overflow() -> Iterator[None]:
    """Refuse numbers whose products overflow, within the block."""
    import numpy as np

    try:
        with np.errstate(over="raise", invalid="raise"):
            yield
    except FloatingPointError:
        raise WrongUse("A result is larger than the largest number, 1.8e308; give smaller numbers.") from None
