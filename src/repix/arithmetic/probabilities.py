"""Softmax of class scores, and cross-entropy of predicted probabilities with the true classes."""

import numpy as np

from repix.arithmetic.arrays import Array, Integers, require_dimensions, require_finite, require_floats
from repix.arithmetic.step_text import cell_index, format_number, format_numbers, require_short_trace
from repix.arithmetic.trace import Region, Stage, Step, Trace, log_loss, sequential_sum, shifted_exp, traced_by
from repix.errors import WrongDtype, WrongShape, WrongUse

TOLERANCE = 0.02
"""The largest difference of the sum of probabilities from 1, so that rounded numbers still pass."""


def class_axis(array: Array) -> int:
    """Return the axis of the classes: 0 for C and C×H×W, 1 for N×C and N×C×H×W.

    >>> class_axis(np.zeros((3, 4, 4))), class_axis(np.zeros((2, 3)))
    (0, 1)
    """
    return (array.ndim + 1) % 2


def _trace_softmax(scores: Array) -> Trace:
    axis = class_axis(scores)
    totals = np.zeros_like(np.take(softmax(scores), [0], axis=axis))
    require_short_trace(3 * totals.size)
    stages = (
        Stage("exponentials", "Exponential of each score minus the largest", np.zeros_like(scores)),
        Stage("totals", "Their sums over the classes", totals),
        Stage("output", "Probabilities", np.zeros_like(scores)),
    )
    steps = [step for at in np.ndindex(totals.shape) for step in _softmax_steps(scores, at, axis)]
    return Trace("softmax", stages, tuple(steps), {"scores": scores})


@traced_by(_trace_softmax)
def softmax(scores: Array) -> Array:
    """Return the softmax of scores over the classes: e^score, divided by the sum over all classes.

    Scores are C, N×C, C×H×W or N×C×H×W.

    Args:
        scores: C, N×C, C×H×W or N×C×H×W, of float32 or float64.

    Returns:
        The probabilities, in the shape of the scores.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> softmax(np.array([0.07, -0.65, 0.81])).round(3).tolist()
    [0.279, 0.136, 0.585]
    """
    require_floats(scores, "scores")
    require_dimensions(scores, "scores", 1, 2, 3, 4)
    require_finite(scores, "scores")
    axis = class_axis(scores)
    exponentials = shifted_exp(scores, np.max(scores, axis=axis, keepdims=True))
    total = np.zeros_like(np.take(exponentials, [0], axis=axis))
    for one in range(scores.shape[axis]):  # class by class, in the order of the trace
        total += np.take(exponentials, [one], axis=axis)
    probabilities: Array = exponentials / total
    return probabilities


def _softmax_steps(scores: Array, at: tuple[int, ...], axis: int) -> tuple[Step, Step, Step]:
    """Return the three steps of one pixel."""
    index = (*cell_index(*at[:axis]), slice(None), *cell_index(*at[axis + 1 :]))
    pixel = at[:axis] + at[axis + 1 :]
    values = scores[index]
    shift = np.asarray(np.max(values))
    powers = shifted_exp(values, shift)
    total = sequential_sum(powers)
    shares = powers / total
    return (
        Step(
            "exponentials",
            f"{_pixel(pixel)}the scores {format_numbers(values)}, each minus the largest ({format_number(shift)}), as "
            f"powers of e: {format_numbers(powers)}",
            "exp",
            {"values": values, "shift": shift},
            index,
            powers,
            reads={"values": Region("scores", index)},
            labels={"shift": "largest"},
        ),
        Step(
            "totals",
            f"{_pixel(pixel)}the sum of {format_numbers(powers)} is {format_number(total)}",
            "sum",
            {"values": powers},
            cell_index(*at),
            total,
            reads={"values": Region("exponentials", index)},
        ),
        Step(
            "output",
            f"{_pixel(pixel)}{format_numbers(powers)}, each divided by {format_number(total)}: "
            f"{format_numbers(shares)}",
            "divide",
            {"values": powers, "total": total},
            index,
            shares,
            reads={"values": Region("exponentials", index), "total": Region("totals", cell_index(*at))},
            labels={"total": "sum"},
        ),
    )


def _trace_cross_entropy(probabilities: Array, target: Array | Integers | int) -> Trace:
    cross_entropy(probabilities, target)  # checks the arguments
    classes = true_classes(probabilities, target)
    require_short_trace(classes.size + 1)
    steps = [_loss_step(probabilities, classes, at) for at in np.ndindex(classes.shape)]
    losses = np.array([step.result for step in steps]).reshape(classes.shape)
    everything = (slice(None),) * losses.ndim
    average = np.asarray(np.mean(losses))
    text = f"the mean of {format_numbers(losses)} is {format_number(average)}"
    mean = Step("output", text, "mean", {"values": losses}, (), average, reads={"values": Region("losses", everything)})
    stages = (
        Stage("losses", "Loss of each pixel", np.zeros_like(losses)),
        Stage("output", "Mean over all pixels", np.zeros((), losses.dtype)),
    )
    inputs = {"probabilities": probabilities, "target": classes.astype(np.float64)}
    return Trace("cross-entropy", stages, (*steps, mean), inputs)


@traced_by(_trace_cross_entropy)
def cross_entropy(probabilities: Array, target: Array | Integers | int) -> Array:
    """Return the mean over all pixels of -log(probability of the true class), as a 0-dimensional array.

    Probabilities are C, N×C, C×H×W or N×C×H×W. The target is one-hot in the same shape, or class indices without C.

    Args:
        probabilities: C, N×C, C×H×W or N×C×H×W, with the sum 1 over the classes.
        target: one-hot in the same shape, or class indices without the axis C.

    Returns:
        The mean loss.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> cross_entropy(np.array([0.60, 0.13, 0.27]), np.array([1.0, 0.0, 0.0])).round(3)
    np.float64(0.511)
    """
    require_floats(probabilities, "probabilities")
    require_dimensions(probabilities, "probabilities", 1, 2, 3, 4)
    require_finite(probabilities, "probabilities")
    axis = class_axis(probabilities)
    sums = np.sum(probabilities, axis=axis)
    if probabilities.min() < 0:
        raise WrongUse(f"probabilities hold {probabilities.min():g}; none may be below 0. Apply softmax to scores.")
    furthest = sums.flat[np.argmax(np.abs(sums - 1))]
    if abs(furthest - 1) > TOLERANCE:
        raise WrongUse(f"probabilities sum up to {furthest:g} over the classes, not to 1. Apply softmax to scores.")
    classes = np.expand_dims(true_classes(probabilities, target), axis)
    return np.asarray(np.mean(log_loss(np.take_along_axis(probabilities, classes, axis))))


def _loss_step(probabilities: Array, classes: Integers, at: tuple[int, ...]) -> Step:
    """Return the loss of one pixel."""
    axis = class_axis(probabilities)
    true = int(classes[at])
    value = np.asarray(probabilities[(*at[:axis], true, *at[axis:])])
    loss = log_loss(value)
    text = f"{_pixel(at)}the true class {true} has probability {format_number(value)}: -log is {format_number(loss)}"
    reads = {"probabilities": Region("probabilities", cell_index(*at[:axis], true, *at[axis:]))}
    named = {"probabilities": "probability"}
    return Step("losses", text, "log-loss", {"probabilities": value}, cell_index(*at), loss, reads=reads, labels=named)


def _pixel(at: tuple[int, ...]) -> str:
    """Return which pixel or sample a step text is about; nothing if there is only one."""
    names = {0: (), 1: ("sample",), 2: ("row", "column"), 3: ("sample", "row", "column")}[len(at)]
    return ", ".join(f"{name} {i}" for name, i in zip(names, at, strict=True)) + ": " * bool(at)


def true_classes(probabilities: Array, target: Array | Integers | int) -> Integers:
    """Return the true class of each pixel, from indices or one-hot.

    >>> true_classes(np.ones((2, 1, 2)) / 2, np.array([[[1, 0]], [[0, 1]]])).tolist()
    [[0, 1]]
    """
    target = np.asarray(target)
    axis = class_axis(probabilities)
    count = probabilities.shape[axis]
    if target.shape == probabilities.shape:
        if not np.isin(target, (0, 1)).all() or (np.sum(target, axis=axis) != 1).any():
            raise WrongUse("A one-hot target must hold a single 1 among 0s for each pixel; give class indices instead.")
        return np.asarray(np.argmax(target, axis=axis))
    if target.shape != probabilities.shape[:axis] + probabilities.shape[axis + 1 :]:
        raise WrongShape(
            f"target has shape {target.shape} but probabilities {probabilities.shape}; it must have the same shape "
            "(one-hot) or the shape without the classes (class indices)."
        )
    if not np.issubdtype(target.dtype, np.integer):
        raise WrongDtype(f"target is {target.dtype}; class indices must be integers.")
    if target.min() < 0 or target.max() >= count:
        odd = target.min() if target.min() < 0 else target.max()
        raise WrongUse(f"target holds the class {odd}, but there are {count} classes, 0 to {count - 1}.")
    return target.astype(np.intp)
