"""Quantization by JPEG: how much of the noise it leaves, and the noise before it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.inspection.blocks import BLOCK, dct_matrix, energy_quantile
from repix.inspection.jpeg_tables import Steps

SIGMAS = np.geomspace(0.05, 128, 80)
"""Standard deviations of noise that are tried."""
TILES = 4
"""JPEG blocks in a block of which the noise is measured."""
LARGE = 8.0
"""From this standard deviation on, in steps, quantization only adds its rounding."""


@dataclass(frozen=True)
class Quantized:
    """Rest of quantized noise that was filtered by a Gaussian, for each of `SIGMAS`."""

    deviations: Array
    """Standard deviation of what is left, in gray levels."""
    freedom: Array
    """Degrees of freedom of its energy in a block."""

    def sigma(self, low: float, share: float) -> float:
        """Return the noise before quantization.

        Args:
            low: a low quantile of the standard deviation in blocks.
            share: which quantile.
        """
        expected = self.deviations * energy_quantile(self.freedom, share) ** 0.5
        return float(np.interp(low, np.maximum.accumulate(expected), SIGMAS))


def quantized(steps: Steps, correlation: float) -> Quantized:
    """Return the rest of noise with a correlation of neighbors after JPEG.

    >>> table = np.full((8, 8), 12)
    >>> round(quantized(table, 0.7).sigma(0.5, 0.1), 1), round(quantized(table, 0.7).sigma(8, 0.1))
    (1.5, 9)
    """
    known, squares, fourths = _normal()
    step = steps.ravel()[:, np.newaxis].astype(np.float64)
    scaled = np.sqrt(dct_variances(round(correlation, 2)))[:, np.newaxis] * SIGMAS / step  # 64×SIGMAS
    square = np.where(scaled > LARGE, scaled**2, np.interp(scaled, known, squares))
    fourth = np.where(scaled > LARGE, 3 * scaled**4, np.interp(scaled, known, fourths))
    energy, variance = (step**2 * square)[1:].sum(axis=0), (step**4 * (fourth - square**2))[1:].sum(axis=0)
    return Quantized(np.sqrt(energy / BLOCK**2), np.maximum(2 * TILES * energy**2 / np.maximum(variance, 1e-9), 1))


@cache
def _normal() -> tuple[Array, Array, Array]:
    """Return standard deviations, in steps, and the second and fourth moment of a rounded normal variable."""
    known = np.geomspace(0.02, LARGE, 80)
    values = np.linspace(-6, 6, 2001)
    density = np.exp(-(values**2) / 2)
    rounded = np.rint(known[:, np.newaxis] * values)
    squares, fourths = (rounded**power @ (density / density.sum()) for power in (2, 4))
    return known, squares, fourths


@cache
def dct_variances(correlation: float) -> NDArray[np.float64]:
    """Return the variances of the DCT of noise of variance 1 that was filtered by a Gaussian."""
    rows, columns = np.divmod(np.arange(BLOCK**2), BLOCK)
    distance = (rows[:, None] - rows) ** 2 + (columns[:, None] - columns) ** 2
    matrix = dct_matrix().astype(np.float64)
    variances: NDArray[np.float64] = np.diag(matrix @ (correlation**distance) @ matrix.T).copy()
    return variances
