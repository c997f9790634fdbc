"""Measurement: the patterns in a model's results, and in the tensors after its upsampling layers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.audit.graph import ModelGraph
from repix.audit.prediction import LayerPrediction, Prediction
from repix.audit.probes import Probe, Shape, by_kind, folder_probes, synthetic_probes, without_side_inputs
from repix.audit.runner import ModelRunner, channels_of, require_runnable, size_that_runs
from repix.audit.spectrum import (
    Frequency,
    Spectrum,
    Strength,
    azimuthal,
    harmonics,
    strength,
    window_power,
    window_side,
    windows,
)
from repix.errors import RepixError, Unreadable

LEAST_SIDE, MOST_SIDE = 192, 512
"""The least and the largest side of probes, in pixels."""
UNCOUNTED = ("ramp", "step")
"""The kinds of inputs that do not count for the score of a model."""
FEW = 3
"""The textures and pictures for the tensors inside a model."""
MOST_PERIOD = 32
"""The largest period that is looked for."""


@dataclass(frozen=True)
class Location:
    """Where a pattern is strongest."""

    row: int
    column: int
    side: int
    """The window that starts at this row and column of the result."""
    kind: str
    """The kind of input."""
    name: str
    """The picture's file; empty for other inputs."""
    score: float
    """The score of this window alone, in dB."""


@dataclass(frozen=True)
class KindMeasurement:
    """The pattern in the results for one kind of inputs."""

    kind: str
    strength: Strength
    worst: Location
    spectrum: Spectrum
    azimuthal: Array
    """The mean power of the results by frequency: cycles per pixel from 0 to 1/2, in equal steps."""
    truth: Array | None
    """The same of the truths; None if they are unknown."""


@dataclass(frozen=True)
class LayerMeasurement:
    """The pattern in the tensor after a layer; None if it cannot be measured."""

    name: str
    """The name of the tensor."""
    constant: Strength | None
    pictures: Strength | None
    """For textures and pictures."""


@dataclass(frozen=True)
class Measurement:
    """The measurements of a model."""

    kinds: tuple[KindMeasurement, ...]
    layers: tuple[LayerMeasurement, ...]
    size: tuple[int, int]
    """Height and width of the inputs."""
    samples: tuple[tuple[Probe, Array], ...]
    """An input of each kind, with the model's result C×H×W."""

    @property
    def worst(self) -> KindMeasurement:
        """The kind of inputs with the highest score; ramps and steps do not count.

        An upsampler that keeps constants may make steps of ramps, as nearest neighbor does. That is no checkerboard.
        """
        counted = [one for one in self.kinds if one.kind not in UNCOUNTED]
        return max(counted, key=lambda one: one.strength.score)


def measure(
    model: ModelGraph,
    prediction: Prediction,
    pictures: Path | None = None,
    *,
    levels: tuple[float, float] = (0.0, 1.0),
    engine: str = "auto",
) -> Measurement:
    """Return what is measured on a model with upsampling layers.

    Args:
        model: the graph.
        prediction: its prediction, which names the layers and their periods.
        pictures: a folder of pictures to measure with, too.
        levels: the values of black and white.
        engine: the engine that runs the model.

    Raises:
        Unreadable: the model cannot be run, or a folder has no pictures.
    """
    require_runnable(model)
    runner, channels = ModelRunner(model, prediction.axes, engine), channels_of(model)
    size = size_that_runs(runner, channels, least_side(model, prediction))
    shape = Shape(channels, size, levels)
    probes = [without_side_inputs(one, model.contract) for one in synthetic_probes(shape)]
    scale = result_scale(runner.run(probes[0].x), size)
    if pictures is not None:
        probes += folder_probes(pictures, model.contract, shape, scale)
    frequencies = _result_harmonics(prediction)
    grouped = by_kind(probes)
    kinds, samples, by_layers = [], [], dict[str, list[Array]]()
    for kind, several in grouped.items():
        results = [runner.run(one.x) for one in several]
        if not all(np.isfinite(one).all() for one in results):
            raise Unreadable(f"{model.path} returns NaN or infinite values, so it can be predicted but not measured.")
        kinds.append(_kind(several, results, frequencies))
        samples.append((several[0], results[0][0]))
        by_layers[kind] = results[: _most(kind)]
    layers = [_layer(runner, one, grouped, by_layers) for one in prediction.layers if one.layer.kind != "resize"]
    return Measurement(tuple(kinds), tuple(layers), size, tuple(samples))


def result_scale(y: Array, size: tuple[int, int]) -> int:
    """Return by how much a result is larger than the input; refuse results that are not pictures."""
    if y.ndim != 4:
        raise Unreadable(f"its result of {'×'.join(map(str, y.shape))} is not a picture")
    rows: int = y.shape[-2]
    return max(1, round(rows / size[0]))


def least_side(model: ModelGraph, prediction: Prediction) -> int:
    """Return a side so that the middle half of a result holds windows for all periods."""
    periods = [one.period for one in prediction.layers if one.period]
    scale = 1 if model.contract is None else model.contract.scale
    halo = 0 if model.contract is None else model.contract.halo or 0
    inside = max(96, 6 * max(periods, default=1)) // scale
    return min(MOST_SIDE, max(LEAST_SIDE, 2 * inside, inside + 2 * halo))


def _result_harmonics(prediction: Prediction) -> list[Frequency]:
    """Return the harmonics of all layers in the result; those of strides 2, 3 and 4 where layers are unknown."""
    found: dict[Frequency, None] = {}
    for one in prediction.layers:
        if one.layer.strides and one.period is not None and one.period <= MOST_PERIOD:
            ratio = Fraction(one.period, max(one.layer.strides))
            found |= dict.fromkeys(harmonics(_two(one.layer.strides), ratio))
    if not found:
        for stride in (2, 3, 4):
            found |= dict.fromkeys(harmonics((stride, stride)))
    return list(found)


def _two(strides: Sequence[int]) -> tuple[int, int]:
    rows, columns = strides if len(strides) == 2 else (strides[0], strides[0])
    return rows, columns


def inner(tensor: Array) -> tuple[Array, int, int]:
    """Return the middle half of a tensor along rows and columns, and where it starts."""
    height, width = tensor.shape[-2:]
    top, left = height // 4, width // 4
    return tensor[..., top : height - top, left : width - left], top, left


@dataclass(frozen=True)
class Spectra:
    """The power spectra of the windows of some tensors."""

    places: tuple[tuple[int, int, int], ...]
    """For each window the number of the tensor, and the row and column of its start."""
    powers: tuple[Array, ...]
    mean_squares: tuple[float, ...]
    """The mean of each tensor's squares."""
    side: int

    @property
    def mean(self) -> Spectrum:
        """The mean of all windows."""
        return Spectrum(np.mean(self.powers, axis=0), float(np.mean(self.mean_squares)))


def spectra_of(tensors: Sequence[Array], frequencies: Sequence[Frequency]) -> Spectra | None:
    """Return the spectra of windows in the middle of tensors; None if the tensors are too small."""
    parts = [inner(tensor) for tensor in tensors]
    side = window_side(frequencies, min(min(part.shape[-2:]) for part, _, _ in parts))
    if side is None:
        return None
    found = [
        ((number, top + row, left + column), window_power(window))
        for number, (part, top, left) in enumerate(parts)
        for (row, column), window in windows(part, side)
    ]
    mean_squares = tuple(float((part**2).mean()) for part, _, _ in parts)
    return Spectra(tuple(place for place, _ in found), tuple(power for _, power in found), mean_squares, side)


def measured_strength(tensors: Sequence[Array], frequencies: Sequence[Frequency]) -> Strength | None:
    """Return the strength of the strongest harmonic in tensors; None if they are too small, or zero."""
    found = spectra_of(tensors, frequencies)
    return None if found is None else strength(found.mean.powers(frequencies), found.mean.mean_square)


def _kind(probes: Sequence[Probe], results: Sequence[Array], frequencies: Sequence[Frequency]) -> KindMeasurement:
    found = spectra_of(results, frequencies)
    if found is None:
        height, width = results[0].shape[-2:]
        raise Unreadable(f"its results of {height}×{width} are too small to look for patterns in")
    spectrum = found.mean
    known = strength(spectrum.powers(frequencies), spectrum.mean_square) or Strength(0.0, 0.0, frequencies[0])
    located = max(_locations(probes, found, known.frequency), key=lambda one: one.score)
    truth = _truth(probes, results, found.side)
    return KindMeasurement(probes[0].kind, known, located, spectrum, azimuthal(spectrum.power), truth)


def _locations(probes: Sequence[Probe], found: Spectra, frequency: Frequency) -> Iterator[Location]:
    """Yield the windows with the score of each at one harmonic."""
    for (number, row, column), power in zip(found.places, found.powers, strict=True):
        mean_square = found.mean_squares[number]
        known = strength(Spectrum(power, mean_square).powers([frequency]), mean_square)
        score = 0.0 if known is None else known.score
        yield Location(row, column, found.side, probes[number].kind, probes[number].name, score)


def _truth(probes: Sequence[Probe], results: Sequence[Array], side: int) -> Array | None:
    """Return the azimuthal power spectrum of the truths; None if one is unknown, or of another size."""
    truths = [one.truth for one in probes]
    known = [one for one, y in zip(truths, results, strict=True) if one is not None and one.shape == y.shape[1:]]
    if len(known) < len(truths):
        return None
    powers = [window_power(window) for one in known for _, window in windows(inner(one)[0], side)]
    return azimuthal(np.mean(powers, axis=0))


def _most(kind: str) -> int | None:
    """Return how many probes of a kind the tensors inside a model are measured with; None if all."""
    return None if kind == "constant" else FEW


def _layer(
    runner: ModelRunner, found: LayerPrediction, probes: dict[str, list[Probe]], results: dict[str, list[Array]]
) -> LayerMeasurement:
    """Return what is measured after a layer: for constants, and for textures and pictures.

    The tensor after the last layer may be the model's result; `results` has it already.
    """
    layer = found.layer
    unknown = LayerMeasurement(layer.output, None, None)
    if not layer.strides:
        return unknown
    frequencies = harmonics(_two(layer.strides))
    made = []
    for kinds in (["constant"], ["texture", "pictures"]):
        if layer.output == runner.output:
            tensors = [one for kind in kinds for one in results.get(kind, [])]
        else:
            several = [one for kind in kinds for one in probes.get(kind, [])[: _most(kind)]]
            try:
                tensors = [runner.run(one.x, layer.output) for one in several]
            except RepixError:
                return unknown
        if any(one.ndim != 4 for one in tensors):
            return unknown
        made.append(measured_strength(tensors, frequencies))
    return LayerMeasurement(layer.output, *made)
