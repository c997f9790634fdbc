"""Prediction: which layers make checkerboards, from a model's weights alone.

Two results for each layer. Its phase sums say whether it keeps constants, for any input. And the graph is evaluated for
constant pictures, exactly, away from the border: that says what the layers after it make of the pattern.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from repix.arithmetic.arrays import Array
from repix.audit.gain import gain_after
from repix.audit.graph import ModelGraph
from repix.audit.layers import Layer, strided_layers, upsampling_layers
from repix.audit.periodic import Evaluator, Periodic, Run
from repix.audit.spectrum import Frequency, Strength, harmonics, strength, tile_powers
from repix.conversion.onnx_reader import Node

GRAYS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""The constant pictures: gray ..."""
COLORS = ((0.8, 0.3, 0.1), (0.1, 0.6, 0.3), (0.2, 0.3, 0.9))
"""... and colored; for another number of channels than three, random."""
SIDE = 192
"""The least side of the picture whose sizes are computed with; no pixels are."""
LIMIT = 10.0
"""A pattern up to this score, in dB, is not a checkerboard: on flat areas, it is below 0.1 gray levels (8-bit)."""


@dataclass(frozen=True)
class LayerPrediction:
    """The prediction for a layer."""

    layer: Layer
    in_layer: Strength | None
    """The pattern in its result for constant pictures, with what earlier layers contribute; None if it is unknown."""
    alone: Strength | None
    """The pattern in the model's result at its harmonics, if the layers before it made none; None for a resize."""
    gain: float | None
    """A bound of the factor by which the layers after it amplify its pattern; None if it is unknown."""
    period: int | None
    """The period of its pattern in the model's result, in pixels."""

    @property
    def is_even(self) -> bool | None:
        """True if the layer keeps constants; None if that is unknown."""
        if self.layer.phases is not None:
            return self.layer.phases.even
        if self.layer.kind == "resize":
            return True
        return None if self.in_layer is None else self.in_layer.score <= LIMIT


@dataclass(frozen=True)
class Prediction:
    """The prediction for a model."""

    layers: tuple[LayerPrediction, ...]
    """The upsampling layers, in the order of the graph."""
    gradients: tuple[Layer, ...]
    """The strided convolutions; uneven ones have gradients with checkerboards."""
    result: Strength | None
    """The pattern in the model's result for constant pictures; None if it is unknown, or without upsampling."""
    unknown: str
    """The reason why the result cannot be predicted; empty if it can."""
    axes: Mapping[str, tuple[int, ...]]
    """The axes of rows and columns of the result and of the tensors after the layers, as far as they are known."""

    @property
    def is_clean(self) -> bool | None:
        """True if constant pictures stay constant in the interior; None if that is unknown."""
        if self.unknown:
            return None
        return self.result is None or self.result.score <= LIMIT

    @property
    def periods(self) -> tuple[int, ...]:
        """The periods of all uneven layers, in pixels of the result.

        Two uneven layers of stride 2 give the periods 2 and 4.
        """
        uneven = {one.period for one in self.layers if one.is_even is False and one.period is not None}
        return tuple(sorted(uneven))


def constant_pictures(channels: int, levels: tuple[float, float] = (0.0, 1.0)) -> list[list[float]]:
    """Return the constant pictures: the value of each channel.

    >>> constant_pictures(1, (0.0, 10.0))
    [[1.0], [3.0], [5.0], [7.0], [9.0]]
    """
    low, high = levels
    colors = [[gray] * channels for gray in GRAYS]
    if channels == 3:
        colors += [list(color) for color in COLORS]
    elif channels > 1:
        colors += np.random.default_rng(0).uniform(GRAYS[0], GRAYS[-1], (len(COLORS), channels)).tolist()
    return [[low + (high - low) * one for one in color] for color in colors]


def predict(model: ModelGraph, channels: int, step: int = 1, levels: tuple[float, float] = (0.0, 1.0)) -> Prediction:
    """Return the prediction for a model.

    Args:
        model: the graph.
        channels: the number of channels of its input.
        step: heights and widths are multiples of it.
        levels: the values of black and white in its input.
    """
    evaluator = Evaluator(model, _size(model, channels, step))
    colors = constant_pictures(channels, levels)
    runs = [evaluator.run(color) for color in colors]
    nodes, output = model.nodes, model.graph.outputs[0]
    layers = upsampling_layers(nodes, runs[0])
    result = runs[0].tensor(output)
    finest = None if result is None else min((p for p in result.pixels if isinstance(p, Fraction)), default=None)
    gains = {layer.output: gain_after(nodes, runs[0], layer.output, output) for layer in layers}
    alone = {layer.output: _alone(evaluator, colors, layers, layer) for layer in layers if layer.kind != "resize"}
    found = [
        LayerPrediction(
            layer,
            _strength_at(runs, layer.output, _own(layer)),
            None if finest is None else _strength_at(alone.get(layer.output, []), output, _own(layer, finest)),
            gains[layer.output],
            _period(layer, finest),
        )
        for layer in layers
    ]
    frequencies = sorted({one for layer in layers for one in _own(layer, finest)}) if finest is not None else []
    reason = "" if result is not None else _reason(model, runs[0])
    tensors = {name: runs[0].tensor(name) for name in (output, *(layer.output for layer in layers))}
    return Prediction(
        tuple(found),
        tuple(strided_layers(nodes, runs[0])),
        _strength_at(runs, output, frequencies),
        reason,
        {name: one.picture_axes for name, one in tensors.items() if one is not None},
    )


def _reason(model: ModelGraph, run: Run) -> str:
    """Return the reason why the result cannot be predicted."""
    return run.unknown.get(model.graph.outputs[0], "the result does not depend on the picture")


def _size(model: ModelGraph, channels: int, step: int) -> tuple[int, ...]:
    """Return the size of the picture to compute with: declared sizes, and large multiples of the step."""
    declared = model.inputs[0].shape or (1, channels, None, None)
    sides = declared[1:3] if model.inputs[0].channels_last else declared[2:]
    free = lcm(step, 64) * -(-SIDE // lcm(step, 64))
    return (1, channels, *(free if side is None else side for side in sides))


def _own(layer: Layer, finest: Fraction | None = None) -> list[Frequency]:
    """Return the harmonics of a layer, in its own result or in one with another distance of neighbors."""
    if layer.pixel is None or not layer.strides or max(layer.strides) == 1:
        return []
    rows, columns = layer.strides if len(layer.strides) == 2 else (1, layer.strides[0])
    return harmonics((rows, columns), Fraction(1) if finest is None else layer.pixel / finest)


def _period(layer: Layer, finest: Fraction | None) -> int | None:
    """Return the period of a layer's pattern in the result, in pixels."""
    if finest is None or layer.pixel is None or not layer.strides:
        return None
    return int(max(layer.strides) * layer.pixel / finest)


def _alone(evaluator: Evaluator, colors: Sequence[Sequence[float]], layers: Sequence[Layer], layer: Layer) -> list[Run]:
    """Return the runs in which the results of all layers are constant but of this one and of those that follow it."""
    after = _following(evaluator.model.nodes, layer.output)
    others = {one.output for one in layers if one.output not in after}

    def change(node: Node, made: Periodic) -> Periodic:
        if node.outputs[0] not in others:
            return made
        axes = tuple(range(2, len(made.shape)))
        return Periodic(made.tile.mean(axis=axes, keepdims=True), made.shape, made.pixels)

    return [evaluator.run(color, change) for color in colors]


def _following(nodes: Sequence[Node], start: str) -> set[str]:
    """Return the tensors that depend on one, and itself."""
    found = {start}
    for node in nodes:
        if found & set(node.inputs):
            found |= set(node.outputs)
    return found


def _strength_at(runs: Sequence[Run], name: str, frequencies: Sequence[Frequency]) -> Strength | None:
    """Return the strength of a pattern in a tensor, over all constant pictures; None if it is unknown."""
    tensors = [run.tensor(name) for run in runs]
    known = [one for one in tensors if one is not None]
    if not frequencies or not known or len(known) < len(tensors):
        return None
    if len(known[0].picture_axes) not in (1, 2):
        return None
    tiles = [_as_picture(one) for one in known]
    powers = np.mean([tile_powers(tile, frequencies) for tile in tiles], axis=0)
    mean_square = float(np.mean([(tile**2).mean() for tile in tiles]))
    return strength(zip(frequencies, powers.tolist(), [0.0] * len(frequencies), strict=True), mean_square)


def _as_picture(tensor: Periodic) -> Array:
    """Return one period with two axes of pixels."""
    channels = [axis for axis in range(len(tensor.shape)) if axis not in tensor.picture_axes]
    tile = tensor.tile.transpose(*channels, *tensor.picture_axes)
    sides = tile.shape[len(channels) :]
    return tile.reshape(1, -1, *[1] * (2 - len(sides)), *sides)
