"""Feature maps and hypercolumns of a trained model: what its layers hold at one pixel of a photo."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion import read_model
from repix.conversion.contract import Contract
from repix.conversion.convert import predict
from repix.conversion.engines._openvino_library import openvino, signal_stack_kept
from repix.errors import Unreadable, WrongUse
from repix.pictures import Picture
from repix.report.figure import figure, plane_item

WINDOW = 256
"""The largest side of the part of the photo that the model is run on, in pixels."""

CONVOLUTIONS = ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "GroupConvolutionBackpropData")
FOLLOWERS = ("Add", "Multiply", "Relu", "PRelu", "Gelu", "Swish", "Clamp", "Sigmoid", "Tanh", "HSwish", "Elu")
"""Operations that belong to the convolution before them: bias, normalization, activation."""

ROWS, SHOWN, WIDTH = 6, 4, 216
"""Layers and maps of a layer that the figure shows, and the width of a map."""


@dataclass(frozen=True, eq=False)
class Layer:
    """The feature maps of one layer, and where the chosen pixel is in them."""

    number: int
    maps: Array
    """C×H×W."""
    at: tuple[int, int]
    """Row and column of the value that the pixel is in."""

    @property
    def column(self) -> Array:
        """The values at the pixel, one for each channel."""
        column: Array = self.maps[:, self.at[0], self.at[1]]
        return column

    def strongest(self, count: int) -> list[int]:
        """Return the channels that stand out most at the pixel: most standard deviations from their mean."""
        spread = self.maps.std((1, 2)) + 1e-12
        away = np.abs(self.column - self.maps.mean((1, 2))) / spread
        order = np.lexsort((np.arange(len(away)), -away))
        return [int(i) for i in order[:count]]


def read_point(text: str) -> tuple[int, int]:
    """Return column and row of a pixel written as `X,Y`.

    >>> read_point("120,80")
    (120, 80)
    """
    words = text.split(",")
    if len(words) != 2 or not all(word.strip().isdecimal() and len(word.strip()) < 10 for word in words):
        raise WrongUse(f"--at {text[:60]}: give the column and the row of a pixel, such as 120,80.")
    return int(words[0]), int(words[1])


@dataclass(frozen=True, eq=False)
class Hypercolumn:
    """The layers of a model for a part of a photo."""

    picture: Picture
    """The part that the model was run on."""
    point: tuple[int, int]
    """Column and row of the pixel in that part."""
    layers: list[Layer]

    def lines(self) -> list[str]:
        """Return a table as text: number, channels and size of each layer, and its strongest channels."""
        lines = ["layer  channels        size  channel: value at the pixel"]
        for layer in self.layers:
            channels, height, width = layer.maps.shape
            values = ", ".join(f"{i}: {layer.column[i]:.3g}" for i in layer.strongest(3))
            lines.append(f"{layer.number:5}  {channels:8}  {f'{width}×{height}':>10}  {values}")
        return lines


def hypercolumn(photo: Picture, model: str | Path, at: tuple[int, int]) -> Hypercolumn:
    """Return the feature maps of all convolutions of a model around a pixel (column, row) of a photo.

    Raises:
        WrongUse: the pixel is outside the photo.
        Unreadable: the model cannot be opened, or has no convolutions.
    """
    height, width = photo.size
    if not (0 <= at[0] < width and 0 <= at[1] < height):
        raise WrongUse(f"--at {at[0]},{at[1]} is outside the photo, which is {width}×{height}; count from 0,0.")
    file = read_model(model)
    left, top = (_start(place, side, file.contract) for place, side in zip(at, (width, height), strict=True))
    side = file.contract.size or WINDOW
    part = replace(photo, pixels=photo.pixels[top : top + side, left : left + side])
    recorder = _Recorder(file.contract, file.content, str(file.path))
    predict(part, recorder)
    point = (at[0] - left, at[1] - top)
    shape = recorder.shape
    layers = []
    for number, maps in enumerate(recorder.maps):
        row, column = (
            int(place * size // full) for place, size, full in zip(point[::-1], maps.shape[1:], shape, strict=True)
        )
        layers.append(Layer(number, maps, (row, column)))
    return Hypercolumn(part, point, layers)


def _start(place: int, side: int, contract: Contract) -> int:
    """Return the first pixel of the window on one axis, on a multiple of the model's step."""
    window = contract.size or WINDOW
    start = min(max(place - window // 2, 0), max(side - window, 0))
    return start // contract.step * contract.step


class _Recorder:
    """An engine that keeps the outputs of all convolutions of its last run."""

    @signal_stack_kept()
    def __init__(self, contract: Contract, content: bytes, path: str) -> None:
        self.contract = contract
        library = openvino()
        core = library.Core()
        model = core.read_model(content)
        ports = list(_ports(model))
        if not ports:
            raise Unreadable(f"{path} has no convolutions, so there are no feature maps to show.")
        model.add_outputs(ports)
        self._model = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        self.maps: list[Array] = []
        self.shape = (1, 1)

    @signal_stack_kept()
    def run(self, x: Array) -> Array:
        """Return the model's result for N×C×H×W."""
        made = self._model(np.ascontiguousarray(x))
        first, *others = [np.array(made[i]) for i in range(len(self._model.outputs))]
        self.shape = (x.shape[2], x.shape[3])
        self.maps = [one[0] for one in others if one.ndim == 4 and min(one.shape[2:]) > 1]
        return first


def _ports(model: Any) -> Iterator[Any]:
    """Yield the output of each convolution, after its bias and activation, if no other layer reads what is between."""
    for operation in model.get_ordered_ops():
        if operation.get_type_name() not in CONVOLUTIONS:
            continue
        port = operation.output(0)
        while True:
            readers = [target.get_node() for target in port.get_target_inputs()]
            if len(readers) != 1 or readers[0].get_type_name() not in FOLLOWERS or not _is_own(readers[0]):
                break
            port = readers[0].output(0)
        if all(target.get_node().get_type_name() != "Result" for target in port.get_target_inputs()):
            yield port


def _is_own(operation: Any) -> bool:
    """Return whether all inputs of an operation but one are constants: it adds no other layer."""
    sources = [one.get_source_output().get_node() for one in operation.inputs()]
    return sum(not _is_constant(source) for source in sources) == 1


def _is_constant(node: Any) -> bool:
    kind = node.get_type_name()
    if kind == "Convert":
        kind = node.input(0).get_source_output().get_node().get_type_name()
    return bool(kind == "Constant")


def hypercolumn_figure(found: Hypercolumn, title: str) -> str:
    """Return the figure as SVG: the photo, and the most telling maps of up to six layers, the pixel ringed."""
    height, width = found.picture.size
    mark = ((found.point[0] + 0.5) / width, (found.point[1] + 0.5) / height)
    gray = found.picture.colors().mean(2)
    rows = [[plane_item(gray, f"photo (part), {width}×{height}", 1.5 * WIDTH, mark)]]
    for layer in chosen_layers(found.layers):
        channels, side, across = layer.maps.shape
        place = (layer.at[1] + 0.5) / across, (layer.at[0] + 0.5) / side
        head = f"layer {layer.number}: {channels} × {across}×{side}"
        rows.append(
            [
                plane_item(
                    _stretched(layer.maps[i]),
                    f"{head}\nchannel {i}: {layer.column[i]:.3g} at the pixel",
                    WIDTH,
                    place,
                )
                for i in layer.strongest(SHOWN)
            ]
        )
    values = sum(len(layer.maps) for layer in found.layers)
    text = (
        f"The hypercolumn of a pixel holds its value in every map: here {values} values of {len(found.layers)} layers.",
        "Of each layer the maps are shown that stand out most at the ringed pixel; values are stretched to white.",
    )
    return figure(title, text, rows)


def chosen_layers(layers: list[Layer]) -> list[Layer]:
    """Return up to six layers, evenly from the first to the last."""
    count = min(ROWS, len(layers))
    picks = np.linspace(0, len(layers) - 1, count).round().astype(int)
    return [layers[i] for i in dict.fromkeys(picks.tolist())]


def _stretched(plane: Array) -> Array:
    low, high = np.percentile(plane, (1, 99))
    return np.asarray((plane - low) / max(high - low, 1e-12))
