"""Least squares: the weights with which a linear layer best reproduces the outputs of another one, on examples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from repix.arithmetic.arrays import Array, Integers
from repix.upsampling._linear import Basis, LinearWeights

RIDGE = 1e-5
"""The penalty on the squares of the weights, relative to the mean variance of the inputs."""


@dataclass(frozen=True)
class Window:
    """The input pixels that the outputs of a block depend on, along one axis."""

    scale: int
    basis: Basis

    @property
    def before(self) -> int:
        """The number of input pixels before the one that the block belongs to."""
        return self.basis.last // self.scale

    @property
    def after(self) -> int:
        """The number of input pixels after it."""
        return (self.scale - 1 - self.basis.first) // self.scale

    @property
    def is_separate(self) -> bool:
        """True if every weight contributes to one pixel of the block only."""
        return max(sum(int(one[:, weight].any()) for one in self.phases()) for weight in range(self._weights)) == 1

    def numbers(self, channels: int) -> int:
        """Return how many numbers the equations of one example have, with this number of input channels."""
        blocks = 1 if self.is_separate else self.scale**2
        return channels * max(int(one.any(0).sum()) for one in self.phases()) ** 2 * blocks

    @property
    def _weights(self) -> int:
        return int(self.basis.matrix.shape[1])

    def phases(self) -> list[Array]:
        """Return, for each pixel of the block, the basis by input pixels × weights.

        >>> Window(2, Basis(np.eye(4), -1)).phases()[0].tolist()
        [[0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
        """
        found = []
        for pixel in range(self.scale):
            rows = [pixel - self.scale * shift for shift in range(-self.before, self.after + 1)]
            found.append(np.concatenate([self.basis.within(row, row) for row in rows]))
        return found


@dataclass(frozen=True)
class Examples:
    """Inputs of a layer, and the outputs to reproduce, at some positions."""

    inputs: Array
    """Examples × input channels × rows × columns: the window of each."""
    outputs: Array
    """Examples × output channels × S × S: the block of each."""


def examples_at(
    x: Array, y: Array, window: Window, margin: int, positions: Callable[[int], Integers]
) -> Examples | None:
    """Return examples from the interior of a picture; None if it is too small.

    Args:
        x: the inputs, C×H×W.
        y: the outputs, C'×(S·H)×(S·W).
        window: the input pixels that a block depends on.
        margin: the distance from the border that is left out, in input pixels.
        positions: returns the positions to take, by the number of those there are.
    """
    scale, side = window.scale, window.before + window.after + 1
    before, after = max(margin, window.before), max(margin, window.after)
    height, width = x.shape[1] - before - after, x.shape[2] - before - after
    if height < 1 or width < 1:
        return None
    rows, columns = np.divmod(positions(height * width), width)
    rows, columns = rows + before, columns + before
    windows = sliding_window_view(x, (side, side), axis=(1, 2))  # C, H', W', side, side
    inputs = windows[:, rows - window.before, columns - window.before].swapaxes(0, 1)
    blocks = y.reshape(len(y), x.shape[1], scale, x.shape[2], scale).transpose(1, 3, 0, 2, 4)
    return Examples(inputs.astype(np.float64), blocks[rows, columns].astype(np.float64))


def joined(parts: Sequence[Examples]) -> Examples:
    """Return all examples as one."""
    return Examples(np.concatenate([one.inputs for one in parts]), np.concatenate([one.outputs for one in parts]))


def fitted(examples: Examples, window: Window) -> LinearWeights:
    """Return the weights that best reproduce the outputs, by ridge regression.

    Where every weight contributes to one pixel of the block only, each pixel is solved for by itself.
    """
    phases, scale = window.phases(), window.scale
    used = [np.flatnonzero(one.any(0)) for one in phases]
    channels, count = examples.inputs.shape[1], len(window.basis.matrix[0])
    outputs = examples.outputs.shape[1]
    factors, bias = np.zeros((channels, outputs, count, count)), np.zeros((outputs, scale, scale))
    if window.is_separate:
        for row, column in np.ndindex(scale, scale):
            features = _features(examples.inputs, phases[row][:, used[row]], phases[column][:, used[column]])
            solved, bias[:, row, column] = _ridge(features, examples.outputs[:, :, row, column])
            shape = channels, len(used[row]), len(used[column]), outputs
            factors[:, :, used[row][:, np.newaxis], used[column]] = solved.reshape(shape).transpose(0, 3, 1, 2)
        return LinearWeights(factors, bias)
    blocks = list(np.ndindex(scale, scale))
    features = np.concatenate([_features(examples.inputs, phases[row], phases[column]) for row, column in blocks])
    targets = np.concatenate([examples.outputs[:, :, row, column] for row, column in blocks])
    solved, common = _ridge(features, targets)
    bias += common[:, np.newaxis, np.newaxis]
    return LinearWeights(solved.reshape(channels, count, count, outputs).transpose(0, 3, 1, 2), bias)


def explained(outputs: Array, made: Array) -> float:
    """Return the share of the variance of outputs that is reproduced; each channel has its own mean.

    >>> explained(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 2.0, 3.0]]))
    1.0
    """
    wide = outputs.reshape(len(outputs), -1).astype(np.float64)
    variance = float(((wide - wide.mean(1, keepdims=True)) ** 2).sum())
    missed = float(((wide - made.reshape(wide.shape)) ** 2).sum())
    return 1.0 if missed == 0 else 1 - missed / max(variance, 1e-300)


def _features(inputs: Array, rows: Array, columns: Array) -> Array:
    """Return examples × (channels · weights): what each weight is multiplied by."""
    made: Array = np.einsum("ncyx,yt,xu->nctu", inputs, rows, columns, optimize=True)
    return made.reshape(len(made), -1)


def _ridge(features: Array, targets: Array) -> tuple[Array, Array]:
    """Return features × outputs, and the bias of each output; the smaller of both systems of equations is solved."""
    means = features.mean(0), targets.mean(0)
    centered, wanted = features - means[0], targets - means[1]
    penalty = RIDGE * max(float(np.mean(centered**2)) * len(features), 1e-30)
    if centered.shape[0] < centered.shape[1]:
        gram = centered @ centered.T + penalty * np.eye(len(centered))
        solved: Array = centered.T @ np.linalg.solve(gram, wanted)
    else:
        gram = centered.T @ centered + penalty * np.eye(centered.shape[1])
        solved = np.linalg.solve(gram, centered.T @ wanted)
    return solved, means[1] - means[0] @ solved
