"""Networks with other upsamplers: kept weights, exact ones, fitted ones, and new ones where nothing else works."""

import numpy as np
import pytest
import torch

from repix import networks, registry
from repix.comparison.least_squares import RIDGE, explained
from repix.comparison.swapped_network import converted, upsamplers_in
from repix.networks import with_upsampler

SMALL = {
    "super-resolution": {"width": 6, "depth": 1},
    "unet": {"widths": (4, 6), "norm": "batch"},
    "picture-unet": {"widths": (4, 6, 8)},
    "channel-mixer": {"width": 6},
    "encoder-decoder": {"widths": (4, 6), "norm": "none"},
}


def textures(count, side=32, seed=0):
    """Smooth noise: there is something to fit, and neighbors are alike."""
    few = torch.rand(count, 3, side // 2, side // 2, generator=torch.Generator().manual_seed(seed))
    return list(torch.nn.functional.interpolate(few, scale_factor=2, mode="bilinear")[:, None])


def swapped(name, old, new, side=32, **settings):
    """The old network, the new one with random weights, as converted, and the origins of its weights."""
    network = registry.get("networks", name)
    config = network.from_dict({**SMALL[name], **settings, "upsampler": old})
    torch.manual_seed(3)
    first = network.module(config)
    with torch.no_grad():
        for values in first.parameters():
            values.add_(0.05 * torch.randn(values.shape))  # no last layer is nearly 0
    torch.manual_seed(4)
    second = network.module(with_upsampler(network, config, new))
    random = {key: one.clone() for key, one in second.state_dict().items()}
    found = converted(first, second, textures(5, side), textures(2, side, seed=9))
    return first, second, random, {one.layer: one for one in found}


def results(module, picture):
    with torch.no_grad():
        return module.eval()(picture).numpy()[0]


@pytest.mark.parametrize("new", ["transposed kernel=4", "pixel-shuffle", "large-kernel-transposed"])
def test_an_exact_swap_keeps_the_function_in_the_interior(new):
    first, second, _, found = swapped("super-resolution", "transposed kernel=3", new)
    assert {name: one.way for name, one in found.items()} == {"enlarge.0": "exact"}
    picture = textures(1, 40, seed=2)[0]
    before, after = (results(module, picture)[:, 8:-8, 8:-8] for module in (first, second))
    np.testing.assert_allclose(before, after, atol=1e-5)


def test_all_layers_besides_the_upsampler_keep_their_weights():
    first, second, _, _ = swapped("super-resolution", "transposed kernel=3", "resize-conv")
    old, new = first.state_dict(), second.state_dict()
    others = [name for name in old if not name.startswith("enlarge.")]
    assert others
    assert all(torch.equal(old[name], new[name]) for name in others)


def test_a_layer_that_cannot_have_the_kernel_gets_the_closest_weights():
    """On another picture than those of the fit, the result is closer than with random weights."""
    first, second, random, found = swapped("super-resolution", "transposed kernel=4", "resize-conv")
    assert found["enlarge.0"].way == "least squares"
    assert 0.05 < found["enlarge.0"].explained < 0.95
    layers = [upsamplers_in(module)["enlarge.0"].module for module in (first, second)]
    x = torch.randn(1, 6, 16, 16, generator=torch.Generator().manual_seed(1))
    assert results(layers[0], x).shape == results(layers[1], x).shape
    kept = dict(second.state_dict())
    picture = textures(1, 40, seed=2)[0]
    truth, good = results(first, picture), results(second, picture)
    second.load_state_dict(kept | {name: one for name, one in random.items() if name.startswith("enlarge")})
    assert explained(truth, good) > explained(truth, results(second, picture))


@pytest.mark.parametrize("new", ["bilinear", "nearest", "bicubic", "dysample", "carafe"])
def test_the_convolution_after_an_upsampler_without_linear_weights_is_fitted(new):
    """The old one mixes channels, which the convolution can do as well: the function stays, for the same interpolation.

    The others interpolate in another way: they come closer than with random weights.
    """
    method = "nearest" if new == "nearest" else "bilinear"
    first, second, random, found = swapped("super-resolution", f"resize-conv kernel=1 method={method}", new)
    way = "no weights" if new in ("bilinear", "nearest", "bicubic") else "new weights"
    assert found["enlarge.0"].way == way
    assert found["tail"].way == "least squares"
    picture = textures(1, 40, seed=2)[0]
    before, after = (results(module, picture)[:, 8:-8, 8:-8] for module in (first, second))
    least = 0.9999 if new in ("bilinear", "nearest", "dysample") else 0.9
    assert explained(before, after) > least
    assert found["tail"].explained > least
    if new == method:  # up to the penalty on weights, which is RIDGE of the variance
        assert 1 - explained(before, after) < 10 * RIDGE
    kept = [name for name in first.state_dict() if not name.startswith(("enlarge.", "tail."))]
    assert all(torch.equal(first.state_dict()[name], second.state_dict()[name]) for name in kept)
    fitted = second.state_dict()
    second.load_state_dict({**fitted, **{name: one for name, one in random.items() if name.startswith("tail.")}})
    assert explained(before, after) > explained(before, results(second, picture)[:, 8:-8, 8:-8])


@pytest.mark.parametrize(
    ("old", "new"), [("nearest", "transposed kernel=4"), ("resize-conv", "nearest"), ("bilinear", "pixel-shuffle")]
)
def test_upsamplers_that_change_the_number_of_channels_are_converted_with_the_convolution_after_them(old, new):
    first, second, random, found = swapped("unet", old, new)
    readers = [name for name in found if "convolutions" in name or name.startswith("last.conv")]
    assert len(readers) == 2
    assert all(found[name].way == "least squares" for name in readers)
    picture = textures(1, 32, seed=2)[0]
    truth, made = results(first, picture), results(second, picture)
    second.load_state_dict(random)
    assert explained(truth, made) > max(0.1, explained(truth, results(second, picture)))


def test_a_network_of_upsamplers_only():
    first, second, _, found = swapped("picture-unet", "transposed kernel=4", "pixel-shuffle", norm="none")
    assert {one.way for one in found.values()} == {"exact"}
    assert len(found) == len(upsamplers_in(first)) == 3
    assert not any(name.startswith("encoder") for name in found)
    assert second.training is False


@pytest.mark.parametrize(
    ("name", "old", "new", "more"),
    [
        ("picture-unet", "transposed kernel=4", "carafe", {}),
        ("channel-mixer", "corner-aligned", "transposed kernel=4", {"in_channels": 3, "out_channels": 3}),
    ],
)
def test_what_cannot_be_converted_is_said(name, old, new, more):
    _, _, _, found = swapped(name, old, new, **more)
    assert {one.way for one in found.values()} <= {"new weights", "no weights"}
    assert found
    assert all("%" not in str(one) for one in found.values())


def test_unpooling_takes_the_indices_of_the_new_network():
    _, second, _, found = swapped("encoder-decoder", "nearest", "unpool")
    assert [one.way for one in found.values()] == ["no weights", "least squares"] * 2
    assert results(second, textures(1, 32)[0]).shape == (3, 32, 32)


def test_the_sentences():
    _, _, _, found = swapped("super-resolution", "transposed kernel=4", "bilinear")
    assert str(found["enlarge.0"]) == "enlarge.0: it has no weights"
    assert str(found["tail"]).startswith("tail: least squares, explains ")
    assert str(found["tail"]).endswith("% of the old layer's variance")


def test_tiny_pictures_leave_new_weights_where_nothing_can_be_fitted():
    """At the lowest level there is one pixel: a window of three by three does not fit into it."""
    _, _, _, found = swapped("unet", "nearest", "transposed kernel=4", side=4)
    assert found["decoder.0.enlarge"].way in ("exact", "new weights")
    assert found["decoder.0.convolutions.0.0.weight"].way == "new weights"


def test_upsamplers_are_found_by_their_names():
    found = upsamplers_in(networks.unet(widths=(4, 8), upsampler="transposed kernel=2"))
    assert [(name, place.upsampler.name, place.spec.settings.kernel) for name, place in found.items()] == [
        ("decoder.0.enlarge", "transposed", 2),
        ("last.enlarge", "transposed", 2),
    ]
