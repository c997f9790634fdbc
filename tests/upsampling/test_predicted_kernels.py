"""CARAFE, DySample and the large-kernel transposed convolution: the published formulas, and how they start."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from repix import upsampling

from .cases import offered, random_layer, run


def noise(channels, height=6, width=7):
    return torch.from_numpy(np.random.default_rng(4).normal(size=(2, channels, height, width)))


@pytest.mark.parametrize(("name", "settings"), [("carafe", {}), ("dysample", {"scope": "dynamic"})])
@pytest.mark.parametrize("channels", [(8, 8), (6, 4), (3, 5)], ids=str)
def test_as_many_channels_need_no_projection(name, settings, channels):
    upsampler = offered(name)
    chosen = upsampler.settings(**settings)
    torch.manual_seed(0)
    layer = upsampler.layer(*channels, 2, chosen).double()
    assert ("projection.weight" in layer.state_dict()) == (channels[0] != channels[1])
    x = noise(channels[0]).numpy()
    expected = upsampler.reference(x, upsampler.weights(layer), 2, chosen)
    np.testing.assert_allclose(run(layer, x), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["carafe", "dysample"])
def test_a_missing_weight_is_named_with_the_two_lists(name):
    upsampler = offered(name)
    weights = upsampler.weights(upsampler.layer(4, 4, 2))
    weights.pop(next(iter(weights)))
    with pytest.raises(Exception, match=rf"{name} needs the weights .* or .*, projection.weight.*, but was given"):
        upsampler.reference(noise(4).numpy(), weights, 2)


@pytest.mark.parametrize("scale", [2, 3])
def test_carafe_is_the_published_formula(scale):
    """Inside the picture; the published one has zeros around it. Its unfold of the enlarged picture, dilated."""
    layer = upsampling.carafe(4, 4, scale=scale, kernel=5).double()
    with torch.no_grad():
        for values in layer.parameters():
            values.copy_(torch.randn(values.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1)))
    x = noise(4, 8, 9)
    height, width = 8 * scale, 9 * scale
    weights = functional.pixel_shuffle(layer.encode(layer.compress(x)), scale).softmax(1)
    large = functional.interpolate(x, scale_factor=scale)
    around = functional.unfold(large, 5, dilation=scale, padding=2 * scale).reshape(2, 4, 25, height, width)
    expected = torch.einsum("nkhw,nckhw->nchw", weights, around)
    inner = (..., slice(2 * scale, -2 * scale), slice(2 * scale, -2 * scale))
    torch.testing.assert_close(layer(x)[inner], expected[inner], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_carafe_starts_near_bilinear_and_dysample_as_bilinear(scale):
    torch.manual_seed(0)
    x = torch.rand(1, 8, 12, 12)
    bilinear = upsampling.bilinear(8, scale=scale)(x)
    for name, least in (("carafe", 25), ("dysample", 50)):
        with torch.no_grad():
            error = (getattr(upsampling, name)(8, 8, scale=scale)(x) - bilinear).square().mean()
        assert -10 * torch.log10(error) > least


def published_points(layer, x, scale, groups, dynamic):
    """The published sampling grid, (x, y) from -1 to 1, with the tanh that limits the shifts."""
    n, _, height, width = x.shape
    half = torch.arange((1 - scale) / 2, (scale - 1) / 2 + 1, dtype=x.dtype) / scale
    start = torch.stack(torch.meshgrid([half, half], indexing="ij")).transpose(1, 2)
    start = start.repeat(1, groups, 1).reshape(1, -1, 1, 1)
    reach = layer.scope(x).sigmoid() * 0.5 if dynamic else 0.25
    shift = (layer.offset(x).tanh() * reach + start).view(n, 2, -1, height, width)
    columns, rows = torch.arange(width, dtype=x.dtype) + 0.5, torch.arange(height, dtype=x.dtype) + 0.5
    own = torch.stack(torch.meshgrid([columns, rows], indexing="ij")).transpose(1, 2)[None, :, None]
    points = 2 * (own + shift) / torch.tensor([width, height], dtype=x.dtype).view(1, 2, 1, 1, 1) - 1
    large = functional.pixel_shuffle(points.reshape(n, -1, height, width), scale)
    return large.view(n, 2, -1, scale * height, scale * width).permute(0, 2, 3, 4, 1).flatten(0, 1)


@pytest.mark.parametrize("scope", ["static", "dynamic"])
@pytest.mark.parametrize("scale", [2, 3])
def test_dysample_is_the_published_formula_with_limited_shifts(scope, scale):
    layer = upsampling.dysample(8, 8, scale=scale, scope=scope).double()
    with torch.no_grad():
        for values in layer.parameters():
            values.copy_(torch.randn(values.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2)))
    x = noise(8)
    points = published_points(layer, x, scale, 4, scope == "dynamic")
    split = x.reshape(8, 2, *x.shape[2:])
    expected = functional.grid_sample(split, points, padding_mode="border", align_corners=False)
    torch.testing.assert_close(layer(x), expected.reshape(2, 8, scale * 6, scale * 7), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("scope", ["static", "dynamic"])
def test_no_prediction_moves_a_point_of_dysample_beyond_its_neighbors(scope):
    """So the halo holds for any weights and any picture: predictions of ±1000 at most reach the next pixel."""
    layer = upsampling.dysample(1, 1, scale=4, scope=scope, groups=1).double()
    with torch.no_grad():
        for values in layer.parameters():
            values.copy_(1000 * torch.sign(torch.randn(values.shape, dtype=torch.float64)))
    x = torch.rand(1, 1, 9, 9, dtype=torch.float64)
    other = x.clone()
    other[..., 4, 4] += 1
    changed = (layer(x) != layer(other))[0, 0].nonzero()
    assert changed.min() >= 3 * 4
    assert changed.max() < 6 * 4


def test_the_groups_of_dysample_divide_the_channels():
    counts = {channels: upsampling.dysample(12, channels).offset.out_channels // 8 for channels in (1, 2, 3, 5, 6, 8)}
    assert counts == {1: 1, 2: 2, 3: 3, 5: 1, 6: 3, 8: 4}


@pytest.mark.parametrize(("kernel", "parallel", "scale"), [(7, 3, 2), (11, 3, 2), (8, 3, 3), (7, 2, 4), (5, 5, 2)])
def test_the_large_kernel_and_the_parallel_one_are_two_added_layers(kernel, parallel, scale):
    layer = upsampling.large_kernel_transposed(3, 2, scale=scale, kernel=kernel, parallel=parallel).double()
    x = noise(3)
    expected = layer.convolution(x) + layer.parallel(x)
    assert expected.shape[2:] == (scale * 6, scale * 7)
    torch.testing.assert_close(layer(x), expected, rtol=1e-10, atol=1e-12)


def test_the_kernel_is_as_large_as_the_scale_and_as_the_parallel_one():
    def reason(**settings):
        upsampler = offered("large-kernel-transposed")
        return upsampler.fits(4, 4, 3, upsampler.settings(**settings))

    assert reason(kernel=2) == "A kernel of 2 leaves gaps at scale 3; it must be at least 3."
    assert reason(kernel=3, parallel=5) == "The parallel kernel, 5, is larger than the kernel, 3; swap them."
    assert reason(kernel=5, parallel=1) is None


@pytest.mark.parametrize("name", ["carafe", "dysample", "large-kernel-transposed"])
def test_it_learns_an_enlargement_from_a_few_pictures(name):
    """Shifted pictures: bilinear enlargement alone cannot be right, so weights must move."""
    torch.manual_seed(0)
    large = functional.interpolate(torch.rand(8, 4, 5, 5), scale_factor=8, mode="bicubic")
    target = large.roll((1, 1), (2, 3))
    small = functional.avg_pool2d(large, 2)
    layer = offered(name).layer(4, 4, 2)
    optimizer = torch.optim.Adam(layer.parameters(), 0.02)
    losses = []
    for _ in range(80):
        optimizer.zero_grad()
        loss = (layer(small) - target)[..., 4:-4, 4:-4].square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3


@pytest.mark.parametrize("name", ["carafe", "dysample", "large-kernel-transposed"])
def test_weights_in_a_state_dict_come_back(name):
    first, second = random_layer(name, 2, None), random_layer(name, 2, None)
    with torch.no_grad():
        for values in second.parameters():
            values.zero_()
    second.load_state_dict(first.state_dict())
    x = noise(3).numpy()
    np.testing.assert_array_equal(run(first, x), run(second, x))
