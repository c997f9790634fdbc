"""Predicted checkerboards: all verdicts are right, and the evaluation is what an engine returns."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from repix.audit.graph import read_graph
from repix.audit.periodic import Evaluator
from repix.audit.prediction import predict
from tests.audit.zoo import Net, content, even, outer, verdicts

SIDE = 16
"""The side of pictures for networks that take any."""


def graph_of(model: bytes, folder: Path):
    path = folder / "model.onnx"
    path.write_bytes(model)
    return read_graph(path)


def result(model: bytes, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model)
    return session.run(None, {"x": x.astype(np.float32)})[0]


def flat(graph, color: float) -> np.ndarray:
    sides = [side or SIDE for side in graph.inputs[0].shape[2:]]
    return np.full((1, graph.inputs[0].shape[1], *sides), color)


def interior(y: np.ndarray, periods: tuple[int, ...]) -> np.ndarray:
    """The middle of a result, from a multiple of the periods on."""
    starts = [side // 2 // period * period for side, period in zip(y.shape[2:], periods, strict=True)]
    return y[(slice(None),) * 2 + tuple(slice(at, at + size) for at, size in zip(starts, periods, strict=True))]


@pytest.mark.parametrize("name", verdicts())
def test_all_verdicts_are_right(name, tmp_path):
    graph = graph_of(content(name), tmp_path)
    found = predict(graph, graph.inputs[0].shape[1])
    assert not found.unknown
    assert found.is_clean == verdicts()[name], found.result


@pytest.mark.parametrize("name", verdicts())
def test_the_evaluation_is_what_an_engine_returns_in_the_interior(name, tmp_path):
    graph = graph_of(content(name), tmp_path)
    size = flat(graph, 0).shape
    for color in (0.2, 0.7):
        made = Evaluator(graph, size).run([color] * size[1]).tensor(graph.graph.outputs[0])
        y = result(graph.content, flat(graph, color))
        assert made.shape == y.shape
        np.testing.assert_allclose(interior(y, made.tile.shape[2:]), made.tile, atol=2e-5, rtol=1e-4)


def test_there_are_at_least_forty_networks():
    known = verdicts()
    assert len(known) >= 40
    assert min(sum(known.values()), len(known) - sum(known.values())) >= 20


def test_two_layers_of_stride_2_give_periods_2_and_4(tmp_path):
    found = predict(graph_of(content("two uneven layers"), tmp_path), 1)
    assert found.periods == (2, 4)
    assert [layer.period for layer in found.layers] == [4, 2]
    made = Evaluator(graph_of(content("two uneven layers"), tmp_path), (1, 1, 16, 16)).run([1.0])
    assert made.tensor(found.layers[0].layer.output).tile.shape[2:] == (2, 2)
    assert made.tensor(found.layers[1].layer.output).tile.shape[2:] == (4, 4)


def test_divisibility_is_neither_necessary_nor_sufficient(tmp_path):
    by_name = {
        name: predict(graph_of(content(name), tmp_path), 1).layers[0].layer.phases
        for name in ("[1, 1, 1] at stride 2", "even 3x3 at stride 2", "trained transposed 4x4")
    }
    assert not by_name["[1, 1, 1] at stride 2"].even  # 3 is not divisible by 2
    assert by_name["even 3x3 at stride 2"].even  # neither is it here
    assert not by_name["trained transposed 4x4"].even  # and 4 is


def test_a_layer_may_be_uneven_in_a_clean_model(tmp_path):
    for name in ("uneven, then a box of two pixels", "uneven, then every second pixel", "uneven, then cut by a ReLU"):
        found = predict(graph_of(content(name), tmp_path), 1)
        assert found.is_clean
        assert found.layers[0].is_even is False


def test_a_layer_before_is_pushed_through_the_layers_after_it(tmp_path):
    found = predict(graph_of(content("uneven, then even"), tmp_path), 1)
    first, second = found.layers
    assert (first.is_even, second.is_even) == (False, True)
    assert first.alone.score > 10
    assert second.alone.score < 1
    assert found.periods == (4,)


def test_the_gain_of_a_linear_tail_is_exact(tmp_path):
    tail = Net().transposed(outer([1, 1, 1])).conv(weights=np.full((1, 1, 1, 1), 3.0))
    assert predict(graph_of(tail.model(), tmp_path), 1).layers[0].gain == pytest.approx(3)
    box = Net().transposed(outer([1, 1, 1])).conv(weights=outer([0.5, 0.5]))
    assert predict(graph_of(box.model(), tmp_path), 1).layers[0].gain == pytest.approx(0, abs=1e-12)
    halved = Net().transposed(outer([1, 1, 1])).node("Sigmoid")
    assert predict(graph_of(halved.model(), tmp_path), 1).layers[0].gain == 0.25


@pytest.mark.parametrize("name", [name for name, clean in verdicts().items() if not clean])
def test_the_gain_bounds_what_the_layers_after_do(name, tmp_path):
    """The size of the pattern in the result is at most the sum over the layers of size times gain."""
    graph = graph_of(content(name), tmp_path)
    found = predict(graph, graph.inputs[0].shape[1])
    _, channels, *sides = graph.inputs[0].shape
    run = Evaluator(graph, (1, channels, *[side or 64 for side in sides])).run([0.5] * channels)

    def size(name):
        tile = run.tensor(name).tile
        axes = tuple(range(2, tile.ndim))
        return np.sqrt(((tile - tile.mean(axes, keepdims=True)) ** 2).mean(axes).sum())

    bounds = [layer.gain for layer in found.layers]
    assert None not in bounds
    known = sum(size(layer.layer.output) * gain for layer, gain in zip(found.layers, bounds, strict=True))
    assert size(graph.graph.outputs[0]) <= known * (1 + 1e-6)


def test_the_gradient_of_a_strided_convolution_is_judged_by_its_phases(tmp_path):
    net = Net().conv(2, 3, strides=[2, 2]).conv(weights=np.ones((1, 2, 4, 4)), strides=[2, 2])
    found = predict(graph_of(net.resize(4).model(), tmp_path), 1)
    assert [one.phases.even for one in found.gradients] == [False, True]


def test_the_worst_pair_of_channels_is_named(tmp_path):
    kernel = even(np.random.default_rng(3).normal(size=(3, 4, 4, 4)), 2)
    kernel[2, 1, 0, 0] += 1
    layer = predict(graph_of(Net(channels=3).transposed(kernel).model(), tmp_path), 3).layers[0].layer
    assert layer.phases.worst == (1, 2)
    assert layer.phases.sums.shape == (4, 3, 2, 2)
