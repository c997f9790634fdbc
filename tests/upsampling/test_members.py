"""Properties of single upsamplers: values from lectures, torch's own layers, laws of checkerboards."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as within
from hypothesis import strategies as st
from torch.nn import functional

from repix.arithmetic import conv2d, resize, resize_convolution_kernel
from repix.errors import WrongUse
from repix.upsampling._phases import equalize_phases, phase_sums
from repix.upsampling.unpool import _compared_pool, max_pool

from .cases import offered, picture, random_layer, run

few = within(max_examples=25)
SQUARE = np.array([[[[1.0, 5.0], [4.0, 8.0]]]])


def settings_of(name, **chosen):
    return offered(name).settings(**chosen)


def test_U03_nearest_makes_blocks():
    np.testing.assert_array_equal(
        offered("nearest").reference(SQUARE, {}, 2)[0, 0], np.kron(SQUARE[0, 0], np.ones((2, 2)))
    )


def test_U04_bilinear_has_half_pixel_centers():
    expected = [[1, 2, 4, 5], [1.75, 2.75, 4.75, 5.75], [3.25, 4.25, 6.25, 7.25], [4, 5, 7, 8]]
    np.testing.assert_array_equal(offered("bilinear").reference(SQUARE, {}, 2)[0, 0], expected)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_U06_bicubic_has_torchs_a_and_not_matlabs(scale):
    x = np.random.default_rng(0).random((1, 1, 6, 7))
    ours = offered("bicubic").reference(x, {}, scale)
    np.testing.assert_allclose(ours, resize(x, scale_factor=scale, mode="bicubic", a=-0.75), rtol=1e-12)
    assert np.abs(ours - resize(x, scale_factor=scale, mode="bicubic", a=-0.5)).max() > 0.01


@pytest.mark.parametrize("name", ["nearest", "bilinear", "bicubic"])
def test_interpolation_keeps_the_value_of_a_flat_area(name):
    np.testing.assert_allclose(offered(name).reference(np.full((1, 2, 3, 4), 0.3), {}, 2), 0.3, rtol=1e-12)


def test_U07_reshape_keeps_the_memory_order():
    x = np.arange(36.0).reshape(1, 4, 3, 3)
    np.testing.assert_array_equal(offered("reshape").reference(x, {}, 2).reshape(-1), np.arange(36.0))


def test_U08_pixel_shuffle_lays_channels_side_by_side():
    x = np.array([[7, 5, 9, 5], [6, 4, 0, 4], [7, 8, 2, 0], [3, 8, 6, 9]], float).reshape(1, 4, 2, 2)
    weights = {"convolution.weight": np.eye(4).reshape(4, 4, 1, 1)}
    settings = settings_of("pixel-shuffle", kernel=1, bias=False)
    expected = [[7, 6, 5, 4], [7, 3, 8, 8], [9, 0, 5, 4], [2, 6, 0, 9]]
    np.testing.assert_array_equal(offered("pixel-shuffle").reference(x, weights, 2, settings)[0, 0], expected)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("bias", [True, False])
def test_A04_icnr_starts_as_the_nearest_enlargement_of_one_convolution(scale, bias):
    settings = settings_of("pixel-shuffle", bias=bias)
    layer = offered("pixel-shuffle").layer(3, 2, scale, settings).double()
    weights = {key: values[:: scale**2] for key, values in offered("pixel-shuffle").weights(layer).items()}
    x, _ = picture("pixel-shuffle", scale, (5, 6))
    small = conv2d(x, weights["convolution.weight"], weights.get("convolution.bias"), padding=1)
    assert np.ptp(small) > 0.1
    np.testing.assert_allclose(run(layer, x), resize(small, scale_factor=scale), rtol=1e-12, atol=1e-14)


def test_without_icnr_the_kernels_of_a_block_start_apart():
    layer = offered("pixel-shuffle").layer(3, 2, 2, settings_of("pixel-shuffle", icnr=False))
    weight = layer.convolution.weight.detach()
    assert (weight[0] != weight[1]).all()


@few
@given(st.integers(0, 999), st.integers(2, 4), st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_U09_unpool_is_torchs_max_unpool(seed, scale, height, width, many_ties):
    x = torch.rand((2, 3, scale * height, scale * width), generator=torch.Generator().manual_seed(seed))
    x = (2 * x).round() if many_ties else x
    values, indices = functional.max_pool2d(x, scale, return_indices=True)
    ours = offered("unpool").layer(3, 3, scale)(values, indices)
    assert torch.equal(ours, functional.max_unpool2d(values, indices, scale))


@few
@given(st.integers(0, 999), st.integers(2, 4), st.integers(1, 5), st.integers(1, 5))
def test_the_pool_for_export_is_the_pool_for_training(seed, scale, height, width):
    generator = torch.Generator().manual_seed(seed)
    x = (3 * torch.rand((2, 3, scale * height, scale * width), generator=generator)).round()
    for pool in (max_pool, _compared_pool):
        values, places = pool(x, scale)
        expected = functional.max_pool2d(x, scale, return_indices=True)
        assert torch.equal(values, expected[0])
        assert torch.equal(places, expected[1])


def test_a_picture_that_cannot_be_unpooled_is_not_pooled():
    with pytest.raises(WrongUse, match="x is 5×4; to be unpooled, both sides must be multiples of 2"):
        max_pool(torch.zeros(1, 1, 5, 4), 2)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("extra", [0, 1, 2, 3, 4])
def test_U12_any_kernel_gives_exactly_scale_times_the_size(scale, extra):
    layer = offered("transposed").layer(1, 1, scale, settings_of("transposed", kernel=scale + extra))
    for size in [(1, 1), (5, 8), (64, 3)]:
        assert layer(torch.zeros(1, 1, *size)).shape[2:] == (scale * size[0], scale * size[1])


def test_U11_transposed_is_torchs_layer_with_the_lectures_cuts():
    """Kernel 3: padding 1 and output padding 1. Kernel 4: padding 1. Kernel 2: none."""
    for kernel, padding, extra in [(3, 1, 1), (4, 1, 0), (2, 0, 0)]:
        own = offered("transposed").layer(2, 3, 2, settings_of("transposed", kernel=kernel)).convolution
        assert (own.kernel_size[0], own.padding[0], own.output_padding[0]) == (kernel, padding, extra)


def test_a_kernel_smaller_than_the_scale_is_refused_because_of_holes():
    for name in ("transposed", "checkerboard-free"):
        reason = offered(name).fits(4, 4, 3, settings_of(name, kernel=2))
        assert reason == "A kernel of 2 leaves gaps at scale 3; it must be at least 3."


def flatness(kernel, scale):
    """How uneven a flat area comes out of a transposed convolution, away from the border."""
    settings = settings_of("transposed", kernel=kernel.shape[-1], bias=False)
    large = offered("transposed").reference(np.ones((1, 1, 9, 9)), {"convolution.weight": kernel}, scale, settings)
    inner = large[:, :, 4 * scale : -4 * scale, 4 * scale : -4 * scale]
    return np.ptp(inner)


def test_A03_a_kernel_that_the_stride_divides_is_neither_necessary_nor_sufficient():
    ones, rng = np.ones((1, 1, 4, 4)), np.random.default_rng(0)
    assert flatness(ones, 2) == 0  # kernel 4, untrained: even
    assert flatness(ones[..., :3, :3], 2) == 3  # kernel 3, untrained: 4 overlap here, 1 there
    assert flatness(rng.normal(size=(1, 1, 4, 4)), 2) > 0.1  # kernel 4 with any weights: not sufficient
    assert (
        flatness(equalize_phases(rng.normal(size=(1, 1, 3, 3)), 2), 2) < 1e-12
    )  # kernel 3 with even phases: not necessary


@pytest.mark.parametrize(("scale", "kernel"), [(2, 3), (2, 4), (2, 5), (3, 4), (3, 6), (4, 6)])
@pytest.mark.parametrize("optimiser", [torch.optim.AdamW, torch.optim.SGD, torch.optim.RMSprop])
def test_A04_the_phases_are_even_after_every_step_of_any_optimiser(scale, kernel, optimiser):
    torch.manual_seed(1)
    layer = offered("checkerboard-free").layer(3, 2, scale, settings_of("checkerboard-free", kernel=kernel)).double()
    steps, start = optimiser(layer.parameters(), lr=0.1), layer.convolution.weight.detach().clone()
    for _ in range(20):
        x, y = torch.randn(2, 3, 4, 5).double(), torch.randn(2, 2, 4 * scale, 5 * scale).double()
        steps.zero_grad()
        (layer(x) - y).square().mean().backward()
        steps.step()
        in_use = layer.kernel().detach().numpy()
        sums = phase_sums(in_use, scale)
        assert np.ptp(sums, axis=(2, 3)).max() < 1e-12
        flat = layer(torch.ones(1, 3, 3, 4).double()).detach()
        assert (flat.amax((2, 3)) - flat.amin((2, 3))).max() < 1e-12
    assert (layer.convolution.weight - start).abs().min() > 1e-6
    assert np.ptp(sums) > 0.01


@few
@given(st.integers(0, 999), st.integers(2, 4), st.integers(0, 4))
def test_A04_making_phases_even_moves_what_is_even_not_at_all(seed, scale, extra):
    kernel = np.random.default_rng(seed).normal(size=(2, 3, scale + extra, scale + extra))
    once = equalize_phases(kernel, scale)
    sums = phase_sums(once, scale)
    np.testing.assert_allclose(sums, phase_sums(kernel, scale).mean((2, 3), keepdims=True) + 0 * sums, atol=1e-12)
    np.testing.assert_allclose(equalize_phases(once, scale), once, atol=1e-12)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("method", ["nearest", "bilinear"])
def test_U15_resize_convolution_is_a_checkerboard_free_transposed_convolution(scale, method):
    """Up to the border, because both repeat it; its composed kernel has even phases already."""
    settings = settings_of("resize-conv", method=method)
    layer = random_layer("resize-conv", scale, settings)
    x, _ = picture("resize-conv", scale, (5, 7))
    weights = offered("resize-conv").weights(layer)
    kernel = resize_convolution_kernel(weights["convolution.weight"], scale, method)
    np.testing.assert_allclose(equalize_phases(kernel, scale), kernel, atol=1e-12)

    composed = weights | {"convolution.weight": kernel}
    chosen = settings_of("checkerboard-free", kernel=kernel.shape[-1])
    found = offered("checkerboard-free").reference(x, composed, scale, chosen)
    np.testing.assert_allclose(found, run(layer, x), rtol=1e-10, atol=1e-12)


def test_A04_a_trained_transposed_convolution_becomes_checkerboard_free_with_its_own_weights():
    trained = random_layer("transposed", 2, settings_of("transposed"))
    mended = offered("checkerboard-free").layer(3, 2, 2).double()
    mended.load_state_dict(trained.state_dict())
    flat = torch.ones(1, 3, 6, 6).double()
    inner = (slice(None), slice(None), slice(2, -2), slice(2, -2))
    before, after = trained(flat)[inner].detach(), mended(flat)[inner].detach()
    assert (before.amax((2, 3)) - before.amin((2, 3))).min() > 0.1
    np.testing.assert_allclose(before.mean((2, 3)), after.mean((2, 3)), rtol=1e-12)
    np.testing.assert_allclose(after.amax((2, 3)), after.amin((2, 3)), rtol=1e-12)
