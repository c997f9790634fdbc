"""Synthetic sample pictures, for kinds without a free photo: cells under a microscope, and a street scene."""

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture

Where = NDArray[np.bool_]
Color = tuple[float, float, float]

THICKNESS = 2.0
"""Half the thickness of a membrane, in pixels."""
HEIGHT, WIDTH = 360, 480
"""Size of the street scene."""
HORIZON, MIDDLE = 165, 250
"""Row and column of the vanishing point."""
BRICK, PLASTER, GLASS = (0.45, 0.36, 0.31), (0.52, 0.47, 0.42), (0.15, 0.17, 0.2)
TYRE, LAMP = (0.07, 0.07, 0.07), (0.6, 0.1, 0.1)


def cells(side: int = 256, count: int = 60, seed: int = 0) -> tuple[Array, Where]:
    """Return a synthetic microscope picture of cells, and the mask of its cells.

    The cells are the Voronoi regions of random points in a distorted plane; membranes are their borders.

    Args:
        side: height and width.
        count: number of cells.
        seed: seed of the random generator.

    Returns:
        The picture side×side×1 in [0, 1], and a boolean mask side×side of cells without membranes.

    >>> picture, inside = cells(64, 9)
    >>> picture.shape, bool(picture[:, :, 0][inside].mean() > picture[:, :, 0][~inside].mean())
    ((64, 64, 1), True)
    """
    rng = np.random.default_rng(seed)
    rows, columns = (place + side / 32 * _smooth(rng, (side, side), 12) for place in np.mgrid[:side, :side])
    centers = rng.uniform(0, side, (count, 2))
    distances = np.hypot(rows - centers[:, :1, None], columns - centers[:, 1:, None])
    nearest, second = np.partition(distances, 1, axis=0)[:2]
    from_membrane = (second - nearest) / 2
    inner = 0.68 + 0.05 * _smooth(rng, (side, side), 8) + 0.06 * _smooth(rng, (side, side), 48)
    for row, column, radius, depth in rng.uniform((0, 0, 3, 0.1), (side, side, 7, 0.28), (count // 2, 4)):
        inner = inner - depth * np.exp(-((np.hypot(rows - row, columns - column) / radius) ** 4))
    slice_ = inner * (1 - 0.65 * np.exp(-((from_membrane / THICKNESS) ** 2))) + rng.normal(0, 0.06, (side, side))
    picture: Array = np.clip(slice_, 0, 1)[:, :, np.newaxis].astype(np.float32)
    return picture, from_membrane > THICKNESS * 0.85


def street(seed: int = 0) -> Array:
    """Return a synthetic street scene 360×480×3 in [0, 1]: houses, a road, trees, a pole, cars.

    Args:
        seed: seed of the random generator.

    >>> street().shape
    (360, 480, 3)
    """
    canvas = _Canvas(seed)
    x, y = canvas.x, canvas.y
    canvas.paint(y < HEIGHT, (0.83, 0.85, 0.87), 0.01)
    ground = y >= HORIZON
    canvas.paint(ground, (0.47, 0.46, 0.45))
    across = np.abs(x - MIDDLE)
    sideways = across / np.maximum(y - HORIZON, 1)
    windows = (np.log(np.maximum(across, 1)) * 6 % 1 < 0.45) & (HORIZON - y > 0.08 * across)
    windows &= (HORIZON - y) / np.maximum(across, 1) * 7 % 1 < 0.5
    for side, begin, slope, color in ((x < MIDDLE, 20, 0.72, BRICK), (x > MIDDLE, 25, 0.62, PLASTER)):
        house = side & (y > HORIZON - (across - begin) * slope) & (y < HORIZON + (across - begin) * 0.25)
        canvas.paint(house, color)
        canvas.paint(house & windows, GLASS, 0.02)
    canvas.paint(ground & (sideways < 1.3), (0.29, 0.29, 0.3), 0.02)
    dashes = 60 * (HEIGHT - HORIZON) / np.maximum(y - HORIZON, 4) % 12 < 6
    canvas.paint(ground & (sideways < 0.03) & dashes, (0.75, 0.75, 0.73), 0.02)
    canvas.paint(ground & (np.abs(sideways - 1.33) < 0.03), (0.6, 0.6, 0.58), 0.02)
    for column, row, radius in ((395, 120, 48), (365, 140, 26), (120, 135, 30)):
        crown = np.hypot(x - column, (y - row) * 1.1) + 9 * _smooth(canvas.rng, (HEIGHT, WIDTH), 36) < radius
        canvas.paint(crown, (0.2, 0.27, 0.14), 0.09, 120)
    canvas.paint((np.abs(x - 395) < 4) & (y > 150) & (y < 225), (0.2, 0.17, 0.13))
    canvas.paint((np.abs(x - 318) < 1.8) & (y > 60) & (y < 215), (0.35, 0.35, 0.36), 0.02)
    canvas.car(225, 222, 44, (0.12, 0.16, 0.3))
    canvas.car(355, 262, 92, (0.5, 0.5, 0.53))
    canvas.car(140, 235, 56, (0.5, 0.1, 0.1))
    return canvas.photographed()


class _Canvas:
    """The canvas of the street scene."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.y, self.x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
        self.colors: Array = np.ones((HEIGHT, WIDTH, 3))

    def paint(self, where: Where, color: Color, grain: float = 0.03, waves: int = 40) -> None:
        """Fill a region with a slightly noisy color."""
        uneven = grain * (_smooth(self.rng, (HEIGHT, WIDTH), waves) + 0.5 * self.rng.standard_normal((HEIGHT, WIDTH)))
        self.colors[where] = (np.array(color) + uneven[:, :, np.newaxis])[where]

    def car(self, column: int, row: int, width: int, color: Color) -> None:
        """Draw a car from behind, with its wheels at a row."""
        height, across, above = 0.75 * width, np.abs(self.x - column), row - self.y
        roof = (above >= 0.45 * height) & (across < 0.38 * width - (above - 0.45 * height) * 0.25)
        self.paint((across < 0.55 * width) & (above <= 3) & (above > -0.12 * height), (0.12, 0.12, 0.12), 0.02)
        self.paint((across < width / 2) & (above > 0) & (above < 0.45 * height) | roof & (above < 0.9 * height), color)
        self.paint(roof & (across < 0.32 * width) & (above > 0.47 * height) & (above < 0.83 * height), GLASS, 0.02)
        wheel = (np.abs(across - 0.36 * width) < 0.09 * width) & (above < 0.16 * height) & (above > -0.13 * height)
        self.paint(wheel, TYRE, 0.02)
        lamp = (np.abs(across - 0.42 * width) < 0.06 * width) & (np.abs(above - 0.325 * height) < 0.055 * height)
        self.paint(lamp, LAMP, 0.02)

    def photographed(self) -> Array:
        """Return the picture with slight blur and noise, as from a camera."""
        padded = np.pad(self.colors, ((1, 1), (1, 1), (0, 0)), "edge")
        around = [padded[i : i + HEIGHT, j : j + WIDTH] for i in range(3) for j in range(3)]
        soft = 0.4 * self.colors + 0.6 * np.mean(around, axis=0)
        noisy = soft + 0.012 * self.rng.standard_normal((HEIGHT, WIDTH, 1))
        result: Array = np.clip(noisy, 0, 1).astype(np.float32)
        return result


def _smooth(rng: np.random.Generator, size: tuple[int, int], waves: int) -> Array:
    """Return smooth noise with about `waves` periods along each axis."""
    return resize_picture(rng.standard_normal((waves, waves)), size, method="bicubic")
