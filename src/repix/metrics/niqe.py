"""Naturalness of a picture without a truth (NIQE), against repix's own pristine photos; not MATLAB's values."""

from functools import cache
from importlib.resources import files

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.metrics import Metric
from repix.metrics._pair import picture
from repix.metrics._scene_statistics import FEWEST_BLOCKS, block_statistics


def niqe(result: Array) -> float:
    """Return the distance between the statistics of a picture and those of clean photos (Mittal et al., 2013).

    The statistics are 36 features of each block of 96×96 pixels: generalized Gaussians fitted to locally normalized
    luma and to products of its neighbors, at two scales. The pristine model was fitted by `recipes/niqe.py` to other
    photos than MATLAB's, so values cannot be compared with published ones.

    Args:
        result: floats in [0, 1], gray or RGB, at least 4 blocks large.

    Returns:
        The distance; 0 for the mean of clean photos, larger for noise, blur and compression.

    Raises:
        WrongShape: the picture is too small.
        WrongUse: most of the picture is constant.

    >>> noise = np.random.default_rng(0).random((192, 192, 3))
    >>> niqe(noise) > niqe(0.5 + 0.1 * (noise - 0.5))
    True
    """
    features = block_statistics(picture(result, "result")).features
    features = features[np.isfinite(features).all(1)]
    if len(features) < FEWEST_BLOCKS:
        raise WrongUse(
            f"the picture has {len(features)} blocks of 96×96 pixels that are not constant; niqe needs at least "
            f"{FEWEST_BLOCKS}."
        )
    mean, covariance = _pristine()
    difference = features.mean(0) - mean
    pooled = (np.cov(features, rowvar=False) + covariance) / 2
    return float(np.sqrt(difference @ np.linalg.solve(pooled, difference)))


@cache
def _pristine() -> tuple[Array, Array]:
    """Load mean and covariance of the features of clean photos."""
    with files("repix.metrics").joinpath("niqe.npz").open("rb") as file, np.load(file) as known:
        return known["mean"].astype(np.float64), known["covariance"].astype(np.float64)


METRIC = Metric(niqe, better="lower", best=0.0, note="pristine photos of repix")
