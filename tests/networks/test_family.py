"""What every network must do, found by name: a new file falls under this by existing."""

import copy
import inspect
import json
import tomllib
from dataclasses import fields, is_dataclass, replace

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from repix import networks, registry
from repix.conversion.model_file import read_model
from repix.errors import RepixError, WrongShape, WrongUse
from repix.models import catalog
from repix.networks import Network
from repix.networks._measured_halo import nan_spread
from repix.parameters import is_several, parameters
from repix.side_inputs import CHOSEN
from tests.networks.measuring import ADDING, by_tiles, picture, prepared
from tests.networks.variants import (
    FITTING,
    FITTING_LABELS,
    LABELS,
    NAMES,
    REASONS,
    SWAPPED,
    SWAPPED_LABELS,
    VARIANTS,
    offered,
)

every_variant = pytest.mark.parametrize(("network", "config"), VARIANTS, ids=LABELS)
every_fitting = pytest.mark.parametrize(("network", "config"), FITTING, ids=FITTING_LABELS)


def sizes(network: Network, config) -> list[tuple[int, int]]:
    """Several multiples of the step, or the only size."""
    fixed, step = network.fixed(config), network.step(config)
    return [(fixed, fixed)] if fixed else [(step, step), (3 * step, 2 * step), (step, 5 * step)]


@every_variant
def test_sizes_come_out_as_declared(network, config):
    module, scale = prepared(network, config), network.scale(config)
    for height, width in sizes(network, config):
        y = module(picture(config.in_channels, height, width, count=2))
        assert y.shape == (2, config.out_channels, scale * height, scale * width)
        assert torch.isfinite(y).all()


@every_variant
def test_other_sizes_are_refused_with_the_size_to_pad_to(network, config):
    module, step = prepared(network, config), network.step(config)
    side = network.fixed(config) or 2 * step
    for height, width in [(side + 1, side), (side, side + step - 1), (side, 0)]:
        if height % step == width % step == 0 and width and not network.fixed(config):
            assert step == 1
            continue
        with pytest.raises(WrongShape, match=f"was given {height}×{width}") as caught:
            module(torch.zeros(1, config.in_channels, height, width))
        assert str(caught.value).startswith(network.name)
    with pytest.raises(WrongShape, match=f"of {config.in_channels} channels, but was given {config.in_channels + 1}"):
        module(torch.zeros(1, config.in_channels + 1, side, side))
    with pytest.raises(WrongShape, match="N×C×H×W"):
        module(torch.zeros(config.in_channels, side, side))


def held_to_halo(network, config) -> None:
    halo = network.halo(config)
    measured = network.measured_halo(prepared(network, config), config)
    assert measured <= halo
    assert halo <= 1.5 * measured + 2, "declared much farther than it sees"


def has_no_halo(network, config) -> None:
    """The larger the picture, the farther a pixel is seen; or what is seen moves otherwise than the picture does."""
    module = prepared(network, config)
    step, scale, fixed = network.step(config), network.scale(config), network.fixed(config)
    if fixed:
        assert nan_spread(module, config.in_channels, scale, fixed, fixed, 0) == fixed - 1
        return
    near, far = (
        nan_spread(module, config.in_channels, scale, blocks * step, 2 * step, (blocks // 2) * step)
        for blocks in (8, 24)
    )
    x = picture(config.in_channels, 2 * step, 24 * step)
    moved = module(x.roll(step, 3)) - module(x).roll(scale * step, 3)
    assert far > 2 * near or moved[..., moved.shape[-1] // 2].abs().max() > 1e-4


@every_variant
def test_nothing_is_seen_beyond_the_halo(network, config):
    if network.halo(config) is None:
        has_no_halo(network, config)
    else:
        held_to_halo(network, config)


@every_fitting
def test_nothing_is_seen_beyond_the_halo_with_any_upsampler(network, config):
    if network.halo(config) is None:
        has_no_halo(network, config)
    else:
        held_to_halo(network, config)


TILED = [pytest.param(n, c, id=label) for (n, c), label in zip(VARIANTS, LABELS, strict=True) if n.halo(c) is not None]


@pytest.mark.parametrize(("network", "config"), TILED)
def test_tiles_grown_by_the_halo_equal_the_whole(network, config):
    """Three tiles in a row, lying and standing: one has both ends cut off, the others one."""
    step, halo, scale = network.step(config), network.halo(config), network.scale(config)
    module = prepared(network, config)
    tile = -(-halo // step) * step + step
    for height, width in ((2 * step, 3 * tile), (3 * tile, 2 * step)):
        x = picture(config.in_channels, height, width)
        with torch.no_grad():
            torch.testing.assert_close(by_tiles(module, x, tile, step, halo, scale), module(x), rtol=0, atol=1e-5)


def test_tiles_in_both_directions_equal_the_whole():
    network = offered("unet")
    module, step, halo = prepared(network, network.small), network.step(network.small), network.halo(network.small)
    x = picture(3, 9 * step, 11 * step)
    with torch.no_grad():
        torch.testing.assert_close(by_tiles(module, x, 2 * step, step, halo, 1), module(x), rtol=0, atol=1e-5)


def test_the_tiles_differ_where_the_halo_is_too_small():
    """The helper can fail."""
    network = offered("wide-kernel")
    module = prepared(network, network.small)
    x = picture(3, 24, 24)
    halo = network.halo(network.small)
    assert torch.allclose(by_tiles(module, x, 8, 1, halo, 1), module(x), atol=1e-5)
    assert not torch.allclose(by_tiles(module, x, 8, 1, halo - 1, 1), module(x), atol=1e-5)


REFUSED_OR_NOT = [(*swapped, reason) for swapped, reason in zip(SWAPPED, REASONS, strict=True)]


@pytest.mark.parametrize(("network", "config", "reason"), REFUSED_OR_NOT, ids=SWAPPED_LABELS)
def test_every_upsampler_works_or_is_refused_with_the_reason(network, config, reason):
    if reason is None:
        step = network.step(config)
        y = prepared(network, config)(picture(config.in_channels, 2 * step, 3 * step))
        scale = network.scale(network.small)
        assert y.shape == (1, config.out_channels, 2 * step * scale, 3 * step * scale)
    else:
        assert config.upsampler.split()[0] in reason
        assert reason.endswith(".")
        with pytest.raises(WrongUse) as caught:
            network.module(config)
        assert str(caught.value) == reason


def test_some_upsampler_learns_and_some_does_not_in_the_swapped_networks():
    assert len(FITTING) > 60
    assert len(SWAPPED) - len(FITTING) > 15


@every_variant
def test_gradients_reach_every_parameter(network, config):
    """From some start at least: a ReLU over two channels may be closed from another."""
    side = max(network.fixed(config) or 2 * network.step(config), 2)
    missed = set(dict(network.module(config).named_parameters()))
    for seed in range(20):
        torch.manual_seed(seed)
        module = network.module(config).train()
        x = torch.rand(2, config.in_channels, side, side)
        if network.chooses(config):
            x[1, -1] = CHOSEN
        y = module(x)
        (y * torch.randn_like(y)).sum().backward()
        missed -= {name for name, p in module.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
        if not missed:
            break
    assert not missed


@every_variant
def test_the_same_picture_gives_the_same_result_and_stays_as_it_was(network, config):
    module = prepared(network, config)
    x = picture(config.in_channels, *sizes(network, config)[0])
    before = x.clone()
    with torch.no_grad():
        first, second = module(x), copy.deepcopy(module)(x)
    assert torch.equal(first, second)
    assert torch.equal(x, before)


@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_make_a_network_and_are_counted(name):
    network = offered(name)
    assert network.fits(network.config()) is None
    counts = network.cost(network.small)
    assert counts.parameters == sum(p.numel() for p in network.module(network.small).parameters())
    assert counts.macs > 0
    assert network.cost().parameters > counts.parameters


@every_variant
def test_settings_travel_as_toml_and_json(network, config):
    plain = config.to_dict()
    assert network.from_dict(plain) == config
    assert network.from_dict(json.loads(json.dumps(plain))) == config
    toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in plain.items())
    assert network.from_dict(tomllib.loads(toml)) == config
    assert None not in plain.values()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_out_has_its_default_and_what_is_unknown_is_refused(name):
    network = offered(name)
    assert is_dataclass(network.config)
    assert network.from_dict({}) == network.config()
    with pytest.raises(WrongUse, match=f"{name} has no setting 'no_such'"):
        network.from_dict({"no_such": 1})
    with pytest.raises(WrongUse, match="needs its own Config"):
        network.step(object())


NORMED = [name for name in NAMES if "norm" in parameters(offered(name).config)]
SIGNALS = [("fcn", {}), ("fcn", {"variant": "32s"})]
ALL_OF_IT = {"efficient-unet": {"global_residual": False}}
"""Detail that is added to the picture starts out faint, and what hears of it too."""
SIGNALS += [(name, {"norm": norm} | ALL_OF_IT.get(name, {})) for name in NORMED for norm in ("batch", "none")]


@pytest.mark.parametrize(("name", "settings"), SIGNALS, ids=str)
def test_a_picture_is_heard_at_the_end_and_the_loss_at_the_beginning(name, settings):
    """In the full depth, with narrower layers. With torch's own start both fade where nothing normalizes."""
    network = offered(name)
    levels = len(getattr(network.config(), "widths", ()))
    narrow = {"widths": (16, 16, 32, 64, 64)[:levels], "width": 16, "head": 64, "size": 64}
    known = parameters(network.config)
    config = replace(network.config(), **{key: narrow[key] for key in narrow.keys() & known.keys()}, **settings)
    torch.manual_seed(2)
    module = network.module(config).train()
    x = nn.functional.interpolate(picture(3, 8, 8, count=2), size=(64, 64), mode="bilinear")
    y = module(x)
    (y - 0.5).square().mean().backward()
    slopes = [p.grad.norm() / p.norm() for p in module.parameters() if p.ndim > 1][:-1]
    assert min(slopes) > 1e-3 * max(slopes)
    assert name in ADDING or y.std((2, 3)).mean() > 0.01


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_described_and_held_to_its_range(name):
    network = offered(name)
    described = parameters(network.config)
    assert list(described) == [field.name for field in fields(network.config)]
    assert {"in_channels", "out_channels"} <= set(described)
    for key, parameter in described.items():
        assert parameter.help.endswith(".")
        for wrong in (-1, float("nan"), "no such", (), (0,), [0], [3], {"a": 3}):
            if wrong == parameter.default:  # what is left out is chosen by the network
                continue
            if wrong == [3] and is_several(parameter.kind):  # the tuple (3,), as JSON writes it
                continue
            with pytest.raises(RepixError, match=key):
                network.module(replace(network.config(), **{key: wrong}))
    if "upsampler" in described:  # a text until the network is made
        assert "no-such" in network.fits(replace(network.config(), upsampler="no-such"))


def shapes(module) -> dict[str, torch.Size]:
    return {name: values.shape for name, values in module.state_dict().items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_packages_function_builds_it(name):
    network = offered(name)
    build = getattr(networks, name.replace("-", "_"))
    settings = {field.name: getattr(network.small, field.name) for field in fields(network.small)}
    module, expected = build(**settings), network.module(network.small)
    assert type(module) is type(expected)
    assert {k: v.shape for k, v in module.state_dict().items()} == {
        k: v.shape for k, v in expected.state_dict().items()
    }
    with pytest.raises(WrongUse, match="needs its own Config"):
        network.module(object())


@pytest.mark.parametrize("name", NAMES)
def test_the_packages_function_has_the_settings_as_parameters(name):
    network, build = offered(name), getattr(networks, name.replace("-", "_"))
    found = inspect.signature(build).parameters
    assert {key: one.default for key, one in found.items()} == {
        field.name: field.default for field in fields(network.config)
    }
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in found.values())
    first = next(iter(found))
    with pytest.raises(WrongUse, match=rf"has no parameter '{first}q'; did you mean '{first}'\?"):
        build(**{f"{first}q": 1})
    with pytest.raises(WrongUse, match="too many positional arguments; its parameters are"):
        build(network.small)
    with pytest.raises(WrongUse, match="in_channels is 0"):
        build(in_channels=0)


def test_no_network_is_another_ones_child():
    for name in NAMES:
        module = offered(name).module(offered(name).small)
        assert type(module).__bases__ == (nn.Module,)


def test_a_network_without_upsampler_says_so():
    network = registry.get("networks", "dncnn")
    with pytest.raises(WrongUse, match="has no upsampler to replace"):
        networks.with_upsampler(network, network.small, "nearest")


def test_bundled_models_are_read():
    for bundled in catalog().values():
        contract = read_model(bundled.path).contract
        offered(contract.network).from_dict(contract.network_settings)


@pytest.mark.parametrize("name", NAMES)
def test_work_is_counted_as_by_torch(name):
    """Of one more picture in a batch: kernels that are merged once for all pictures are no work of a pixel.

    With one patch size: a batch is divided among several, and a single picture goes through all of them.
    """
    network = offered(name)
    settings = {"efficient-unet": {"conditioned": True}, "unetmer": {"patch_sides": (8,)}}
    config = replace(network.small, **settings.get(name, {}))
    size = network.usual_side(config)
    with torch.device("meta"):
        module = network.module(config).train()
        pictures = [torch.zeros(count, config.in_channels, size, size) for count in (1, 2)]
    flops = []
    for picture_or_two in pictures:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            module(picture_or_two)
        flops.append(counter.get_total_flops())
    assert network.cost(config).macs == round((flops[1] - flops[0]) / 2 / size**2)
