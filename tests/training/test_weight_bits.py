"""Weights of 8 bits: the law of rounding, and what a model file holds of them."""

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from repix import registry
from repix.conversion import Contract, open_model, write_model
from repix.training import weight_bits
from repix.training.weight_bits import LARGE, TOP, narrow_weights, round_weights, widened_weights

KINDS = {
    "convolution": lambda: nn.Conv2d(80, 80, 3),
    "matrix": lambda: nn.Linear(250, 200),
    "groups": lambda: nn.Conv2d(160, 160, 3, groups=4),
}


def rounded(layer, bits=8):
    with torch.no_grad():
        round_weights(layer, bits)
    return layer.weight.detach().numpy()


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 2**20), size=st.floats(-30, 30), zero=st.booleans())
def test_each_output_channel_is_a_scale_times_whole_numbers(kind, seed, size, zero):
    torch.manual_seed(seed)
    layer = KINDS[kind]()
    with torch.no_grad():
        layer.weight.mul_(2.0**size)
        if zero:
            layer.weight[0] = 0
    exact = layer.weight.detach().numpy().copy()
    weights = rounded(layer)
    for channel, old in zip(weights, exact, strict=True):
        largest = np.abs(channel).max()
        codes = channel * TOP / largest if largest else channel
        np.testing.assert_allclose(codes, np.rint(codes), rtol=0, atol=1e-4)
        # half a step, but for the 2⁻⁹ by which the scale itself is rounded, where it cuts off the largest weight
        assert np.abs(channel - old).max() <= np.abs(old).max() * (0.5 / TOP + 2**-9)


def test_small_and_transposed_kernels_have_16_bits():
    for layer in (nn.Conv2d(70, 70, 3), nn.ConvTranspose2d(160, 96, 2)):
        exact = layer.weight.detach().numpy().copy()
        np.testing.assert_array_equal(rounded(layer), exact.astype(np.float16).astype(np.float32))


def graph(layer):
    """Return the ONNX graph of a convolution without a bias."""
    weight = numpy_helper.from_array(layer.weight.detach().numpy(), "w")
    node = helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])
    ends = [helper.make_tensor_value_info(one, TensorProto.FLOAT, ["n", 80, "h", "w"]) for one in "xy"]
    return helper.make_model(
        helper.make_graph([node], "one", ends[:1], ends[1:], [weight]),
        ir_version=10,
        opset_imports=[helper.make_opsetid("", 20)],
    )


def test_a_model_file_holds_a_quarter_and_engines_compute_the_same(tmp_path):
    torch.manual_seed(1)
    layer = nn.Conv2d(80, 80, 3, padding=1, bias=False)
    weights = rounded(layer)
    model = graph(layer)
    narrow_weights(model)
    stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    assert stored["w.byte"].dtype == np.int8
    np.testing.assert_array_equal(widened_weights(stored)["w"], weights)
    assert model.ByteSize() < weights.nbytes * 0.26
    onnx.checker.check_model(model)
    path = tmp_path / "model.onnx"
    write_model(path, model.SerializeToString(), Contract("denoise", channels=(80, 80), halo=1))
    x = torch.rand(1, 80, 9, 7)
    with torch.no_grad():
        expected = layer(x).numpy()
    for engine in registry.available("engines"):
        np.testing.assert_allclose(open_model(path, engine, threads=1).run(x.numpy()), expected, rtol=0, atol=1e-5)


def test_weights_that_were_not_rounded_stay_whole():
    layer = nn.Conv2d(80, 80, 3, bias=False)
    model = graph(layer)
    before = model.SerializeToString(deterministic=True)
    narrow_weights(model)
    assert model.SerializeToString(deterministic=True) == before


def test_a_large_kernel_has_at_least_50_000_weights(monkeypatch):
    monkeypatch.setattr(weight_bits, "LARGE", LARGE + 1)
    layer = nn.Linear(250, 200)
    exact = layer.weight.detach().numpy().copy()
    np.testing.assert_array_equal(rounded(layer), exact.astype(np.float16).astype(np.float32))
