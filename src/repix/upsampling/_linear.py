"""Linear upsamplers: the kernel that a layer computes with, and another layer's weights for the same kernel.

At a whole scale S, all linear upsamplers do the same away from the border: the input pixel x[i] adds x[i] · K[p - S·i]
to each output pixel p. They differ in the kernels K that they can have. The kernel of a layer is made of its weights by
the same matrix along rows and columns, the *basis*: interpolation followed by a convolution sums shifted copies of the
interpolation's own kernel; a transposed convolution can have any kernel of its size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np

from repix.arithmetic.arrays import Array
from repix.settings import Settings

if TYPE_CHECKING:
    from repix.upsampling import LayerSpec, Upsampler, Weights

S = TypeVar("S", bound=Settings)

EQUAL = 1e-6
"""Kernels are the same if no value differs by more than this share of the largest one: weights are float32."""


@dataclass(frozen=True)
class Basis:
    """The kernels that a layer can have along one axis: sums of the columns."""

    matrix: Array
    """Positions × weights."""
    first: int
    """The position of the first row: output pixel minus S times input pixel."""

    def within(self, first: int, last: int) -> Array:
        """Return the rows for the positions from first to last; rows that are not in the matrix are 0."""
        rows = np.arange(first, last + 1) - self.first
        inside = (rows >= 0) & (rows < len(self.matrix))
        found: Array = np.where(inside[:, np.newaxis], self.matrix[np.clip(rows, 0, len(self.matrix) - 1)], 0.0)
        return found

    @property
    def last(self) -> int:
        """The position of the last row."""
        return self.first + len(self.matrix) - 1


@dataclass(frozen=True)
class LinearWeights:
    """The weights of a linear layer in one form for all upsamplers."""

    factors: Array
    """The factors of the basis: input channels, output channels, rows, columns."""
    bias: Array
    """The bias of each output channel and each pixel of a block: channels × S × S."""


@dataclass(frozen=True)
class Linear(Generic[S]):
    """The linear form of an upsampler."""

    basis: Callable[[int, S], Basis]
    """A function that returns the basis by scale and settings."""
    read: "Callable[[LayerSpec[S], Weights], LinearWeights]"
    """A function that returns a layer's weights in the common form."""
    write: "Callable[[LayerSpec[S], LinearWeights], Weights]"
    """A function that returns the layer's weights; a bias that the layer cannot have is left out."""
    biases: Literal["channel", "pixel"] = "channel"
    """A layer with biases has one for each output channel, or for each pixel of a block."""


@dataclass(frozen=True)
class Kernel:
    """The kernel of a linear layer."""

    values: Array
    """Input channels, output channels, rows, columns, in float64."""
    first: int
    """The position of the first row and column: output pixel minus S times input pixel."""
    bias: Array
    """The bias of each output channel and each pixel of a block: channels × S × S."""

    def mixed(self, matrix: Array) -> "Kernel":
        """Return the kernel followed by a mix of the output channels: new channels × output channels."""
        values, bias = np.einsum("no,ioyx->inyx", matrix, self.values), np.einsum("no,oyx->nyx", matrix, self.bias)
        return Kernel(values, self.first, bias)

    def equals(self, other: "Kernel") -> bool:
        """Return whether both are the same up to rounding."""
        first, last = min(self.first, other.first), max(self.last, other.last)
        values = [one.padded(first, last) for one in (self, other)]
        most = EQUAL * max(np.abs(self.values).max(), np.abs(self.bias).max(), 1e-30)
        return bool(np.abs(values[0] - values[1]).max() <= most and np.abs(self.bias - other.bias).max() <= most)

    @property
    def last(self) -> int:
        """The position of the last row and column."""
        return self.first + int(self.values.shape[-1]) - 1

    def padded(self, first: int, last: int) -> Array:
        """Return the values from a first to a last position; 0 around the kernel."""
        margin = (self.first - first, last - self.last)
        return np.pad(self.values, ((0, 0), (0, 0), margin, margin))


def kernel_of(upsampler: "Upsampler[Any]", spec: "LayerSpec[Any]", weights: "Weights") -> Kernel | None:
    """Return the kernel of a layer; None if the upsampler is not linear, or the scale is not whole."""
    linear = upsampler.linear
    if linear is None or spec.scale % 1:
        return None
    basis, found = linear.basis(int(spec.scale), spec.settings), linear.read(spec, weights)
    values = np.einsum("qt,iotu,ru->ioqr", basis.matrix, found.factors, basis.matrix, optimize=True)
    return Kernel(values, basis.first, found.bias)


def weights_for(upsampler: "Upsampler[Any]", spec: "LayerSpec[Any]", kernel: Kernel) -> "Weights | None":
    """Return the weights with which a layer has this kernel; None if it cannot have it."""
    linear = upsampler.linear
    if linear is None or spec.scale % 1:
        return None
    basis = linear.basis(int(spec.scale), spec.settings)
    first, last = min(kernel.first, basis.first), max(kernel.last, basis.last)
    inverse = np.linalg.pinv(basis.within(first, last))
    factors = np.einsum("tq,ioqr,ur->iotu", inverse, kernel.padded(first, last), inverse, optimize=True)
    weights = linear.write(spec, LinearWeights(factors, kernel.bias))
    made = kernel_of(upsampler, spec, weights)
    return weights if made is not None and made.equals(kernel) else None


def bias_of_block(spec: "LayerSpec[Any]", weights: "Weights", biases: int = 1) -> Array:
    """Return the bias of each pixel of a block: that of its channel, or its own if there are S² biases for each."""
    scale = int(spec.scale)
    bias = weights.get("convolution.bias", np.zeros(spec.out_channels * biases)).astype(np.float64)
    side = scale if biases > 1 else 1
    return np.broadcast_to(bias.reshape(-1, side, side), (spec.out_channels, scale, scale)).copy()


def with_bias(spec: "LayerSpec[Any]", kernel: Array, bias: Array) -> "Weights":
    """Return the weights of a layer's convolution; the bias is left out where the layer has none."""
    return {"convolution.weight": kernel, **({"convolution.bias": bias} if spec.settings.bias else {})}
