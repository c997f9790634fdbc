"""The upsampling layers of a graph, and the strided convolutions, with their phase sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from repix.arithmetic.arrays import Array
from repix.audit.periodic import Periodic, Run
from repix.audit.phases import PhaseSums, shuffled_phases, strided_phases, transposed_phases
from repix.conversion.graph_limits import COMMON
from repix.conversion.onnx_import.receptive_field.pointwise import SINGLE
from repix.conversion.onnx_reader import Node

NAMES = {
    "ConvTranspose": "transposed convolution",
    "DepthToSpace": "pixel shuffle",
    "Resize": "resize",
    "Upsample": "resize",
    "Reshape": "reshape",
    "Conv": "strided convolution",
}
"""The names of operators in the field."""
COMPUTED = "its weights are computed while the model runs"
NO_CONVOLUTION = "no single convolution is before it"
BY_PIXEL = "a constant that is not one value for each channel is added before it"
MIXED_GROUPS = "the channels of a block are in several groups of its convolution"


@dataclass(frozen=True)
class WeightSource:
    """The constants that a layer's phase sums depend on."""

    node: Node
    """The node with the kernel: the transposed convolution, or the convolution before the pixel shuffle."""
    path: tuple[Node, ...] = ()
    """The nodes between the convolution and the pixel shuffle, from the shuffle upward."""
    biases: tuple[tuple[Node, int], ...] = ()
    """The biases of a pixel shuffle with one value for each channel: the node that adds each, and its input."""


@dataclass(frozen=True)
class Layer:
    """An upsampling layer, or a strided convolution."""

    node: Node
    strides: tuple[int, ...]
    """By how much it enlarges each axis of the picture; of a strided convolution, by how much it shrinks."""
    phases: PhaseSums | None = None
    """Its phase sums; None if it has no kernel, or one that is computed while the model runs."""
    source: WeightSource | None = None
    """Where the phase sums come from; None without them."""
    note: str = ""
    """The reason if the phase sums cannot be computed."""
    pixel: Fraction | None = None
    """The distance of neighbors in its result, in pixels of the model's input; None if it is unknown."""

    @property
    def kind(self) -> str:
        """The kind of layer, in the field's words."""
        return NAMES.get(self.node.kind, self.node.kind)

    @property
    def output(self) -> str:
        """The name of its result in the graph."""
        return self.node.outputs[0]


def upsampling_layers(nodes: Sequence[Node], run: Run) -> list[Layer]:
    """Return the layers that enlarge the picture, in the order of the graph."""
    makers = {name: node for node in nodes for name in node.outputs if name}
    found = []
    for node in nodes:
        if node.domain not in COMMON:
            continue
        layer = _upsampling(node, run, makers)
        if layer is not None:
            made = run.tensor(layer.output)
            finest = None if made is None else _finest(made)
            found.append(replace(layer, pixel=finest))
    return found


def _upsampling(node: Node, run: Run, makers: Mapping[str, Node]) -> Layer | None:
    if node.kind == "ConvTranspose":
        strides = node.integers("strides") or (1, 1)
        return None if max(strides) == 1 else _transposed(node, strides, run)
    if node.kind == "DepthToSpace":
        block = node.integer("blocksize", 1)
        return None if block == 1 else _shuffled(node, block, run, makers)
    before, after = run.tensor(node.inputs[0] if node.inputs else ""), run.tensor(node.outputs[0])
    if before is None or after is None or node.kind not in ("Resize", "Upsample", "Reshape"):
        return None
    old, new = _spacings(before), _spacings(after)
    if not old or not new or min(new) >= min(old):
        return None
    ratios = [one / two for one, two in zip(old, new, strict=True)] if len(old) == len(new) else [min(old) / min(new)]
    if any(ratio.denominator != 1 for ratio in ratios):
        return Layer(node, (), note="its scale is not a whole number")
    return Layer(node, tuple(int(ratio) for ratio in ratios))


def _transposed(node: Node, strides: tuple[int, ...], run: Run) -> Layer:
    weights = _constant(node.inputs[1], run)
    if weights is None:
        return Layer(node, strides, note=COMPUTED)
    groups, dilations = node.integer("group", 1), node.integers("dilations")
    return Layer(node, strides, transposed_phases(weights, strides, dilations, groups), WeightSource(node))


def _shuffled(node: Node, block: int, run: Run, makers: Mapping[str, Node]) -> Layer:
    """Return a pixel shuffle with the phase sums of the convolution before it; an activation may be between them."""
    layer = Layer(node, (block, block))
    found = _source(node, run, makers)
    if found is None:
        return replace(layer, note=NO_CONVOLUTION)
    weights = _constant(found.node.inputs[1], run)
    if weights is None:
        return replace(layer, note=COMPUTED)
    columns_first, groups = node.text("mode", "DCR") == "CRD", found.node.integer("group", 1)
    if groups > 1 and (not columns_first or len(weights) // groups % block**2):
        return replace(layer, note=MIXED_GROUPS)
    added = [_constant(one.inputs[at], run) for one, at in found.biases]
    if any(one is None for one in added):
        return replace(layer, note=COMPUTED)
    wide = [one.ravel() for one in added if one is not None and one.size > 1]  # one value is the same for all phases
    if any(len(one) != len(weights) for one in wide):
        return replace(layer, note=BY_PIXEL)
    total = sum(wide[1:], start=wide[0]) if wide else None
    biases = tuple(
        one for one, values in zip(found.biases, added, strict=True) if values is not None and values.size > 1
    )
    phases = shuffled_phases(weights, total, block, columns_first=columns_first)
    return replace(layer, phases=phases, source=replace(found, biases=biases))


def _source(shuffle: Node, run: Run, makers: Mapping[str, Node]) -> WeightSource | None:
    """Return the convolution before a pixel shuffle, and all biases between them; None without a convolution."""
    path: list[Node] = []
    biases: list[tuple[Node, int]] = []
    maker = makers.get(shuffle.inputs[0])
    while maker is not None and maker.kind != "Conv":
        path.append(maker)
        fixed = [at for at, name in enumerate(maker.inputs) if _constant(name, run) is not None]
        if maker.kind == "Add" and len(fixed) == 1 and len(maker.inputs) == 2:
            biases.append((maker, fixed[0]))
            maker = makers.get(maker.inputs[1 - fixed[0]])
        elif maker.kind in SINGLE:
            maker = makers.get(maker.inputs[0])
        else:
            maker = None
    if maker is None:
        return None
    own = [(maker, 2)] if len(maker.inputs) > 2 and maker.inputs[2] else []
    return WeightSource(maker, tuple(path), (*own, *biases))


def strided_layers(nodes: Sequence[Node], run: Run) -> list[Layer]:
    """Return the strided convolutions, whose gradients may have checkerboards."""
    found = []
    for node in nodes:
        strides = node.integers("strides")
        if node.kind != "Conv" or node.domain not in COMMON or max(strides, default=1) == 1:
            continue
        weights, made = _constant(node.inputs[1], run), run.tensor(node.outputs[0])
        pixel = None if made is None else _finest(made)
        if weights is None:
            found.append(Layer(node, strides, note=COMPUTED, pixel=pixel))
        else:
            phases = strided_phases(weights, strides, node.integers("dilations"))
            found.append(Layer(node, strides, phases, pixel=pixel))
    return found


def _constant(name: str, run: Run) -> Array | None:
    """Return the values of a constant tensor; None if it depends on the picture."""
    found = run.values.get(name)
    return found if isinstance(found, np.ndarray) else None


def _spacings(tensor: Periodic) -> list[Fraction]:
    """Return the distances of neighbors of the axes that are rows or columns."""
    return [pixel for pixel in tensor.pixels if isinstance(pixel, Fraction)]


def _finest(tensor: Periodic) -> Fraction | None:
    return min(_spacings(tensor), default=None)
