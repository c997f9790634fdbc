"""An untrained layer that enlarges a gray photo: its result, its phase sums, and the spectrum of its pattern.

The layer has one channel, so that its kernel is all there is. Its mean weight keeps the photo's brightness.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import numpy as np

from repix.arithmetic import conv2d, conv_transpose2d, pixel_shuffle, resize
from repix.arithmetic.arrays import Array
from repix.audit.measurement import spectra_of
from repix.audit.phases import PhaseSums, measured_phases, shuffled_phases, transposed_phases
from repix.audit.projection import even_shuffled, even_transposed
from repix.audit.spectrum import Spectrum, harmonics, strength
from repix.errors import WrongUse
from repix.parameters import Bounds
from repix.settings import Settings


@dataclass(frozen=True)
class UntrainedLayer(Settings):
    """The layer, as its user chooses it.

    >>> UntrainedLayer(kernel=3).phases.even, UntrainedLayer(kernel=4).phases.even
    (False, True)
    """

    kind: Annotated[
        Literal["transposed", "pixel-shuffle", "resize-conv", "bilinear"],
        "the upsampler; resize-conv: nearest neighbor, then a convolution; bilinear: interpolation, then a convolution",
    ] = "transposed"
    kernel: Annotated[int, "side of the kernel", Bounds(1, 9)] = 3
    stride: Annotated[int, "scale", Bounds(2, 4)] = 2
    weights: Annotated[
        Literal["equal", "random", "even"],
        "equal: all weights are the same; random: from 0 to twice the mean; even: the random ones, changed as little "
        "as possible until all phase sums are equal",
    ] = "equal"
    seed: Annotated[int, "seed of the random weights", Bounds(0, 2**32 - 1)] = 0

    @cached_property
    def kernels(self) -> Array:
        """The weights: outputs × inputs × rows × columns; a pixel shuffle has an output for each phase."""
        blocks, side = (self.stride**2 if self.kind == "pixel-shuffle" else 1), self.kernel
        mean = (self.stride**2 if self.kind == "transposed" else 1) / side**2
        shape = (blocks, 1, side, side)
        if self.weights == "equal":
            return np.full(shape, mean)
        drawn = np.random.default_rng(self.seed).uniform(0, 2 * mean, shape)
        if self.weights == "random":
            return drawn
        if self.kind == "pixel-shuffle":
            return even_shuffled(drawn, None, self.stride, columns_first=True)[0]
        if self.kind != "transposed":
            return drawn  # any kernel after an interpolation is even
        try:
            return even_transposed(drawn, [self.stride] * 2)
        except WrongUse as problem:
            raise WrongUse(f"There is no such kernel: {problem}") from None

    @cached_property
    def phases(self) -> PhaseSums:
        """The phase sums."""
        kernels, stride = self.kernels, self.stride
        if self.kind == "transposed":
            return transposed_phases(kernels, [stride, stride])
        if self.kind == "pixel-shuffle":
            return shuffled_phases(kernels, None, stride, columns_first=True)
        # an interpolated constant is the constant, so the sum of each phase is the kernel's
        sums, sizes = (np.full((1, 1, stride, stride), one.sum()) for one in (kernels, np.abs(kernels)))
        return measured_phases(sums, sizes, kernels)

    def enlarge(self, plane: Array) -> Array:
        """Return a plane H×W, enlarged.

        >>> UntrainedLayer(kernel=3).enlarge(np.ones((5, 5)))[4:6, 4:6].round(3).tolist()
        [[1.778, 0.889], [0.889, 0.444]]
        """
        if self.kind == "transposed":
            return conv_transpose2d(plane, self.kernels[0, 0], stride=self.stride, padding="same")
        if self.kind == "pixel-shuffle":
            made: Array = pixel_shuffle(conv2d(plane[np.newaxis], self.kernels, padding="same"), self.stride)[0]
            return made
        mode: Literal["nearest", "bilinear"] = "nearest" if self.kind == "resize-conv" else "bilinear"
        return conv2d(resize(plane, scale_factor=self.stride, mode=mode), self.kernels[0, 0], padding="same")

    def sentence(self) -> str:
        """Return what the theory says.

        >>> UntrainedLayer(kernel=4).sentence()
        'All phase sums are equal, so a constant input gives a constant output, away from the border: no checkerboard.'
        """
        if self.phases.even:
            return (
                "All phase sums are equal, so a constant input gives a constant output, away from the border: "
                "no checkerboard."
            )
        low, high = self.phases.sums.min(), self.phases.sums.max()
        return (
            f"The phase sums differ, from {low:.3g} to {high:.3g}, so a constant input gives a pattern that repeats "
            f"every {self.stride} pixels: a checkerboard."
        )

    def spectrum(self, result: Array) -> tuple[Spectrum, float]:
        """Return the spectrum of a result H×W, and the score of the layer's pattern in it, in dB."""
        frequencies = harmonics((self.stride, self.stride))
        found = spectra_of([result[np.newaxis, np.newaxis]], frequencies)
        if found is None:
            height, width = result.shape
            raise WrongUse(f"The result of {width}×{height} is too small to look for patterns in; give a larger photo.")
        known = strength(found.mean.powers(frequencies), found.mean.mean_square)
        return found.mean, 0.0 if known is None else known.score
