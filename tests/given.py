"""What tests are given: how many drawn cases and which, and the pictures of every filter and every degradation."""

import random
from collections.abc import Callable

import numpy as np
import pytest

NO_PICTURES = {
    "list": [[0.5]],
    "uint8": np.zeros((3, 3), np.uint8),
    "float16": np.zeros((3, 3), np.float16),
    "1-D": np.zeros(4),
    "empty": np.zeros((0, 3)),
    "4-D": np.zeros((1, 2, 3, 1)),
    "nan": np.full((3, 3, 3), np.nan),
    "inf": np.full((3, 3), np.inf),
}


def sample(shape: tuple[int, ...], dtype: type = np.float64) -> np.ndarray:
    """Noise in front of a ramp: numbers that float32 holds exactly."""
    levels = np.random.default_rng(5).integers(0, 129, shape) + np.arange(shape[1]).reshape(-1, *[1] * (len(shape) - 2))
    return (levels / 256).astype(dtype)


class Run:
    """This run of the tests, as conftest.py found it before it read the first test."""

    long = False  # `make test-long`, or pytest --long
    seed = 0  # pytest-randomly's, which stands at the top of its output


def count(small: int, large: int) -> int:
    """How many cases a test draws: `small` in `make test`, `large` in `make test-long`.

    A test that asks is marked `@pytest.mark.drawn`, or `make test-long` does not run it.
    """
    return large if Run.long else small


def drawn_seeds(number: int, what: str) -> list[int]:
    """Seeds drawn from the run's own, other ones for each `what`: the same run draws the same ones."""
    return random.Random(f"{Run.seed} {what}").sample(range(10**6), number)  # noqa: S311


def seeds(small: int, large: int) -> Callable[[Callable], Callable]:
    """Run a test with drawn values of its argument `seed`: `small` in `make test`, `large` in `make test-long`."""

    def parametrized(test: Callable) -> Callable:
        drawn = drawn_seeds(count(small, large), f"{test.__module__} {test.__qualname__}")
        return pytest.mark.drawn(pytest.mark.parametrize("seed", drawn)(test))

    return parametrized
