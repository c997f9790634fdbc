"""A bound of the gain after a layer: by how much the layers after it can amplify a pattern on a constant picture.

The size of a pattern is the root mean square of its distance from the nearest constant, over channels and pixels.
Linear layers amplify it at its harmonics only, by at most the largest singular value of their frequency response there:
that is exact. A nonlinear layer amplifies a pattern at most by the steepest slope of its step response (Sugawara,
Shiota and Kiya 2019): 1 for ReLU, 1/4 for a sigmoid. Where paths join, their bounds add.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod, sqrt

import numpy as np

from repix.arithmetic.arrays import Array
from repix.audit.periodic import Periodic, Run
from repix.conversion.onnx_reader import Node

SLOPES = {
    "Relu": 1.0, "Clip": 1.0, "Tanh": 1.0, "Sigmoid": 0.25, "HardSwish": 1.5, "Gelu": 1.13, "Mish": 1.09, "Swish": 1.1,
    "Softplus": 1.0, "Softsign": 1.0, "Elu": 1.0, "Abs": 1.0, "Neg": 1.0, "Cast": 1.0, "Erf": 1.13, "Sin": 1.0,
    "Cos": 1.0, "Max": 1.0, "Min": 1.0, "Identity": 1.0, "Dropout": 1.0, "Pad": 1.0, "Slice": 1.0, "Transpose": 1.0,
    "Reshape": 1.0, "DepthToSpace": 1.0, "SpaceToDepth": 1.0, "Squeeze": 1.0, "Unsqueeze": 1.0, "Split": 1.0,
    "Flatten": 1.0, "Softmax": 1.0,
}  # fmt: skip
"""The steepest slope of the step response of each operator that is nonlinear, or moves values only."""
Norms = dict[str, float]


def gain_after(nodes: Sequence[Node], run: Run, start: str, end: str) -> float | None:
    """Return a bound of the gain from one tensor of a graph to another; None if an operator between has no bound.

    Sizes are Euclidean norms over a period, divided by the root of its number of pixels, so channels add up.
    """
    norms: Norms = {start: 1.0}
    for node in nodes:
        touched = [name for name in node.inputs if name in norms]
        if not touched or node.outputs[0] == start:
            continue
        bound = _bound(node, norms, run)
        if bound is None:
            return None
        norms |= {name: bound for name in node.outputs if name}
    return norms.get(end, 0.0)


def _bound(node: Node, norms: Norms, run: Run) -> float | None:
    """Return the bound of a node's outputs from those of its inputs."""
    given = [norms.get(name, 0.0) for name in node.inputs]
    special = SPECIAL.get(node.kind)
    if special is not None:
        return special(node, norms, run)
    if node.kind in ("Add", "Sub", "Sum"):
        return sum(given)
    if node.kind == "Concat":
        return sqrt(sum(one**2 for one in given))
    slope = SLOPES.get(node.kind)
    return None if slope is None else slope * max(given)


def _convolution(node: Node, norms: Norms, run: Run) -> float | None:
    """Return the bound after Conv or ConvTranspose: its largest singular value at the harmonics of its input."""
    x, weights = run.tensor(node.inputs[0]), run.values.get(node.inputs[1])
    if x is None or not isinstance(weights, np.ndarray):
        return None
    groups, strides = node.integer("group", 1), node.integers("strides") or (1,) * (weights.ndim - 2)
    dilations = node.integers("dilations") or (1,) * (weights.ndim - 2)
    periods = x.tile.shape[2:]
    is_transposed = node.kind == "ConvTranspose"
    largest = 0.0
    for harmonic in np.ndindex(*periods):
        opposite = tuple(-at % period for at, period in zip(harmonic, periods, strict=True))
        if not any(harmonic) or opposite < harmonic:
            continue
        angles = [2 * np.pi * at / period for at, period in zip(harmonic, periods, strict=True)]
        for part in np.split(weights.astype(np.float64), groups):
            response = _response(part, angles, (strides if is_transposed else (1,) * len(strides), dilations))
            largest = max(largest, float(np.linalg.norm(response, 2)))
    # a decimated pattern keeps at most the sum of its squares; an enlarged one has a mean over more pixels
    factor = 1 / sqrt(prod(strides)) if is_transposed else sqrt(prod(strides))
    return norms[node.inputs[0]] * largest * factor


def _response(weights: Array, angles: Sequence[float], spread: tuple[Sequence[int], Sequence[int]]) -> Array:
    """Return the frequency response of each phase of a kernel at a harmonic, as a matrix from channels to channels.

    A transposed convolution has the input channels first, and a row for each phase and output channel.
    """
    strides, dilations = spread
    phases = np.zeros((*weights.shape[:2], *strides), np.complex128)
    for position in np.ndindex(*weights.shape[2:]):
        places = [at * far for at, far in zip(position, dilations, strict=True)]
        phase = tuple(place % stride for place, stride in zip(places, strides, strict=True))
        turns = sum(angle * (place // stride) for angle, place, stride in zip(angles, places, strides, strict=True))
        phases[:, :, *phase] += weights[:, :, *position] * np.exp(-1j * turns)
    made: Array = phases.reshape(len(weights), -1)
    return made


def _product(node: Node, norms: Norms, run: Run) -> float | None:
    """Return the bound after Mul or Div."""
    first, second = (run.values.get(name) for name in node.inputs)
    if first is None or second is None:
        return None
    sizes = [_largest(first), _largest(second)]
    bounds = [norms.get(name, 0.0) for name in node.inputs]
    if node.kind == "Div":
        least = float(np.abs(second.tile if isinstance(second, Periodic) else second).min())
        return bounds[0] / least if bounds[1] == 0 and least > 0 else None
    return bounds[0] * sizes[1] + bounds[1] * sizes[0]


def _slope(node: Node, norms: Norms, run: Run) -> float | None:
    """Return the bound after an activation with a slope for negative values."""
    slope = 0.01
    if node.kind == "PRelu":
        held = run.values.get(node.inputs[1])
        slope = _largest(held) if isinstance(held, np.ndarray) else np.inf
    elif "alpha" in node.attributes:
        slope = abs(node.attributes["alpha"].float_value)
    return max(1.0, slope) * norms[node.inputs[0]] if np.isfinite(slope) else None


def _batch_norm(node: Node, norms: Norms, run: Run) -> float | None:
    scale, variance = (run.values.get(node.inputs[place]) for place in (1, 4))
    if not isinstance(scale, np.ndarray) or not isinstance(variance, np.ndarray):
        return None
    epsilon = node.attributes["epsilon"].float_value if "epsilon" in node.attributes else 1e-5
    return norms[node.inputs[0]] * float(np.abs(scale / np.sqrt(variance + epsilon)).max())


def _resized(node: Node, norms: Norms, _: Run) -> float | None:
    """Return the bound after Resize: nearest and linear weights are positive, and their sum is 1."""
    positive = node.text("mode", "nearest") != "cubic"
    return norms[node.inputs[0]] if positive else None


def _largest(value: Periodic | Array) -> float:
    return float(np.abs(value.tile if isinstance(value, Periodic) else value).max(initial=0.0))


SPECIAL: Mapping[str, Callable[[Node, Norms, Run], float | None]] = {
    "Conv": _convolution, "ConvTranspose": _convolution, "Mul": _product, "Div": _product, "LeakyRelu": _slope,
    "PRelu": _slope, "BatchNormalization": _batch_norm, "Resize": _resized, "Upsample": _resized,
}  # fmt: skip
"""The bounds of operators that depend on their weights."""
