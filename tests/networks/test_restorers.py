"""What the networks promise that add detail to the picture."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from repix import registry
from repix.errors import WrongUse
from repix.networks import compact, super_resolution
from repix.networks.compact import reparameterized
from repix.networks.efficient_unet import EfficientUnet
from tests.networks.measuring import ADDING, picture
from tests.networks.variants import LABELS, VARIANTS

RESTORING = tuple(name for name in ADDING if name != "sft")  # it takes a map besides the picture: test_sft.py


def silenced(module: nn.Module) -> nn.Module:
    with torch.no_grad():
        for p in module.parameters():
            p.zero_()
    return module.eval()


@pytest.mark.parametrize("name", RESTORING)
def test_without_detail_the_picture_comes_out_enlarged(name):
    network = registry.get("networks", name)
    side = 2 * network.step(network.small)
    x = picture(3, side, side)
    larger = nn.functional.interpolate(x, scale_factor=float(network.scale(network.small)), mode="bilinear")
    torch.testing.assert_close(silenced(network.module(network.small))(x), larger)


def adding(network, config):
    return network.name in ADDING and getattr(config, "global_residual", True)


STARTING = [pytest.param(n, c, id=label) for (n, c), label in zip(VARIANTS, LABELS, strict=True) if adding(n, c)]


@pytest.mark.parametrize(("network", "config"), STARTING)
def test_training_begins_near_the_picture_itself(network, config):
    """More than 35 dB near, but not at it: somewhere the detail must begin to grow."""
    torch.manual_seed(1)
    module = network.module(config).train()
    x = picture(config.in_channels, 24, 24, count=2)
    x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    off = (module(x) - silenced(copy.deepcopy(module))(x)).square().mean().sqrt()
    assert 1e-5 < off < 10 ** (-35 / 20)


@pytest.mark.parametrize("name", RESTORING)
def test_a_gray_picture_is_the_start_of_every_color(name):
    network = registry.get("networks", name)
    config = replace(network.small, in_channels=1)
    side = 2 * network.step(config)
    y = silenced(network.module(config))(picture(1, side, side))
    assert torch.equal(y[:, 0], y[:, 2])
    assert "the picture is added to the result" in network.fits(replace(network.small, in_channels=2))


@pytest.mark.parametrize("name", RESTORING)
def test_the_last_sum_has_32_bits_in_bfloat16(name):
    network = registry.get("networks", name)
    module = silenced(network.module(replace(network.small, **({"scale": 1} if name == "compact" else {}))))
    x = picture(3, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        y = module(x)
    assert y.dtype == torch.float32
    if network.scale(network.small) == 1:
        assert torch.equal(y, x)


def test_efficient_unet_follows_the_brightness():
    """No bias anywhere: twice the picture is twice the result."""
    network = registry.get("networks", "efficient-unet")
    torch.manual_seed(0)
    for upsampler in ("transposed kernel=2", "transposed kernel=4 bias=yes", "pixel-shuffle", "resize-conv"):
        module = network.module(replace(network.small, upsampler=upsampler)).eval().double()
        assert isinstance(module, EfficientUnet)
        assert not [name for name, _ in module.named_parameters() if "bias" in name]
        x = picture(3, 16, 16).double()
        torch.testing.assert_close(module(2 * x), 2 * module(x))


LEVEL = [name for name in ADDING if hasattr(registry.get("networks", name).small, "noise_level")]


@pytest.mark.parametrize("name", RESTORING)
def test_a_further_channel_is_refused_unless_it_is_named(name):
    """RGBA has four channels, too."""
    network = registry.get("networks", name)
    config = replace(network.small, in_channels=4)
    said = network.fits(config)
    assert said == (
        "in_channels is 4 and out_channels is 3, but the picture is added to the result; both must be equal, or "
        "in_channels must be 1."
    )
    if name in LEVEL:
        assert network.fits(replace(config, noise_level=True)) is None


@pytest.mark.parametrize("name", LEVEL)
def test_a_noise_level_without_its_channel_is_refused(name):
    network = registry.get("networks", name)
    for channels, out in ((3, 3), (5, 3), (4, 4)):
        config = replace(network.small, in_channels=channels, out_channels=out, noise_level=True)
        assert "in_channels must be 1 more than out_channels, or 2." in network.fits(config)
    with pytest.raises(WrongUse, match="noise_level is true, but in_channels is 1; give one more"):
        replace(network.small, in_channels=1, noise_level=True)


@pytest.mark.parametrize("name", LEVEL)
def test_gray_with_a_noise_level_is_the_start_of_every_color(name):
    network = registry.get("networks", name)
    config = replace(network.small, in_channels=2, noise_level=True)
    side = 2 * network.step(config)
    x = picture(2, side, side)
    y = silenced(network.module(config))(x)
    assert torch.equal(y, silenced(network.module(replace(network.small, in_channels=1)))(x[:, :1]))


@pytest.mark.parametrize("name", LEVEL)
def test_the_picture_is_added_without_the_noise_level(name):
    network = registry.get("networks", name)
    config = replace(network.small, in_channels=4, noise_level=True)
    side = 2 * network.step(config)
    x = picture(4, side, side)
    larger = nn.functional.interpolate(x[:, :3], scale_factor=float(network.scale(config)), mode="bilinear")
    torch.testing.assert_close(silenced(network.module(config))(x), larger)


def with_level():
    """An efficient U-Net that takes a noise level, and a blind one with the same weights."""
    network = registry.get("networks", "efficient-unet")
    torch.manual_seed(0)
    blind = network.module(network.small).eval().double()
    module = network.module(replace(network.small, in_channels=4, noise_level=True)).eval().double()
    missing, unexpected = module.load_state_dict(blind.state_dict(), strict=False)
    assert not unexpected
    assert missing
    assert all("threshold" in name for name in missing)
    return module, blind


def test_efficient_unet_follows_picture_and_noise_level_together():
    module, _ = with_level()
    x = picture(4, 16, 16).double()
    brighter = torch.cat([2 * x[:, :3], x[:, 3:]], 1)
    torch.testing.assert_close(module(2 * x), 2 * module(x))
    assert not torch.allclose(module(brighter), 2 * module(x))


def test_a_level_of_zero_is_the_blind_network():
    module, blind = with_level()
    x = picture(3, 16, 16).double()
    levels = (torch.full((1, 1, 16, 16), level).double() for level in (0, 0.1))
    unknown, known = (module(torch.cat([x, level], 1)) for level in levels)
    torch.testing.assert_close(unknown, blind(x), rtol=0, atol=0)
    assert not torch.allclose(known, blind(x), rtol=0, atol=1e-9)


def test_efficient_unet_has_the_published_size():
    network = registry.get("networks", "efficient-unet")
    assert round(network.cost().parameters / 1e6, 1) == 2.4
    assert "There are 2 widths but 3 numbers of blocks" in network.fits(network.config(widths=(8, 8)))


def test_D05_dncnn_has_the_published_size():
    """17 convolutions of 64 channels on a gray picture, normalized but for the first and the last."""
    network = registry.get("networks", "dncnn")
    counts = network.cost(network.config(in_channels=1, out_channels=1))
    assert counts.parameters == 9 * 64 + 64 + 15 * (9 * 64 * 64 + 2 * 64) + 9 * 64 + 1
    assert network.halo() == 17


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_narrow_network_gives_the_wide_ones_pictures(scale, channels):
    torch.manual_seed(scale)
    settings = {"in_channels": channels, "scale": scale, "depth": 3, "width": 8}
    wide = compact(**settings).eval()
    x = picture(channels, 9, 7)
    narrow = reparameterized(wide)
    torch.testing.assert_close(narrow(x), wide(x), rtol=0, atol=1e-5)
    assert not narrow.training
    assert narrow.state_dict().keys() == compact(**settings, multi_branch=False).state_dict().keys()


def test_what_enlarges_nothing_has_no_upsampler():
    network = registry.get("networks", "compact")
    reason = network.fits(replace(network.small, scale=1, upsampler="nearest"))
    assert reason == "upsampler is 'nearest', but scale is 1; leave one of them out."
    assert network.fits(replace(network.small, scale=1)) is None


@pytest.mark.parametrize("name", ["compact", "super-resolution"])
def test_an_empty_upsampler_is_not_taken_for_none(name):
    network = registry.get("networks", name)
    assert "The upsampler is empty" in network.fits(replace(network.small, upsampler=""))


def test_narrow_is_smaller_and_wide_costs_no_more():
    network = registry.get("networks", "compact")
    wide, narrow = network.cost(), network.cost(network.config(multi_branch=False))
    assert narrow.parameters < wide.parameters / 2
    assert narrow.macs == wide.macs  # the kernels are added first


def test_only_a_wide_network_can_be_narrowed():
    with pytest.raises(WrongUse, match="multi_branch=True"):
        reparameterized(compact(multi_branch=False, depth=1, width=4))
    with pytest.raises(WrongUse, match="multi_branch=True"):
        reparameterized(nn.Identity())


def parameters_of(**settings) -> int:
    return sum(p.numel() for p in super_resolution(depth=2, width=8, **settings).parameters())


def test_R04_recursion_has_depth_without_weights():
    assert parameters_of(block="recursive") < parameters_of(block="residual")


def test_R04_groups_have_a_quarter_of_the_weights():
    per_block = 2 * (9 * 8 * 8 // 4 + 8) + 8 * 8 + 8
    without = parameters_of(block="residual") - 2 * 2 * (9 * 8 * 8 + 8)
    assert parameters_of(block="group") == without + 2 * per_block
    network = registry.get("networks", "super-resolution")
    assert "must be a multiple of" in network.fits(replace(network.small, block="group", width=6))


def test_R04_paths_of_a_scale_stay_apart_and_the_rest_is_shared():
    twofold = super_resolution(block="scale-multi-path", scale=2, depth=2, width=8)
    threefold = super_resolution(block="scale-multi-path", scale=3, depth=2, width=8)
    fitting = {n: v for n, v in twofold.state_dict().items() if not n.startswith("enlarge")}
    report = threefold.load_state_dict(fitting, strict=False)
    assert all(".x2." in name for name in report.unexpected_keys)
    assert all(".x3." in name or name.startswith("enlarge") for name in report.missing_keys)
    assert any(".shared." in name for name in fitting)


def test_R03_pre_works_at_full_size_and_post_at_the_small_one():
    network = registry.get("networks", "super-resolution")
    work = {
        framework: network.cost(network.config(framework=framework, scale=4)).macs
        for framework in ("pre", "post", "progressive", "iterative")
    }
    assert work["pre"] > 10 * work["post"] / 2
    assert work["post"] < work["progressive"] < work["pre"]


def test_R03_progressive_refines_in_steps_and_iterative_goes_to_and_fro():
    progressive = super_resolution(framework="progressive", scale=4, depth=1, width=4)
    assert len(progressive.enlarge) == 2
    iterative = super_resolution(framework="iterative", scale=4, depth=3, width=4)
    assert (len(iterative.up), len(iterative.down)) == (3, 2)
