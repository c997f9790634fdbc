"""Kernels of linear upsamplers: each computes with the kernel that it has, and takes over another one's exactly."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from repix.networks import parse_upsampler
from repix.upsampling import LayerSpec
from repix.upsampling._linear import kernel_of, weights_for
from tests.given import count

from .cases import ALL, NAMES, in_channels, offered, picture, random_layer, run

LINEAR = {"nearest", "bilinear", "bicubic", "transposed", "checkerboard-free", "large-kernel-transposed"}
LINEAR |= {"resize-conv", "pixel-shuffle"}
CASES = [case for case in ALL if case[0] in LINEAR and case[1] % 1 == 0]


def spec_of(name, scale, chosen, channels=2):
    return LayerSpec(in_channels(name, channels, scale), channels, scale, chosen)


def own_kernel(name, scale, chosen):
    upsampler, layer = offered(name), random_layer(name, scale, chosen)
    return kernel_of(upsampler, spec_of(name, scale, chosen), upsampler.weights(layer)), layer


def test_the_linear_upsamplers_say_so():
    assert {name for name in NAMES if offered(name).linear is not None} == LINEAR
    assert own_kernel("bilinear", 1.5, offered("bilinear").settings())[0] is None
    assert own_kernel("carafe", 2, offered("carafe").settings())[0] is None


@pytest.mark.parametrize(("name", "scale", "chosen"), CASES)
def test_a_layer_computes_with_its_kernel_away_from_the_border(name, scale, chosen):
    """Torch's transposed convolution with the kernel, which is shifted by its first position."""
    kernel, layer = own_kernel(name, scale, chosen)
    size, scale = 13, int(scale)
    x, _ = picture(name, scale, (size, size))
    made = run(layer, x)
    spread = functional.conv_transpose2d(torch.from_numpy(x), torch.from_numpy(kernel.values), stride=scale).numpy()
    padded = np.pad(spread, ((0, 0), (0, 0), *(((40, 40),) * 2)))
    start = 40 - kernel.first
    expected = padded[:, :, start : start + size * scale, start : start + size * scale]
    expected = expected + np.tile(kernel.bias, (1, size, size))
    inner = (..., slice(5 * scale, -5 * scale), slice(5 * scale, -5 * scale))
    np.testing.assert_allclose(made[inner], expected[inner], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "scale", "chosen"), CASES)
def test_a_kernel_gives_the_weights_that_it_was_made_of(name, scale, chosen):
    kernel, _ = own_kernel(name, scale, chosen)
    upsampler, spec = offered(name), spec_of(name, scale, chosen)
    weights = weights_for(upsampler, spec, kernel)
    assert weights is not None
    assert {key: one.shape for key, one in weights.items()} == upsampler.shapes(spec)
    again = kernel_of(upsampler, spec, weights)
    np.testing.assert_allclose(again.values, kernel.values, atol=1e-10)
    np.testing.assert_allclose(again.bias, kernel.bias, atol=1e-10)


def converted(old, new, channels, scale, seed=0):
    """Two layers of float32, the second one with the kernel of the first; None if it cannot have it."""
    torch.manual_seed(seed)
    first, second = (parse_upsampler(text).layer(channels, channels, scale) for text in (old, new))
    with torch.no_grad():
        for values in first.parameters():
            values.add_(0.1 * torch.randn(values.shape))
    upsampler = first.upsampler
    kernel = kernel_of(upsampler, first.spec, upsampler.weights(first))
    weights = weights_for(second.upsampler, second.spec, kernel)
    if weights is None:
        return None
    second.load_state_dict({name: torch.from_numpy(one.copy()).float() for name, one in weights.items()})
    return first, second


def difference(layers, channels, scale):
    x = torch.rand(1, channels, 15, 17, generator=torch.Generator().manual_seed(1))
    margin = 6 * scale
    with torch.no_grad():
        first, second = (layer(x)[..., margin:-margin, margin:-margin] for layer in layers)
    return (first - second).abs().max().item()


EXACT = [
    ("resize-conv", "transposed kernel=4", 2),
    ("resize-conv kernel=5", "transposed kernel=6", 2),
    ("resize-conv method=bilinear", "transposed kernel=6", 2),
    ("resize-conv", "transposed kernel=5", 3),
    ("resize-conv", "pixel-shuffle", 2),
    ("resize-conv", "pixel-shuffle", 4),
    ("resize-conv method=bilinear", "pixel-shuffle", 3),
    ("pixel-shuffle kernel=1 bias=no", "transposed kernel=2", 2),
    ("pixel-shuffle kernel=3", "pixel-shuffle kernel=5", 2),
    ("transposed kernel=3", "transposed kernel=4", 2),
    ("transposed kernel=3", "pixel-shuffle", 2),
    ("transposed kernel=4", "pixel-shuffle", 2),
    ("transposed kernel=8", "pixel-shuffle", 4),
    ("transposed kernel=4", "large-kernel-transposed", 2),
    ("large-kernel-transposed", "transposed kernel=7", 2),
    ("checkerboard-free", "transposed kernel=4", 2),
    ("nearest", "resize-conv", 2),
    ("nearest", "checkerboard-free", 2),
    ("bilinear", "transposed kernel=4", 2),
    ("bilinear", "resize-conv", 2),
    ("bicubic", "transposed kernel=8", 2),
]
NOT = [
    ("transposed kernel=4", "transposed kernel=3", 2),
    ("transposed kernel=4", "transposed kernel=4 bias=no", 2),
    ("transposed kernel=4", "resize-conv", 2),
    ("transposed kernel=3", "checkerboard-free", 2),
    ("transposed kernel=3", "bilinear", 2),
    ("pixel-shuffle", "transposed kernel=8", 2),  # its biases differ
    ("pixel-shuffle bias=no", "transposed kernel=4", 2),
    ("resize-conv", "nearest", 2),
    ("bicubic", "resize-conv", 2),
    ("carafe", "transposed", 2),
]


@pytest.mark.parametrize(("old", "new", "scale"), EXACT)
def test_conversions_that_theory_allows(old, new, scale):
    assert difference(converted(old, new, 3, scale), 3, scale) < 1e-5


@pytest.mark.parametrize(("old", "new", "scale"), NOT)
def test_kernels_that_do_not_fit_are_refused(old, new, scale):
    torch.manual_seed(0)
    if old == "carafe":
        layer = parse_upsampler(old).layer(2, 2, scale)
        assert kernel_of(layer.upsampler, layer.spec, layer.upsampler.weights(layer)) is None
    else:
        assert converted(old, new, 3, scale) is None


def test_a_pixel_shuffle_of_equal_kernels_is_a_resize_convolution():
    """ICNR: the kernels of a block are equal, so it is a convolution, then nearest neighbor."""
    first, second = (parse_upsampler(text).layer(3, 3, 2) for text in ("pixel-shuffle kernel=1", "resize-conv"))
    kernel = kernel_of(first.upsampler, first.spec, first.upsampler.weights(first))
    weights = weights_for(second.upsampler, second.spec, kernel)
    second.load_state_dict({name: torch.from_numpy(one.copy()).float() for name, one in weights.items()})
    assert difference((first, second), 3, 2) < 1e-5


def texts():
    """Upsamplers of any kernel size."""
    odd, even = st.sampled_from([1, 3, 5]), st.integers(4, 9)
    yes = st.sampled_from(["yes", "no"])
    return st.one_of(
        st.builds("transposed kernel={} bias={}".format, even, yes),
        st.builds("checkerboard-free kernel={}".format, even),
        st.builds("pixel-shuffle kernel={} bias={}".format, odd, yes),
        st.builds("resize-conv method={} kernel={}".format, st.sampled_from(["nearest", "bilinear"]), odd),
        st.sampled_from(["nearest", "bilinear", "bicubic"]),
    )


@pytest.mark.drawn
@settings(max_examples=count(40, 600), deadline=None)
@given(texts(), texts(), st.integers(1, 3), st.sampled_from([2, 3, 4]), st.integers(0, 9))
def test_whatever_is_converted_computes_the_same(old, new, channels, scale, seed):
    layers = converted(old, new, channels, scale, seed)
    assert layers is None or difference(layers, channels, scale) < 1e-5


@pytest.mark.parametrize(("small", "large", "scale"), list(product((2, 3, 4, 5), (5, 6, 8), (2,))))
def test_a_larger_transposed_kernel_holds_a_smaller_one(small, large, scale):
    layers = converted(f"transposed kernel={small}", f"transposed kernel={large}", 2, scale)
    assert layers is not None
    assert difference(layers, 2, scale) < 1e-6
