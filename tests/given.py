"""Pictures, and what is no picture, that every filter and every degradation is given."""

import numpy as np

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
