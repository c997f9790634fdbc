"""Trace of a resize: the weights of every new row and column, then two passes of weighted sums."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import (
    cell_index,
    format_number,
    format_numbers,
    format_position,
    format_products,
    require_short_trace,
)
from repix.arithmetic.taps import Taps
from repix.arithmetic.trace import Index, Region, Stage, Step, copy_step, run_steps, sequential_sum

StagesAndSteps = tuple[list[Stage], list[Step]]


def nearest_trace(picture: Array, rows: Taps, columns: Taps) -> StagesAndSteps:
    """Return the trace of nearest-neighbor resizing: every new pixel copies the old pixel nearest to it."""
    height, width = picture.shape[-2:]
    shape = (*picture.shape[:-2], len(rows.positions), len(columns.positions))
    require_short_trace(int(np.prod(shape)))
    old_rows = np.clip(rows.indices[:, 0], 0, height - 1)
    old_columns = np.clip(columns.indices[:, 0], 0, width - 1)
    steps = []
    for *lead, y, x in np.ndindex(shape):
        nearest = (int(old_rows[y]), int(old_columns[x]))
        source = cell_index(*lead, *nearest)
        value = picture[source]
        text = (
            f"{format_position(*lead, y, x)} lies at row {format_number(rows.positions[y])}, column "
            f"{format_number(columns.positions[x])} of the picture; nearest to it is {format_position(*nearest)}: "
            f"{format_number(value.item())}"
        )
        steps.append(copy_step(text, value, Region("picture", source), cell_index(*lead, y, x)))
    return [Stage("output", "Output", np.zeros(shape, picture.dtype))], steps


def two_pass_trace(picture: Array, rows: Taps, columns: Taps) -> StagesAndSteps:
    """Return the trace of a resize in two passes: the weights, then the new rows, then the new columns."""
    *lead, height, width = picture.shape
    new_height, new_width = len(rows.positions), len(columns.positions)
    planes = int(np.prod(lead))
    require_short_trace(new_height + new_width + planes * new_height * (width + new_width))
    halfway, whole = (*lead, new_height, width), (*lead, new_height, new_width)
    stages = [
        _weight_stage(rows, "row", picture),
        _weight_stage(columns, "column", picture),
        Stage("rows", "New rows, old columns", np.zeros(halfway, picture.dtype)),
        Stage("output", "Output", np.zeros(whole, picture.dtype)),
    ]
    first = _pass("picture", picture, rows, "row", halfway)
    between = run_steps([stages[2]], first)["rows"]
    steps = [
        *_weight_steps(rows, "row", height),
        *_weight_steps(columns, "column", width),
        *first,
        *_pass("rows", between, columns, "column", whole),
    ]
    return stages, steps


def _weight_stage(made_of: Taps, name: str, picture: Array) -> Stage:
    """Return the stage of the weights; they are computed in float64 and used in the picture's type."""
    title = f"Weights of the old {name}s, one row for each new {name}"
    return Stage(f"{name}-weights", title, np.zeros(made_of.weights.shape, picture.dtype))


def _weight_steps(made_of: Taps, name: str, size: int) -> list[Step]:
    """Return one step for each new row (or column): the distances of the old ones, and their weights."""
    shape = {key: np.asarray(value) for key, value in made_of.kernel_args.items()}
    steps = []
    for i, position in enumerate(made_of.positions):
        distances, weights = made_of.distances[i : i + 1], made_of.weights[i : i + 1]
        read = ", ".join(_border(int(index), size) for index in made_of.indices[i])
        away = format_numbers(np.abs(made_of.indices[i] - position))
        text = (
            f"{name} {i} lies at {format_number(position)} of the old {name}s; {name}s {read} are {away} away and get "
            f"the weights {format_numbers(weights)}"
        )
        inputs = {"distances": distances, **shape}
        steps.append(Step(f"{name}-weights", text, made_of.rule, inputs, (slice(i, i + 1), slice(None)), weights))
    return steps


def _border(index: int, size: int) -> str:
    """Return an index as text, with the index it is clamped to where it is outside.

    >>> _border(-1, 4), _border(2, 4)
    ('-1 (outside, so 0)', '2')
    """
    inside = min(max(index, 0), size - 1)
    return str(index) if inside == index else f"{index} (outside, so {inside})"


def _pass(source: str, old: Array, made_of: Taps, name: str, shape: tuple[int, ...]) -> list[Step]:
    """Return one step for each value of the new array: the sum of old values times their weights."""
    axis = old.ndim - (2 if name == "row" else 1)
    indices = np.clip(made_of.indices, 0, old.shape[axis] - 1)
    steps = []
    for at in np.ndindex(shape):
        line, weights = indices[at[axis]], made_of.weights[at[axis]].astype(old.dtype)
        values = old[(*at[:axis], line, *at[axis + 1 :])]
        region = _along(cell_index(*at), axis, slice(int(line[0]), int(line[-1]) + 1))
        result = sequential_sum(values * weights)
        text = f"{format_position(*at)}: {format_products(values, weights)} = {format_number(result)}"
        reads = {
            "values": Region(source, region),
            "weights": Region(f"{name}-weights", (slice(at[axis], at[axis] + 1), slice(None))),
        }
        stage = "rows" if name == "row" else "output"
        steps.append(
            Step(stage, text, "dot", {"values": values, "weights": weights}, cell_index(*at), result, reads=reads)
        )
    return steps


def _along(index: Index, axis: int, run: slice) -> Index:
    """Return the index with another slice along one axis."""
    return (*index[:axis], run, *index[axis + 1 :])
