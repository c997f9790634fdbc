"""Pictures and label maps drawn for the tests: flat shapes, ramps and fine texture, on the levels of 8 bits."""

import numpy as np


def scene(height: int = 200, width: int = 180, channels: int = 3, seed: int = 0) -> np.ndarray:
    """A picture H×W×C with edges, ramps and texture."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    picture = np.empty((height, width, channels))
    for c in range(channels):
        angle = rng.uniform(0, np.pi)
        ramp = (rows * np.sin(angle) + columns * np.cos(angle)) / (height + width)
        waves = 0.2 * np.sin(rows / rng.uniform(2, 9)) * np.cos(columns / rng.uniform(2, 9))
        disc = 0.3 * ((rows - height / 2) ** 2 + (columns - width / 3) ** 2 < (min(height, width) / 4) ** 2)
        picture[:, :, c] = 0.3 + 0.3 * ramp + waves + disc
    return np.rint(255 * np.clip(picture, 0, 1)) / 255


def noisy(picture: np.ndarray, sigma: float, seed: int = 1) -> np.ndarray:
    """The picture with noise of `sigma` levels, rounded to 8 bits."""
    spoiled = picture + np.random.default_rng(seed).normal(0, sigma / 255, picture.shape)
    return np.rint(255 * np.clip(spoiled, 0, 1)) / 255


def label_map(classes: int = 5, size: tuple[int, int] = (40, 50), seed: int = 0) -> np.ndarray:
    """A map H×W of classes in blocks of 5×5 pixels."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, classes, (size[0] // 5, size[1] // 5))
    return np.kron(blocks, np.ones((5, 5), np.int64)).astype(np.uint8)


def mistaken(labels: np.ndarray, share: float = 0.3, classes: int = 5, seed: int = 2) -> np.ndarray:
    """The map with a share of its pixels drawn anew."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(labels.shape) < share, rng.integers(0, classes, labels.shape), labels).astype(np.uint8)
