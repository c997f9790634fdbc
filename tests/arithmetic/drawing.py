"""Arrays that hypothesis draws for the arithmetic's tests."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

few = settings(max_examples=40)
"""Enough examples to find a wrong index, few enough to stay fast."""

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
sides = st.tuples(st.integers(1, 9), st.integers(1, 9))


def numbers(seed: int, *shape: int) -> np.ndarray:
    """Seeded numbers, so that hypothesis shrinks shapes and not thousands of numbers."""
    return np.random.default_rng(seed).normal(size=shape)


def photo(height: int, width: int, *channels: int) -> np.ndarray:
    """8-bit pixels with soft areas, hard edges and noise."""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(5).integers(-20, 20, (height, width, *channels))
    drawn = 120 + 80 * np.sin(x / 7) * np.cos(y / 11) + 55 * ((x // 9 + y // 6) % 2)
    return np.clip(drawn.reshape(height, width, *(1 for _ in channels)) + noise, 0, 255).astype(np.uint8)
