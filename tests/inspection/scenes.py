"""Drawn scenes: areas with soft shading, sharp shapes of many sizes, and patches of texture."""

import numpy as np

from repix.arithmetic.resampling import resize_picture


def scene(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """H×W×3 of float32 in [0, 1], drawn at twice the size and shrunk, so that edges are as sharp as a camera's."""
    size = (2 * height, 2 * width)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    picture = 0.5 + 0.15 * _smooth(rng, size, 3)
    light = 1 + 0.1 * _smooth(rng, size, 3)
    for _ in range(int(rng.integers(40, 70))):
        color = rng.uniform(0.08, 0.92, 3).astype(np.float32)
        shape = _shape(rng, y, x, size)
        texture = rng.uniform(0.02, 0.12) * _smooth(rng, size, int(rng.integers(30, 90))) if rng.random() < 0.2 else 0
        picture = np.where(shape[:, :, np.newaxis], color * light + texture, picture)
    small = picture.reshape(height, 2, width, 2, 3).mean(axis=(1, 3))
    return np.clip(small, 0.03, 0.97).astype(np.float32)


def _shape(rng: np.random.Generator, y: np.ndarray, x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A turned rectangle or an ellipse."""
    row, column, angle = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(0, np.pi)
    long, short = np.exp(rng.uniform(np.log(6), np.log(min(size) / 3), 2))
    along = ((x - column) * np.cos(angle) + (y - row) * np.sin(angle)) / long
    across = ((y - row) * np.cos(angle) - (x - column) * np.sin(angle)) / short
    return (np.maximum(np.abs(along), np.abs(across)) if rng.random() < 0.6 else np.hypot(along, across)) < 1


def _smooth(rng: np.random.Generator, size: tuple[int, int], waves: int) -> np.ndarray:
    return resize_picture(rng.standard_normal((waves, waves, 1)), size, method="bicubic").astype(np.float32)
