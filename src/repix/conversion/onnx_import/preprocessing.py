"""Pre- and postprocessing of an imported model: value range, mean, std, channel order, softmax, as ONNX nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.onnx_import.onnx_graph import FLOAT, Adapter, Graph, Value, constant, node
from repix.errors import WrongUse
from repix.parameters import Bounds
from repix.settings import Settings

if TYPE_CHECKING:
    from onnx import NodeProto

ValueRange = Literal["0-1", "0-255", "-1-1"]
RANGE_LIMITS = {"0-1": (0.0, 1.0), "0-255": (0.0, 255.0), "-1-1": (-1.0, 1.0)}
"""The values of black and white."""

ScoreKind = Literal["no", "softmax", "sigmoid", "one"]
"""The conversion of a result to probabilities: none, softmax, sigmoid of one score, or from one probability."""

PREFIX = "repix_"
"""The prefix of the names of new nodes."""

OLDEST_OPSET = 7
"""The first opset whose Add and Mul broadcast."""

SOFTMAX_BY_AXIS = 13
"""The first opset whose Softmax works along one axis; earlier ones flatten that axis and all after it."""


@dataclass(frozen=True)
class ImportOptions(Settings):
    """Options of an import: what an ONNX file does not contain, such as value range and channel order.

    >>> ImportOptions(range="0-255", bgr=True).input_affine(3)
    Affine(factor=(255.0, 255.0, 255.0), shift=(0.0, 0.0, 0.0), bgr=True)
    """

    range: Annotated[ValueRange, "black and white in the input"] = "0-1"
    output_range: Annotated[ValueRange | None, "black and white in the result; default: as in the input"] = None
    mean: Annotated[tuple[float, ...], "mean that is subtracted from each input channel, in the range"] = ()
    std: Annotated[tuple[float, ...], "standard deviation that each input channel is divided by", Bounds(above=0)] = ()
    bgr: Annotated[bool, "channel order blue, green, red, as in OpenCV"] = False
    softmax: Annotated[bool, "for segment: the model returns scores (logits); add softmax"] = False
    output: Annotated[str, "the name of the output to use, where there are several"] = ""
    halo: Annotated[int | None, "margin of the receptive field, where it does not follow from the graph", Bounds(0)] = (
        None
    )

    def input_affine(self, channels: int) -> "Affine":
        """Return the map from [0, 1] to the model's input."""
        mean, std = self._statistics(channels)
        low, high = RANGE_LIMITS[self.range]
        return Affine(
            tuple((high - low) / one for one in std),
            tuple((low - one) / by for one, by in zip(mean, std, strict=True)),
            self.bgr and channels == 3,
        )

    def output_affine(self, channels: int) -> "Affine":
        """Return the map from the model's output to [0, 1]: the inverse, unless an output range is given."""
        if self.output_range is not None:
            low, high = RANGE_LIMITS[self.output_range]
            mean, std = (0.0,) * channels, (1.0,) * channels
        else:
            low, high = RANGE_LIMITS[self.range]
            mean, std = self._statistics(channels)
        return Affine(
            tuple(one / (high - low) for one in std),
            tuple((one - low) / (high - low) for one in mean),
            self.bgr and channels == 3,
        )

    def _statistics(self, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        mean, std = self.mean or (0.0,), self.std or (1.0,)
        for name, given in (("mean", mean), ("std", std)):
            if len(given) not in (1, channels):
                raise WrongUse(
                    f"{name} holds {len(given)} numbers for {channels} channels; give one, or one for each channel."
                )
        return mean * (channels // len(mean)), std * (channels // len(std))


@dataclass(frozen=True)
class Affine:
    """A factor and a shift for each channel, in the model's channel order, which may be BGR."""

    factor: tuple[float, ...]
    shift: tuple[float, ...]
    bgr: bool = False

    def apply_input(self, x: Array) -> Array:
        """Return the model's input for N×C×H×W in [0, 1]."""
        x = x[:, ::-1] if self.bgr else x
        return np.ascontiguousarray(x * _planes(self.factor) + _planes(self.shift))

    def apply_output(self, y: Array) -> Array:
        """Return N×C×H×W in [0, 1] for the model's output."""
        y = y * _planes(self.factor) + _planes(self.shift)
        return np.ascontiguousarray(y[:, ::-1]) if self.bgr else y

    @property
    def idle_parts(self) -> tuple[bool, bool]:
        """Two booleans: all factors are 1, all shifts are 0."""
        return set(self.factor) == {1.0}, set(self.shift) == {0.0}


IDENTITY = Affine((1.0,), (0.0,))


def _planes(numbers: tuple[float, ...]) -> Array:
    return np.array(numbers, np.float32).reshape(1, -1, 1, 1)


@dataclass(frozen=True)
class Port:
    """An input or output of the original graph, with its layout and value range."""

    value: Value
    channels: int
    last: bool = False
    """True if channels are the last axis."""
    affine: Affine = IDENTITY
    """The map between [0, 1] and the model's value range."""


@dataclass(frozen=True)
class _Step:
    """A node of a chain; its input is the output of the node before it."""

    kind: str
    arrays: tuple[Array, ...] = ()
    settings: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)


def input_adapter(graph: Graph, end: Port, sides: tuple[int | str, ...]) -> Adapter:
    """Return the new input, N×C×H×W in [0, 1], and the nodes that compute the old input."""
    steps = _affine_steps(end.affine, end.affine.bgr, first=True)
    if end.last:
        steps.append(_Step("Transpose", settings={"perm": (0, 2, 3, 1)}))
    if end.value.kind != FLOAT:
        steps.append(_Step("Cast", settings={"to": end.value.kind}))
    name = f"{PREFIX}x" if steps else end.value.name
    return Adapter(name, (sides[0], end.channels, *sides[1:]), _chain("in", name, steps, end.value.name, graph.opset))


def output_adapter(graph: Graph, end: Port, scores: ScoreKind) -> Adapter:
    """Return the new output, N×C×H×W in [0, 1], and the nodes that compute it from the old output."""
    steps = [] if end.value.kind == FLOAT else [_Step("Cast", settings={"to": FLOAT})]
    if end.last:
        steps.append(_Step("Transpose", settings={"perm": (0, 3, 1, 2)}))
    steps += _affine_steps(end.affine, end.affine.bgr, first=False)
    steps += _score_steps(scores, end.channels, graph.opset)
    name = f"{PREFIX}y" if steps else end.value.name
    classes = 2 if scores in ("one", "sigmoid") else end.channels
    nodes = _chain("out", end.value.name, steps, name, graph.opset)
    return Adapter(name, ("n", classes, "high", "wide"), nodes)


def _affine_steps(affine: Affine, bgr: bool, first: bool) -> list[_Step]:
    """Return the nodes of an affine map; its factors are in the model's channel order, so BGR comes first in input."""
    reverse = [_Step("Gather", (np.array([2, 1, 0]),), {"axis": 1})] if bgr else []
    counted = [_Step("Mul", (_planes(affine.factor),)), _Step("Add", (_planes(affine.shift),))]
    counted = [step for step, idle in zip(counted, affine.idle_parts, strict=True) if not idle]
    return reverse + counted if first else counted + reverse


def _score_steps(scores: ScoreKind, channels: int, opset: int) -> list[_Step]:
    """Return the nodes that compute class probabilities; a single foreground channel becomes two classes."""
    if scores == "softmax":
        if opset >= SOFTMAX_BY_AXIS:
            return [_Step("Softmax", settings={"axis": 1})]
        there, back = (_Step("Transpose", settings={"perm": order}) for order in ((0, 2, 3, 1), (0, 3, 1, 2)))
        return [there, _Step("Softmax", settings={"axis": 3}), back]
    if scores == "no":
        return []
    split = np.array([-1, 1], np.float32).reshape(2, channels, 1, 1), np.array([1, 0], np.float32)
    return [*([_Step("Sigmoid")] if scores == "sigmoid" else []), _Step("Conv", split)]


def _chain(where: str, first: str, steps: Sequence[_Step], last: str, opset: int) -> "tuple[NodeProto, ...]":
    """Return the nodes of a chain from one name to another."""
    if steps and opset < OLDEST_OPSET:
        raise WrongUse(
            f"The model has opset {opset}, but pre- and postprocessing needs at least opset {OLDEST_OPSET}; export it "
            "again with a newer opset."
        )
    nodes, name = [], first
    for place, step in enumerate(steps):
        held = [f"{PREFIX}{where}_{place}_{number}" for number in range(len(step.arrays))]
        nodes += [constant(one, array) for one, array in zip(held, step.arrays, strict=True)]
        output = last if place + 1 == len(steps) else f"{PREFIX}{where}_{place}"
        nodes.append(node(step.kind, [name, *held], output, step.settings))
        name = output
    return tuple(nodes)
