"""Interpolation at any point: between samples on a line, and between the pixels of a picture."""

from typing import Literal

import numpy as np

from repix.arithmetic.arrays import (
    Array,
    Integers,
    require_dimensions,
    require_finite,
    require_floats,
    require_planes,
    require_same_dtype,
)
from repix.arithmetic.step_text import (
    cell_index,
    format_number,
    format_numbers,
    format_position,
    format_products,
    require_short_trace,
)
from repix.arithmetic.trace import Region, Stage, Step, Trace, copy_step, sequential_sum, traced_by
from repix.errors import WrongShape, WrongUse


def _trace_interpolate_1d(
    at: Array, positions: Array, values: Array, method: Literal["linear", "nearest"] = "linear"
) -> Trace:
    output = interpolate_1d(at, positions, values, method)
    require_short_trace(2 * at.size)
    order = np.argsort(positions)
    positions, values = positions[order], values[order]
    inputs = {"at": at, "positions": positions, "values": values}
    inside = np.clip(at, positions[0], positions[-1])
    low = _before(inside, positions)
    copies = method == "nearest" or len(values) == 1
    explain = _nearest_step if copies else _linear_steps
    steps = [step for i in range(len(at)) for step in explain(i, (at[i], inside[i]), int(low[i]), positions, values)]
    shares = np.zeros((len(at), 2), at.dtype)
    weights = Stage("weights", "Weights of the sample before and the one after, a row for each point", shares)
    stages = [] if copies else [weights]
    return Trace("interpolate", (*stages, Stage("output", "Output", np.zeros_like(output))), tuple(steps), inputs)


@traced_by(_trace_interpolate_1d)
def interpolate_1d(
    at: Array, positions: Array, values: Array, method: Literal["linear", "nearest"] = "linear"
) -> Array:
    """Return values at new points of a line, from samples in any order.

    `linear` interpolates between the two neighbors, `nearest` takes the nearer one (halfway, the later one). Before the
    first and after the last sample their values are repeated.

    Args:
        at: the positions of the new values, (N,).
        positions: the positions of the samples, (M,), in any order.
        values: the values of the samples, (M,).
        method: "linear" or "nearest".

    Returns:
        The new values, (N,).

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> interpolate_1d(np.array([1.5, 4.0]), np.array([1.0, 2.0]), np.array([10.0, 20.0])).tolist()
    [15.0, 20.0]
    """
    _require_samples(at, positions, values)
    if method not in ("linear", "nearest"):
        raise WrongUse(f"There is no method {method!r}; choose 'linear' or 'nearest'.")
    order = np.argsort(positions)
    positions, values = positions[order], values[order]
    if len(positions) > 1 and np.min(np.diff(positions)) <= 0:
        twice = positions[:-1][np.diff(positions) <= 0][0]
        raise WrongUse(f"Two samples have the position {twice}; give each position once.")
    inside = np.clip(at, positions[0], positions[-1])
    low = _before(inside, positions)
    high = np.minimum(low + 1, len(positions) - 1)
    before, after = inside - positions[low], positions[high] - inside
    if method == "nearest":
        return np.where(before < after, values[low], values[high])
    gap = np.where(low < high, before + after, 1)
    first = np.where(low < high, after / gap, 1)  # with one sample there is nothing to interpolate
    return np.asarray(values[low] * first + values[high] * (before / gap), values.dtype)


def _require_samples(at: Array, positions: Array, values: Array) -> None:
    require_floats(at, "at")
    for array, name in ((positions, "positions"), (values, "values")):
        require_same_dtype(array, name, at, "at")
    for array, name in ((at, "at"), (positions, "positions"), (values, "values")):
        require_dimensions(array, name, 1)
        require_finite(array, name)
    if len(positions) != len(values):
        raise WrongShape(f"There are {len(positions)} positions but {len(values)} values; give one value each.")


def _before(inside: Array, positions: Array) -> Integers:
    """Return the index of the sample before each point (for the last sample the last but one)."""
    return np.clip(np.searchsorted(positions, inside, side="right") - 1, 0, max(len(positions) - 2, 0))


def _clamped(points: tuple[float, float]) -> str:
    """Return a point as text, with the position it is clamped to where it is outside the samples."""
    wanted, inside = points
    if wanted == inside:
        return format_number(wanted)
    return f"{format_number(wanted)}, outside and so clamped to {format_number(inside)},"


def _nearest_step(i: int, points: tuple[float, float], low: int, positions: Array, values: Array) -> list[Step]:
    high, point = min(low + 1, len(positions) - 1), points[1]
    before, after = point - positions[low], positions[high] - point
    near = low if before < after else high
    where = (
        f"{format_number(before)} after the sample at {format_number(positions[low])} and {format_number(after)} "
        f"before the one at {format_number(positions[high])}"
    )
    where = where if low < high else "where the only sample is"
    text = f"{_clamped(points)} is {where}: take {format_number(values[near])}"
    return [copy_step(text, values[cell_index(near)], Region("values", cell_index(near)), cell_index(i))]


def _linear_steps(i: int, points: tuple[float, float], low: int, positions: Array, values: Array) -> list[Step]:
    pair, point = slice(low, low + 2), points[1]
    around = positions[pair]
    distances = np.abs(around - point)[::-1]
    gap = sequential_sum(distances)
    weights = distances / gap
    text = (
        f"{_clamped(points)} lies between {' and '.join(format_number(p) for p in around)}, {format_number(gap)} "
        f"apart: weights {' and '.join(format_number(w) for w in weights)}"
    )
    total = sequential_sum(values[pair] * weights)
    target = (slice(i, i + 1), slice(None))
    named = {"values": "distance to the other sample", "total": "gap"}
    return [
        Step("weights", text, "divide", {"values": distances, "total": gap}, target, weights, labels=named),
        Step(
            "output",
            f"at {format_number(point)}: {format_products(values[pair], weights)} = {format_number(total)}",
            "dot",
            {"values": values[pair], "weights": weights},
            cell_index(i),
            total,
            reads={"values": Region("values", (pair,)), "weights": Region("weights", target)},
        ),
    ]


def _trace_sample_bilinear(picture: Array, points: Array, *, x: Literal["right", "down"] = "right") -> Trace:
    output = sample_bilinear(picture, points, x=x)
    places = points.shape[:-1]
    require_short_trace(output.size + int(np.prod(places)))
    rows, columns = _corners(picture, points, x)
    steps = []
    for at in np.ndindex(places):
        row, column = _pair(rows, at), _pair(columns, at)
        down = np.array([[1 - rows[2][at]], [rows[2][at]]])
        across = np.array([[1 - columns[2][at], columns[2][at]]])
        text = (
            f"the point x = {format_number(points[at][0])}, y = {format_number(points[at][1])}"
            f"{_outside(points[at], picture, x)} lies {format_number(rows[2][at])} below row {row[0]} "
            f"and {format_number(columns[2][at])} right of column {column[0]}: weights {format_numbers(down)} for the "
            f"rows and {format_numbers(across)} for the columns"
        )
        target = (*cell_index(*at), slice(None), slice(None))
        shares, named = {"first": down, "second": across}, {"first": "row weights", "second": "column weights"}
        steps.append(Step("weights", text, "product", shares, target, down * across, labels=named))
        steps += [
            _sum_step(picture, (*lead, *at), lead, (row, column), down * across, target)
            for lead in np.ndindex(picture.shape[:-2])
        ]
    stages = (
        Stage("weights", "Weights of the four pixels around each point", np.zeros((*places, 2, 2), picture.dtype)),
        Stage("output", "Output", np.zeros_like(output)),
    )
    return Trace("sample", stages, tuple(steps), {"picture": picture, "points": points})


@traced_by(_trace_sample_bilinear)
def sample_bilinear(picture: Array, points: Array, *, x: Literal["right", "down"] = "right") -> Array:
    """Return bilinear values at points (x, y); pixel centers are at whole numbers.

    By default x points right and y down, as in picture viewers. With `x="down"` x counts rows and y columns, as in the
    matrix form [1-x, x] Q [1-y, y]. Outside the picture the border is repeated. The result of points (..., 2) has the
    shape (channels..., ...).

    Args:
        picture: H×W, C×H×W or N×C×H×W, of float32 or float64.
        points: pairs (x, y), of shape (..., 2).
        x: the direction of x: "right" or "down".

    Returns:
        The values.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> quad = np.array([[10.0, 20.0], [30.0, 40.0]])
    >>> [float(sample_bilinear(quad, np.array([0.6, 0.7]), x=x).round(9)) for x in ("right", "down")]
    [30.0, 29.0]
    """
    require_planes(picture, "picture")
    require_same_dtype(points, "points", picture, "picture")
    require_finite(points, "points")
    if points.ndim < 1 or points.shape[-1] != 2 or points.size == 0:
        raise WrongShape(f"points have shape {points.shape}; they must be pairs (x, y), so (..., 2).")
    if x not in ("right", "down"):
        raise WrongUse(f"x is {x!r}; it must be 'right' or 'down'.")
    (top, bottom, below), (left, right, beside) = _corners(picture, points, x)
    corners = (
        (top, left, (1 - below) * (1 - beside)),
        (top, right, (1 - below) * beside),
        (bottom, left, below * (1 - beside)),
        (bottom, right, below * beside),
    )
    first, *others = (picture[..., row, column] * weight for row, column, weight in corners)
    total: Array = np.asarray(first)
    for product in others:
        total += product
    return total


def _outside(point: Array, picture: Array, x: str) -> str:
    """Return a note for a point outside the picture, where the border is repeated; else nothing."""
    row, column = point if x == "down" else point[::-1]
    height, width = picture.shape[-2:]
    is_inside = 0 <= row <= height - 1 and 0 <= column <= width - 1
    return "" if is_inside else ", outside and so clamped to the border,"


Between = tuple[Integers, Integers, Array]
"""The rows (or columns) before and after each point, and the distance from the first."""


def _corners(picture: Array, points: Array, x: str) -> tuple[Between, Between]:
    down, right = (points[..., 0], points[..., 1]) if x == "down" else (points[..., 1], points[..., 0])
    return _between(down, picture.shape[-2]), _between(right, picture.shape[-1])


def _between(places: Array, size: int) -> Between:
    inside = np.clip(places, 0, size - 1)
    low = np.floor(inside).astype(np.intp)
    return low, np.minimum(low + 1, size - 1), inside - low.astype(places.dtype)


def _pair(between: Between, at: tuple[int, ...]) -> list[int]:
    return [int(between[0][at]), int(between[1][at])]


def _sum_step(
    picture: Array,
    target: tuple[int, ...],
    lead: tuple[int, ...],
    corners: tuple[list[int], list[int]],
    weights: Array,
    weights_at: tuple[slice, ...],
) -> Step:
    """Return the step that sums the four pixels around a point times their weights."""
    rows, columns = corners
    values = picture[lead][np.ix_(rows, columns)]
    total = sequential_sum(values * weights)
    source = (*cell_index(*lead), slice(rows[0], rows[1] + 1), slice(columns[0], columns[1] + 1))
    return Step(
        "output",
        f"{format_position(rows[0], columns[0])} and its neighbors: {format_products(values, weights)} = "
        f"{format_number(total)}",
        "dot",
        {"values": values, "weights": weights},
        cell_index(*target),
        total,
        reads={"values": Region("picture", source), "weights": Region("weights", weights_at)},
    )
