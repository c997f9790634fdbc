"""F1 score of Canny edges in result and truth, with a tolerance in pixels."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic import color
from repix.arithmetic.arrays import Array
from repix.arithmetic.edges import canny
from repix.errors import WrongShape
from repix.metrics import Metric
from repix.metrics._pair import picture, pictures, require_one_size
from repix.parameters import Bounds, checked

SIGMA, LOW, HIGH = 1.4, 3.2, 8.0
"""Canny's blur in pixels and its thresholds in gray levels (8-bit) per pixel; also the defaults of the degradation
`edges`."""

INK = 0.5
"""Threshold between the lines and the background of a drawing."""

Mask = NDArray[np.bool_]
Tolerance = Annotated[int, "tolerance of edge positions, in pixels", Bounds(0)]
Drawing = Annotated[
    Literal["dark", "bright"] | None, "the truth is a drawing with dark or bright lines; default: a photo"
]


@dataclass(frozen=True)
class EdgeMatches:
    """Edge pixels of result and truth, and how many have an edge pixel of the other picture within the tolerance."""

    result: int
    result_near: int
    truth: int
    truth_near: int

    def __add__(self, other: "EdgeMatches") -> "EdgeMatches":
        return EdgeMatches(
            self.result + other.result,
            self.result_near + other.result_near,
            self.truth + other.truth,
            self.truth_near + other.truth_near,
        )

    def as_json(self) -> Mapping[str, Any]:
        """Return the fields, of which the class makes the same tally."""
        return asdict(self)

    @property
    def value(self) -> float:
        """The harmonic mean of precision and recall."""
        precision, recall = self.parts.values()
        return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0

    @property
    def parts(self) -> Mapping[str, float]:
        """Precision and recall; both 1 if neither picture has an edge."""
        if self.result == self.truth == 0:
            return {"precision": 1.0, "recall": 1.0}
        return {
            "precision": self.result_near / self.result if self.result else 0.0,
            "recall": self.truth_near / self.truth if self.truth else 0.0,
        }


@checked
def edges_f1(result: Array, truth: Array, tolerance: Tolerance = 2, drawing: Drawing = None) -> float:
    """Return the F1 score of edge pixels, matched within a disc of `tolerance` pixels.

    Edges are detected in luma (BT.601, full range). An edge pixel may match several others.

    Args:
        result: floats in [0, 1], gray or RGB.
        truth: floats in [0, 1], gray or RGB.
        tolerance: tolerance of edge positions, in pixels.
        drawing: the truth is a drawing with "dark" or "bright" lines, which are the edges.

    Raises:
        WrongShape: the sizes differ, or the tolerance exceeds the pictures.

    >>> import numpy as np
    >>> step = np.repeat([[0.0] * 8 + [1.0] * 8], 16, axis=0)
    >>> edges_f1(np.roll(step, 2, axis=1)[:, 2:], step[:, 2:]), edges_f1(step[:, 3:], step[:, :-3])
    (1.0, 0.0)
    """
    return count(result, truth, tolerance, drawing).value


def count(result: Array, truth: Array, tolerance: Tolerance = 2, drawing: Drawing = None) -> EdgeMatches:
    """Return the tally of a pair."""
    if drawing is None:
        first, second = (_edges(planes) for planes in pictures(result, truth))
    else:
        first, second = _edges(picture(result, "result")), _lines(picture(truth, "truth"), drawing)
        require_one_size(first, second)
    if tolerance >= min(first.shape):
        raise WrongShape(
            f"tolerance is {tolerance}, but the pictures are {first.shape[0]}×{first.shape[1]} (height × width); "
            "use a tolerance of a few pixels."
        )
    near_first, near_second = _near(first, tolerance), _near(second, tolerance)
    return EdgeMatches(*(int(mask.sum()) for mask in (first, first & near_second, second, second & near_first)))


def _edges(planes: Array) -> Mask:
    return canny(color.luma(planes)[:, :, 0], SIGMA, LOW, HIGH)


def _lines(planes: Array, drawing: Literal["dark", "bright"]) -> Mask:
    """Return the line pixels of a drawing."""
    bright: Mask = color.luma(planes)[:, :, 0] >= INK
    return bright if drawing == "bright" else ~bright


def _near(edges: Mask, tolerance: int) -> Mask:
    """Return the pixels with an edge pixel within a disc."""
    height, width = edges.shape
    padded = np.pad(edges, ((tolerance, tolerance), (tolerance + 1, tolerance)))
    cumulative = np.cumsum(padded, axis=1)  # edges in each row up to each column
    near = np.zeros_like(edges)
    for down in range(-tolerance, tolerance + 1):
        half_width = math.isqrt(tolerance**2 - down**2)
        rows = cumulative[tolerance + down : tolerance + down + height]
        left, right = tolerance - half_width, tolerance + 1 + half_width
        near |= rows[:, right : right + width] > rows[:, left : left + width]
    return near


METRIC = Metric(edges_f1, tally=count, read_tally=EdgeMatches)
