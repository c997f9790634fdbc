"""The phases of a transposed kernel: which of its numbers meet in one output pixel, and how to make their sums equal.

With stride S, the output pixels of one place in the block of S × S read every S-th row and column of the kernel. On a
flat area such a pixel is the area's value times the sum of what it reads.
"""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Index, Region, Stage, Step, Trace
from repix.arithmetic.wording import cell, number, numbers, require_short


def phase_sums(kernel: Array, scale: int) -> Array:
    """The sum of each phase: (C, O, K, L) to (C, O, scale, scale).

    >>> phase_sums(np.ones((1, 1, 3, 3)), 2).tolist()
    [[[[4.0, 2.0], [2.0, 1.0]]]]
    """
    sums = np.zeros((*kernel.shape[:2], scale, scale), kernel.dtype)
    for i, j in np.ndindex(scale, scale):
        sums[:, :, i, j] = kernel[:, :, i::scale, j::scale].sum((2, 3))
    return sums


def even(kernel: Array, scale: int) -> Array:
    """Add to all numbers of a phase what gives every phase the mean of the sums.

    >>> even(np.array([[[[1.0, 3.0]] * 2]]), 2).tolist()
    [[[[2.0, 2.0], [2.0, 2.0]]]]
    """
    sums = phase_sums(kernel, scale)
    missing = sums.mean((2, 3), keepdims=True) - sums
    made = kernel.copy()
    for i, j in np.ndindex(scale, scale):
        phase = made[:, :, i::scale, j::scale]
        phase += missing[:, :, i : i + 1, j : j + 1] / (phase.shape[2] * phase.shape[3])
    return made


def even_trace(kernel: Array, scale: int) -> Trace:
    """The same, step by step."""
    require_short(kernel.shape[0] * kernel.shape[1] * (3 * scale**2 + 2))
    stages = (
        Stage("phase-sums", "The sum of each phase of the kernel", np.zeros((*kernel.shape[:2], scale, scale))),
        Stage("mean-sum", "What every phase should sum to", np.zeros(kernel.shape[:2])),
        Stage("even-kernel", "The kernel with even phases", np.zeros_like(kernel)),
    )
    steps = [step for pair in np.ndindex(kernel.shape[:2]) for step in _pair_steps(kernel, scale, pair)]
    return Trace("even-phases", stages, tuple(steps), even(kernel, scale), {"kernel": kernel})


def _pair_steps(kernel: Array, scale: int, pair: tuple[int, ...]) -> list[Step]:
    """The steps for one channel in and one channel out."""
    own = cell(*pair)
    sums = phase_sums(kernel[own], scale)
    summing, moving = [], []
    for i, j in np.ndindex(scale, scale):
        at: Index = (*own, slice(i, None, scale), slice(j, None, scale))
        summing.append(_sum_step(kernel, at, (*own, *cell(i, j))))
        moving += _moves(kernel[at], sums[0, 0, i, j], sums.mean(), at, (*own, *cell(i, j)))
    mean = Step(
        "mean-sum",
        f"The sums are {numbers(sums)}; their mean is {number(sums.mean())}",
        "mean",
        {"values": sums},
        own,
        np.asarray(sums.mean()),
        reads={"values": Region("phase-sums", own)},
    )
    start = kernel[own]
    copied = Step(
        "even-kernel", "Begin with the kernel", "copy", {"values": start}, own, start,
        reads={"values": Region("kernel", own)},
    )  # fmt: skip
    return [*summing, mean, copied, *moving]


def _sum_step(kernel: Array, at: Index, target: Index) -> Step:
    values = kernel[at]
    total = np.asarray(values.sum())
    return Step(
        "phase-sums",
        f"The phase at row {target[2].start}, column {target[3].start}: {numbers(values)} sum to {number(total)}",
        "dot",
        {"values": values, "weights": np.ones_like(values)},
        target,
        total,
        reads={"values": Region("kernel", at)},
    )


def _moves(phase: Array, total: float, mean: float, at: Index, target: Index) -> list[Step]:
    """Take each number's share of the phase's sum away, and add its share of the mean."""
    share = 1 / phase.size
    changes = (
        ("phase-sums", target, total, -share, "less its"),
        ("mean-sum", target[:2], mean, share, "plus the mean"),
    )
    return [
        Step(
            "even-kernel",
            f"The phase at row {target[2].start}, column {target[3].start}: every number {word} sum "
            f"{number(value)}, shared by {phase.size}",
            "scale",
            {"value": np.full((1,) * len(index), value), "kernel": np.full(phase.shape, weight)},
            at,
            np.full(phase.shape, value * weight),
            adds=True,
            reads={"value": Region(source, index)},
        )
        for source, index, value, weight, word in changes
    ]
