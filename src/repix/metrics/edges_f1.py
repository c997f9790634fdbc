"""F1 of edges: those that Canny finds in the result against the truth's, with a tolerance in pixels."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic import colour
from repix.arithmetic.arrays import Array
from repix.arithmetic.edges import canny
from repix.errors import WrongShape
from repix.metrics import Protocol
from repix.metrics._pair import picture, pictures, require_one_size
from repix.parameters import Bounds, checked

SIGMA, LOW, HIGH = 1.4, 3.2, 8.0
"""Canny's settings, part of the protocol and the defaults of the degradation `edges`: smoothing in pixels, contrasts in
levels of 255 per pixel."""

INK = 0.5
"""A pixel of a drawing is a line from here on."""

Mask = NDArray[np.bool_]
Tolerance = Annotated[int, "how many pixels an edge may lie off", Bounds(0)]
Drawing = Annotated[
    Literal["dark", "bright"] | None, "the truth is a drawing with dark or bright lines; left out, it is a photo"
]


@dataclass(frozen=True)
class EdgeMatches:
    """Edge pixels, and how many of them have one of the other picture near; of several pairs, their sums."""

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
        """Precision (of the result's edges) and recall (of the truth's); both 1 where neither has an edge."""
        if self.result == self.truth == 0:
            return {"precision": 1.0, "recall": 1.0}
        return {
            "precision": self.result_near / self.result if self.result else 0.0,
            "recall": self.truth_near / self.truth if self.truth else 0.0,
        }


@checked
def edges_f1(result: Array, truth: Array, tolerance: Tolerance = 2, drawing: Drawing = None) -> float:
    """F1 of the edge pixels that have an edge pixel of the other picture within a disc of `tolerance` pixels.

    Edges are found in lightness (BT.601, full range). An edge pixel may match several.

    >>> import numpy as np
    >>> step = np.repeat([[0.0] * 8 + [1.0] * 8], 16, axis=0)
    >>> edges_f1(np.roll(step, 2, axis=1)[:, 2:], step[:, 2:]), edges_f1(step[:, 3:], step[:, :-3])
    (1.0, 0.0)
    """
    return count(result, truth, tolerance, drawing).value


def count(result: Array, truth: Array, tolerance: Tolerance = 2, drawing: Drawing = None) -> EdgeMatches:
    """The edge pixels of both, and those that match."""
    if drawing is None:
        first, second = (_edges(planes) for planes in pictures(result, truth))
    else:
        first, second = _edges(picture(result, "result")), _lines(picture(truth, "truth"), drawing)
        require_one_size(first, second)
    if tolerance >= min(first.shape):
        raise WrongShape(
            f"tolerance is {tolerance}, but the pictures are {first.shape[0]}×{first.shape[1]} (height × width); "
            "take a tolerance of a few pixels."
        )
    near_first, near_second = _near(first, tolerance), _near(second, tolerance)
    return EdgeMatches(*(int(mask.sum()) for mask in (first, first & near_second, second, second & near_first)))


def _edges(planes: Array) -> Mask:
    return canny(colour.luma(planes)[:, :, 0], SIGMA, LOW, HIGH)


def _lines(planes: Array, drawing: Literal["dark", "bright"]) -> Mask:
    """The lines of a drawing, as they are drawn."""
    bright: Mask = colour.luma(planes)[:, :, 0] >= INK
    return bright if drawing == "bright" else ~bright


def _near(edges: Mask, tolerance: int) -> Mask:
    """The pixels that have an edge within a disc."""
    height, width = edges.shape
    padded = np.pad(edges, ((tolerance, tolerance), (tolerance + 1, tolerance)))
    so_far = np.cumsum(padded, axis=1)  # edges in each row up to each column
    near = np.zeros_like(edges)
    for down in range(-tolerance, tolerance + 1):
        reach = math.isqrt(tolerance**2 - down**2)
        rows = so_far[tolerance + down : tolerance + down + height]
        left, right = tolerance - reach, tolerance + 1 + reach
        near |= rows[:, right : right + width] > rows[:, left : left + width]
    return near


PROTOCOL = Protocol(edges_f1, tally=count, read_tally=EdgeMatches)
