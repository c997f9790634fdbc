"""Least squares: the weights with which a linear layer best reproduces the outputs of another one, on examples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from repix.arithmetic.arrays import Array, Integers
from repix.upsampling._linear import Basis, LinearWeights

RIDGE = 1e-5
"""The penalty on the squares of the weights, relative to the mean variance of the inputs."""

Biases = Literal["pixel", "channel", "none"]
"""The biases of a layer: one for each pixel of the block, one for each output channel, or none."""


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


def fitted(examples: Examples, window: Window, bias: Biases = "pixel") -> LinearWeights:
    """Return the weights that best reproduce the outputs, by ridge regression; biases are not penalized.

    Where every weight contributes to one pixel of the block only, the weights of each pixel are solved for by
    themselves.
    """
    phases, scale = window.phases(), window.scale
    channels, count, outputs = examples.inputs.shape[1], len(window.basis.matrix[0]), examples.outputs.shape[1]
    blocks = list(np.ndindex(scale, scale))
    used = [np.flatnonzero(one.any(0)) if window.is_separate else np.arange(count) for one in phases]
    features = [
        _features(examples.inputs, phases[row][:, used[row]], phases[column][:, used[column]]) for row, column in blocks
    ]
    targets = [examples.outputs[:, :, row, column] for row, column in blocks]
    if not window.is_separate:
        features, targets = [np.concatenate(features)], [np.concatenate(targets)]
    solved, found = _solved(features, targets, bias)
    factors = np.zeros((channels, outputs, count, count))
    for (row, column), weights in zip(blocks, solved, strict=False):  # one solution for all pixels, or one for each
        shape = channels, len(used[row]), len(used[column]), outputs
        factors[:, :, used[row][:, np.newaxis], used[column]] = weights.reshape(shape).transpose(0, 3, 1, 2)
    made = np.broadcast_to(found.reshape(-1, outputs), (scale**2, outputs)) if len(found) == 1 else found
    return LinearWeights(factors, made.T.reshape(outputs, scale, scale).copy())


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


def _solved(features: Sequence[Array], targets: Sequence[Array], bias: Biases) -> tuple[list[Array], Array]:
    """Return the weights of each system of equations, and their biases: systems × outputs.

    Weights change with a bias b as w = v - u·b. The best b makes the errors sum to 0: over one system, or over all.
    """
    found = [_ridge(x, np.concatenate([y, np.ones((len(y), 1))], 1)) for x, y in zip(features, targets, strict=True)]
    free, slopes = [one[:, :-1] for one in found], [one[:, -1:] for one in found]
    sums = [x.sum(0) for x in features]
    errors = np.stack([y.sum(0) - s @ v for y, s, v in zip(targets, sums, free, strict=True)])
    shares = np.array([[len(x) - float((s @ u)[0])] for x, s, u in zip(features, sums, slopes, strict=True)])
    if bias == "channel":
        errors, shares = (np.broadcast_to(one.sum(0), one.shape) for one in (errors, shares))
    biases = np.zeros_like(errors) if bias == "none" else errors / shares
    return [v - u * b for v, u, b in zip(free, slopes, biases, strict=True)], biases


def _ridge(features: Array, targets: Array) -> Array:
    """Return features × outputs, without a bias; the smaller of both systems of equations is solved."""
    variance = float(np.mean((features - features.mean(0)) ** 2))
    penalty = RIDGE * max(variance * len(features), 1e-30)
    if features.shape[0] < features.shape[1]:
        gram = features @ features.T + penalty * np.eye(len(features))
        return features.T @ np.linalg.solve(gram, targets)
    gram = features.T @ features + penalty * np.eye(features.shape[1])
    return np.linalg.solve(gram, features.T @ targets)
