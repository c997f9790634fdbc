"""K-means color quantization: the picture in k colors."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters._regions import paint_regions
from repix.parameters import Bounds, checked
from repix.registry import library

SAMPLE = 50_000
"""Number of random pixels from which the centers are computed."""
STARTS = 3
"""Number of k-means++ initializations; the best result is used."""
EXPLAINED = 0.95
"""Without k: fraction of the color variance that the clusters must explain."""
MOST = 12
"""Without k: largest number of colors."""


@checked
def k_means(
    picture: Array,
    rng: np.random.Generator | None = None,
    k: Annotated[
        int | None, "number of colors; default: the fewest that explain 95 % of the variance", Bounds(1, 256)
    ] = None,
) -> Array:
    """Replace each pixel by the mean color of its cluster (Lloyd's algorithm in RGB with k-means++ initialization).

    Args:
        picture: floats in [0, 1], gray or RGB.
        rng: random generator; by default one with seed 0, so that results are reproducible.
        k: number of colors; if None, the smallest number up to 12 that explains 95 % of the color variance.

    Returns:
        The quantized picture.

    Raises:
        WrongUse: the picture has fewer than `k` different colors.

    >>> k_means(np.array([[0.1, 0.2, 0.9, 0.8]]), k=2).round(2).tolist()
    [[0.15, 0.15, 0.85, 0.85]]
    """
    picture = contiguous(picture)
    rng = np.random.default_rng(0) if rng is None else rng
    channels = picture.shape[2] if picture.ndim == 3 else 1
    colors = picture.reshape(-1, channels)  # N×C
    sample = colors if len(colors) <= SAMPLE else colors[rng.choice(len(colors), SAMPLE, replace=False)]
    if k is None:
        centers = _fewest(sample, rng)
    else:
        centers, _ = _centers(_with_colors(sample, colors, k), k, rng)
    return paint_regions(picture, _nearest(colors, centers))


def _with_colors(sample: Array, colors: Array, k: int) -> Array:
    """Return the sample, or all distinct colors if the sample has fewer than k."""
    if len(np.unique(sample, axis=0)) >= k:
        return sample
    distinct = np.unique(colors, axis=0)
    if len(distinct) < k:
        raise WrongUse(f"k is {k}, but the picture has only {len(distinct)} different colors; choose a smaller k.")
    return distinct


def _fewest(sample: Array, rng: np.random.Generator) -> Array:
    """Return the centers of the smallest k that explains enough variance, or of the largest k."""
    variation = np.square(sample - sample.mean(axis=0), dtype=np.float64).sum()
    most = min(MOST, len(np.unique(sample, axis=0)))
    for k in range(1, most + 1):
        centers, left = _centers(sample, k, rng)
        if left <= (1 - EXPLAINED) * variation:
            break
    return centers


def _centers(points: Array, k: int, rng: np.random.Generator) -> tuple[Array, float]:
    """Return the centers (k×C) of the best of several runs, and the sum of squared distances to them."""
    if k == 1:  # OpenCV would take a single point for three of one channel
        center = points.mean(axis=0, keepdims=True, dtype=np.float64)
        return center.astype(points.dtype), float(np.square(points - center).sum())
    cv2 = library("cv2")
    stop = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 50, 1e-4)
    single = points.astype(np.float32)
    runs = []
    for _ in range(STARTS):
        labels = _nearest(points, _spread_out(points, k, rng)).astype(np.int32)
        runs.append(cv2.kmeans(single, k, labels, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS))
    left, _, centers = min(runs, key=lambda run: run[0])
    return centers.astype(points.dtype), left


def _spread_out(points: Array, k: int, rng: np.random.Generator) -> Array:
    """Return k-means++ centers: each is drawn with probability proportional to the squared distance to the others."""
    centers = [points[rng.integers(len(points))]]
    distances = np.full(len(points), np.inf)
    while len(centers) < k:
        distances = np.minimum(distances, np.square(points - centers[-1], dtype=np.float64).sum(axis=1))
        centers.append(points[rng.choice(len(points), p=distances / distances.sum())])
    return np.stack(centers)


def _nearest(points: Array, centers: Array) -> NDArray[np.integer]:
    """Return the index of the nearest center of each point."""
    labels: NDArray[np.integer] = library("scipy.cluster.vq").vq(points, centers)[0]
    return labels


FILTER = Filter(k_means, stays_within=True)
