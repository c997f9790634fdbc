"""JPEG compression that pixels remember: the grid of its blocks, its quality, and an earlier compression.

Coefficients of a block that was quantized lie near multiples of its steps. For each quality, the mean cosine of their
phases tells how near: 1 on the multiples, 0 anywhere (Fan and De Queiroz, "Identification of bitmap compression
history", 2003). The grid is found by the differences across its lines. In a JPEG file, whose own steps are known, the
same score finds the steps of an earlier compression (Lukáš and Fridrich, "Estimation of primary quantization matrix in
double compressed JPEG images", 2003).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.inspection.blocks import BLOCK, dct_matrix
from repix.inspection.jpeg_tables import Steps, steps_of

Place = tuple[int, int]
"""Row and column of a frequency."""
CANDIDATES = range(10, 94)
"""Qualities that pixels can tell; above, the steps are as small as the rounding."""
FREQUENCIES = tuple((row, column) for row in range(5) for column in range(5) if 1 <= row + column <= 4)
"""The frequencies that are looked at: low ones, which often survive quantization."""
FEWEST = 60
"""Fewest coefficients for a judgement."""
SURE = 0.2
"""Least score of a compression."""
NEAR = 0.85
"""Share of the best score at which larger steps are preferred: multiples of a step are multiples of its half, too."""
MOST = 2000
"""Blocks that are looked at."""
FIRST_QUALITIES = range(15, 95)
LARGEST = 40
"""Larger levels are counted together."""
LARGER = 1.3
"""A first step is visible from this multiple of the last one on."""
FEWEST_OF_ONE = 25
"""Fewest nonzero coefficients of a frequency."""
SLACK = 0.6
"""Error of a coefficient that the rounding of pixels causes."""
EXPECTED = 0.15
"""Least share of coefficients that the first steps must have emptied to tell."""
GAPS = 0.45
"""Least emptiness of an earlier compression."""


@dataclass(frozen=True)
class Compression:
    """A compression that pixels remember."""

    quality: int
    score: float


def compression(planes: Sequence[Array]) -> Compression | None:
    """Return the JPEG compression that the luma of crops H×W shows; None if none is seen."""
    offset = _grid(planes)
    blocks = _blocks(planes, offset)
    if len(blocks) < FEWEST:
        return None
    return _best(_coefficients(blocks))


def earlier_compression(planes: Sequence[Array], steps: Steps) -> Compression | None:
    """Return a compression before the last one of a JPEG file, whose steps are known; None if none is seen.

    Only a first compression with larger steps is visible: it leaves values out that the second one could have kept.
    """
    blocks = _blocks(planes, (0, 0))
    if len(blocks) < FEWEST:
        return None
    counts = {
        place: np.bincount(np.minimum(np.rint(np.abs(values) / steps[place]).astype(int), LARGEST))
        for place, values in _coefficients(blocks).items()
    }
    gaps = _Gaps(counts, steps)
    found = {quality: gaps.score(steps_of(quality)) for quality in FIRST_QUALITIES}
    quality = max(found, key=found.__getitem__)
    return Compression(quality, found[quality]) if found[quality] >= GAPS else None


class _Gaps:
    """Levels that a first compression would have emptied, for each frequency and first step."""

    def __init__(self, counts: Mapping[Place, NDArray[np.int64]], steps: Steps) -> None:
        self._counts, self._steps = counts, steps
        self._known: dict[tuple[Place, int], tuple[float, float]] = {}

    def score(self, first: Steps) -> float:
        """Return how much of what the first steps would have emptied is empty: 1 all, 0 no more than by chance."""
        outside = expected = 0.0
        total = 0
        for place, histogram in self._counts.items():
            number = int(histogram[1:].sum())
            if first[place] >= LARGER * self._steps[place] and number >= FEWEST_OF_ONE:
                found = self._at(place, int(first[place]))
                outside, expected, total = outside + found[0], expected + found[1], total + number
        return 1 - outside / expected if total >= FEWEST and expected > EXPECTED * total else 0.0

    def _at(self, place: Place, first: int) -> tuple[float, float]:
        """Return how many coefficients are at levels between multiples of the first step, and how many by chance."""
        if (place, first) not in self._known:
            histogram, step = self._counts[place], int(self._steps[place])
            levels = np.arange(1, len(histogram)) * step
            distance = np.abs(levels - np.maximum(np.rint(levels / first), 1) * first)
            closed = distance > step / 2 + SLACK
            smooth = _geometric(histogram)
            self._known[place, first] = float(histogram[1:][closed].sum()), float(smooth[closed].sum())
        return self._known[place, first]


def _geometric(histogram: NDArray[np.int64]) -> Array:
    """Return the counts of levels 1, 2, ... that a geometric distribution of the same mean would have."""
    levels = np.arange(1, len(histogram))
    number = float(histogram[1:].sum())
    ratio = 1 - number / float((histogram[1:] * levels).sum())
    counts: Array = number * (1 - ratio) * ratio ** (levels - 1)
    return counts


def _grid(planes: Sequence[Array]) -> tuple[int, int]:
    """Return the row and the column of the grid's first lines, by the differences across them."""
    rows, columns = np.zeros(BLOCK), np.zeros(BLOCK)
    for plane in planes:
        if min(plane.shape) < 2 * BLOCK:
            continue
        for total, values in ((rows, plane), (columns, plane.T)):
            # the second difference of the step: larger across a line than inside of blocks
            jump = np.abs(values[1:-2] * 3 - values[2:-1] * 3 + values[3:] - values[:-3])
            jump = np.minimum(jump, 30).mean(axis=1)
            for phase in range(BLOCK):
                chosen = jump[(phase - 2) % BLOCK :: BLOCK]  # between rows i+1 and i+2
                total[phase] += chosen.mean() if len(chosen) else 0
    return int(rows.argmax()), int(columns.argmax())


def _blocks(planes: Sequence[Array], offset: tuple[int, int]) -> Array:
    """Return the blocks of the grid, N×64, without clipped ones."""
    found = []
    for plane in planes:
        inside = plane[offset[0] :, offset[1] :]
        rows, columns = (side // BLOCK for side in inside.shape)
        if rows and columns:
            parts = inside[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
            found.append(parts.transpose(0, 2, 1, 3).reshape(-1, BLOCK**2))
    blocks = np.concatenate(found) if found else np.empty((0, BLOCK**2), np.float32)
    blocks = blocks[(blocks.min(axis=1) > 1) & (blocks.max(axis=1) < 254)]
    chosen: Array = blocks[:: max(len(blocks) // MOST, 1)]
    return chosen


def _coefficients(blocks: Array) -> dict[Place, Array]:
    """Return the coefficients of each frequency."""
    rows = [row * BLOCK + column for row, column in FREQUENCIES]
    return dict(zip(FREQUENCIES, (blocks @ dct_matrix()[rows].T).T, strict=True))


class _Phases:
    """Mean cosine of the phases of coefficients, for each frequency and step."""

    def __init__(self, coefficients: Mapping[Place, Array]) -> None:
        self._coefficients = coefficients
        self._known: dict[tuple[Place, int], tuple[float, int]] = {}

    def score(self, steps: Steps) -> tuple[float, int]:
        """Return the mean cosine of the coefficients that the steps do not make 0, and their number."""
        found = [self._at(place, int(steps[place])) for place in self._coefficients if steps[place] > 1]
        count = sum(number for _, number in found)
        return sum(total for total, _ in found) / max(count, 1), count

    def _at(self, place: Place, step: int) -> tuple[float, int]:
        if (place, step) not in self._known:
            values = self._coefficients[place]
            used = values[np.abs(values) > step / 2]
            self._known[place, step] = float(np.cos(np.float32(2 * np.pi / step) * used).sum()), len(used)
        return self._known[place, step]


def _best(coefficients: Mapping[Place, Array]) -> Compression | None:
    phases, scores = _Phases(coefficients), {}
    for quality in CANDIDATES:
        score, count = phases.score(steps_of(quality))
        if count >= FEWEST:
            scores[quality] = score
    if not scores or max(scores.values()) < SURE:
        return None
    best = max(scores.values())
    quality = min(quality for quality, score in scores.items() if score >= NEAR * best)
    return Compression(quality, scores[quality])
