"""K-means: the picture in k colours, each the mean of the pixels nearest to it."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters._regions import paint_regions
from repix.members import library
from repix.parameters import Bounds, checked

SAMPLE = 50_000
"""The centres are found on this many pixels, drawn at random; then every pixel goes to its nearest centre."""
STARTS = 3
"""Lloyd's algorithm ends in the nearest valley: the best of this many starts is taken."""
EXPLAINED = 0.95
"""Where k is not given: the fewest colours that keep this much of the variance of the pixels' colours ..."""
MOST = 12
"""... but not more than this many."""


@checked
def k_means(
    picture: Array,
    rng: np.random.Generator | None = None,
    k: Annotated[
        int | None, "number of colours; left out: the fewest that keep 95 % of the colour variance", Bounds(1, 256)
    ] = None,
) -> Array:
    """Segment by colour: Lloyd's algorithm in RGB from k-means++ starts, every pixel painted with its cluster's mean.

    Without `k` it is the smallest up to 12 for which the squared distances of the pixels to their centres add up to at
    most 5 % of those to the mean colour. Without a generator the one of seed 0 is used, so that a result repeats.

    >>> k_means(np.array([[0.1, 0.2, 0.9, 0.8]]), k=2).round(2).tolist()
    [[0.15, 0.15, 0.85, 0.85]]
    """
    picture = contiguous(picture)
    rng = np.random.default_rng(0) if rng is None else rng
    channels = picture.shape[2] if picture.ndim == 3 else 1
    colours = picture.reshape(-1, channels)  # N×C
    sample = colours if len(colours) <= SAMPLE else colours[rng.choice(len(colours), SAMPLE, replace=False)]
    if k is None:
        centres = _fewest(sample, rng)
    else:
        centres, _ = _centres(_with_colours(sample, colours, k), k, rng)
    return paint_regions(picture, _nearest(colours, centres))


def _with_colours(sample: Array, colours: Array, k: int) -> Array:
    """The sample, or all distinct colours if the sample has fewer than k of them."""
    if len(np.unique(sample, axis=0)) >= k:
        return sample
    distinct = np.unique(colours, axis=0)
    if len(distinct) < k:
        raise WrongUse(f"k is {k}, but the picture has only {len(distinct)} different colours; choose a smaller k.")
    return distinct


def _fewest(sample: Array, rng: np.random.Generator) -> Array:
    """The centres of the smallest k that explains enough; the last k tried where none does."""
    variation = np.square(sample - sample.mean(axis=0), dtype=np.float64).sum()
    most = min(MOST, len(np.unique(sample, axis=0)))
    for k in range(1, most + 1):
        centres, left = _centres(sample, k, rng)
        if left <= (1 - EXPLAINED) * variation:
            break
    return centres


def _centres(points: Array, k: int, rng: np.random.Generator) -> tuple[Array, float]:
    """The best of several runs of Lloyd's algorithm: k centres (k×C), and the sum of squared distances to them."""
    if k == 1:  # OpenCV would take a single point for three of one channel
        centre = points.mean(axis=0, keepdims=True, dtype=np.float64)
        return centre.astype(points.dtype), float(np.square(points - centre).sum())
    cv2 = library("cv2")
    stop = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 50, 1e-4)
    single = points.astype(np.float32)
    runs = []
    for _ in range(STARTS):
        labels = _nearest(points, _spread_out(points, k, rng)).astype(np.int32)
        runs.append(cv2.kmeans(single, k, labels, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS))
    left, _, centres = min(runs, key=lambda run: run[0])
    return centres.astype(points.dtype), left


def _spread_out(points: Array, k: int, rng: np.random.Generator) -> Array:
    """k-means++: each centre is a point drawn with a chance that grows with its squared distance to those before."""
    centres = [points[rng.integers(len(points))]]
    distances = np.full(len(points), np.inf)
    while len(centres) < k:
        distances = np.minimum(distances, np.square(points - centres[-1], dtype=np.float64).sum(axis=1))
        centres.append(points[rng.choice(len(points), p=distances / distances.sum())])
    return np.stack(centres)


def _nearest(points: Array, centres: Array) -> NDArray[np.integer]:
    """The number of each point's nearest centre."""
    labels: NDArray[np.integer] = library("scipy.cluster.vq").vq(points, centres)[0]
    return labels


FILTER = Filter(k_means, stays_within=True)
