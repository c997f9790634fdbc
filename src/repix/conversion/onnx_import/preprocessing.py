"""How a foreign model writes pictures: what its file does not say, and the nodes that bring it to [0, 1]."""

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
"""What is black and what is white."""

ScoreKind = Literal["no", "softmax", "sigmoid", "one"]
"""How a result becomes probabilities: it needs nothing, softmax, or is the score or the probability of one class."""

PREFIX = "repix_"
"""Of the names of new nodes."""

OLDEST_OPSET = 7
"""The first set of ONNX's operators whose sums and products repeat small arrays by themselves."""

SOFTMAX_BY_AXIS = 13
"""The first set of ONNX's operators whose softmax takes one axis; before, it took that and all behind."""


@dataclass(frozen=True)
class ImportOptions(Settings):
    """What no ONNX file says: how the model wants pictures, and how it gives them.

    >>> ImportOptions(range="0-255", bgr=True).input_affine(3)
    Affine(factor=(255.0, 255.0, 255.0), shift=(0.0, 0.0, 0.0), bgr=True)
    """

    range: Annotated[ValueRange, "what is black and white in what goes in"] = "0-1"
    output_range: Annotated[ValueRange | None, "what is black and white in the result; left out: as it went in"] = None
    mean: Annotated[tuple[float, ...], "what is taken off each channel that goes in, after the range"] = ()
    std: Annotated[tuple[float, ...], "what each channel that goes in is then divided by", Bounds(above=0)] = ()
    bgr: Annotated[bool, "blue comes first, as OpenCV has it"] = False
    softmax: Annotated[bool, "for segment: the model gives scores, and their softmax are the probabilities"] = False
    output: Annotated[str, "the name of the output to take, where there are several"] = ""
    halo: Annotated[
        int | None, "how many pixels around its own a pixel depends on, where its graph does not say", Bounds(0)
    ] = None

    def input_affine(self, channels: int) -> "Affine":
        """From [0, 1] to what the model takes."""
        mean, std = self._statistics(channels)
        low, high = RANGE_LIMITS[self.range]
        return Affine(
            tuple((high - low) / one for one in std),
            tuple((low - one) / by for one, by in zip(mean, std, strict=True)),
            self.bgr and channels == 3,
        )

    def output_affine(self, channels: int) -> "Affine":
        """From what the model gives to [0, 1]: the way back, unless the result has a range of its own."""
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
                raise WrongUse(f"{name} holds {len(given)} numbers, and there are {channels} channels; give 1 or that.")
        return mean * (channels // len(mean)), std * (channels // len(std))


@dataclass(frozen=True)
class Affine:
    """Each channel times a factor plus a shift, counted in the model's order; and whether that is blue, green, red."""

    factor: tuple[float, ...]
    shift: tuple[float, ...]
    bgr: bool = False

    def apply_input(self, x: Array) -> Array:
        """Of N×C×H×W in [0, 1], what the model takes."""
        x = x[:, ::-1] if self.bgr else x
        return np.ascontiguousarray(x * _planes(self.factor) + _planes(self.shift))

    def apply_output(self, y: Array) -> Array:
        """Of what the model gives, N×C×H×W in [0, 1]."""
        y = y * _planes(self.factor) + _planes(self.shift)
        return np.ascontiguousarray(y[:, ::-1]) if self.bgr else y

    @property
    def idle_parts(self) -> tuple[bool, bool]:
        """Return whether the factor and the shift change nothing."""
        return set(self.factor) == {1.0}, set(self.shift) == {0.0}


IDENTITY = Affine((1.0,), (0.0,))


def _planes(numbers: tuple[float, ...]) -> Array:
    return np.array(numbers, np.float32).reshape(1, -1, 1, 1)


@dataclass(frozen=True)
class Port:
    """One end of a foreign graph, as it was found."""

    value: Value
    channels: int
    last: bool = False
    """Channels are the last axis."""
    affine: Affine = IDENTITY
    """Between [0, 1] and the model's own numbers."""


@dataclass(frozen=True)
class _Step:
    """A node of a chain: what it does to what the one before it gave."""

    kind: str
    arrays: tuple[Array, ...] = ()
    settings: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)


def input_adapter(graph: Graph, end: Port, sides: tuple[int | str, ...]) -> Adapter:
    """Return the new input N×C×H×W of [0, 1], and the nodes that make the old one of it."""
    steps = _affine_steps(end.affine, end.affine.bgr, first=True)
    if end.last:
        steps.append(_Step("Transpose", settings={"perm": (0, 2, 3, 1)}))
    if end.value.kind != FLOAT:
        steps.append(_Step("Cast", settings={"to": end.value.kind}))
    name = f"{PREFIX}x" if steps else end.value.name
    return Adapter(name, (sides[0], end.channels, *sides[1:]), _chain("in", name, steps, end.value.name, graph.opset))


def output_adapter(graph: Graph, end: Port, scores: ScoreKind) -> Adapter:
    """Return the new output N×C×H×W of [0, 1], and the nodes that make it of the old one."""
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
    """Factor and shift count channels in the model's order: on the way in, that is after they are turned round."""
    turned = [_Step("Gather", (np.array([2, 1, 0]),), {"axis": 1})] if bgr else []
    counted = [_Step("Mul", (_planes(affine.factor),)), _Step("Add", (_planes(affine.shift),))]
    counted = [step for step, idle in zip(counted, affine.idle_parts, strict=True) if not idle]
    return turned + counted if first else counted + turned


def _score_steps(scores: ScoreKind, channels: int, opset: int) -> list[_Step]:
    """Return what makes probabilities of classes, of which there are two where the model gives the one of the foreground."""
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
    """Nodes from one name to another."""
    if steps and opset < OLDEST_OPSET:
        raise WrongUse(
            f"The model is written for version {opset} of ONNX's operators, and nothing can be put before or behind it "
            f"unless that is at least {OLDEST_OPSET}; export it again, for a newer one."
        )
    nodes, name = [], first
    for place, step in enumerate(steps):
        held = [f"{PREFIX}{where}_{place}_{number}" for number in range(len(step.arrays))]
        nodes += [constant(one, array) for one, array in zip(held, step.arrays, strict=True)]
        output = last if place + 1 == len(steps) else f"{PREFIX}{where}_{place}"
        nodes.append(node(step.kind, [name, *held], output, step.settings))
        name = output
    return tuple(nodes)
