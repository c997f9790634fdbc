"""What every network for volumes must do, found by name: sizes, halos, gradients, ONNX = torch, slabs = whole."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from repix import registry
from repix.cli._app import run
from repix.conversion import Budget, open_model
from repix.conversion.slab_plan import plan_slabs
from repix.conversion.slab_runner import SlabRunner
from repix.errors import BrokenPromise, WrongShape, WrongUse
from repix.training import export as exporting
from tests.conversion.test_slabs import reading
from tests.data.drawing import photo, put
from tests.networks.variants import FOR_VOLUMES, offered

SETTINGS = {
    "unet-3d": [
        {},
        {"flat_levels": 0},
        {"flat_levels": 2, "blocks": 2},
        {"flat_levels": 3, "in_channels": 2, "norm": "none"},
        {"widths": (4,)},
    ],
    "transunet-3d": [{}, {"flat_levels": 0}, {"widths": (4,), "tokens": (3, 4, 4)}, {"variant": "paper"}],
}
"""Settings besides the small ones that change what a network is."""
VARIANTS = [
    pytest.param(offered(name), replace(offered(name).small, **settings), id=f"{name}-{settings}")
    for name in FOR_VOLUMES
    for settings in SETTINGS.get(name, [{}])
]
every_variant = pytest.mark.parametrize(("network", "config"), VARIANTS)


def prepared(network, config) -> nn.Module:
    """A module in eval mode as if trained."""
    torch.manual_seed(3)
    module = network.module(config).eval()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm3d):
            part.running_mean.uniform_(-0.1, 0.1)
            part.running_var.uniform_(0.5, 1.5)
    return module


def volume(config, *sides: int, count: int = 1) -> torch.Tensor:
    return torch.rand(count, config.in_channels, *sides, generator=torch.Generator().manual_seed(5))


def balanced(module: nn.Module, config) -> nn.Module:
    """A module of two classes that finds each in half of the voxels of noise."""
    last = [part for part in module.modules() if isinstance(part, nn.Conv3d)][-1]
    with torch.no_grad():
        y = module(volume(config, 8, 32, 32))
        last.bias[1] -= (y[:, 1] - y[:, 0]).median()
    return module


def test_there_are_networks_for_volumes():
    assert {"unet-3d", "transunet-3d"} <= set(FOR_VOLUMES)


@every_variant
def test_sizes_come_out_as_declared_and_others_are_refused(network, config):
    module, step, deep = prepared(network, config), network.step(config), network.third_side(config).step
    for slices, height, width in ((deep, step, step), (3 * deep, 2 * step, 5 * step)):
        y = module(volume(config, slices, height, width, count=2))
        assert y.shape == (2, config.out_channels, slices, height, width)
    for sides in ((deep, step, step + 1), (deep + 1, step, step)):
        if (step, deep)[sides[0] > deep] > 1:
            with pytest.raises(WrongShape, match="multiples of"):
                module(volume(config, *sides))
    with pytest.raises(WrongShape, match="N×C×D×H×W"):
        module(volume(config, step, step))


@every_variant
def test_nothing_is_seen_beyond_the_halo(network, config):
    module, third = prepared(network, config), network.third_side(config)
    for measured, halo in (
        (network.measured_halo(module, config), network.halo(config)),
        (network.measured_slice_halo(module, config), third.halo),
    ):
        assert measured <= halo <= 1.5 * measured + 2


@every_variant
def test_gradients_reach_every_parameter(network, config):
    missed = set(dict(network.module(config).named_parameters()))
    step, deep = network.step(config), network.third_side(config).step
    for seed in range(20):
        torch.manual_seed(seed)
        module = network.module(config).train()
        y = module(torch.rand(2, config.in_channels, 2 * deep, 2 * step, 2 * step))
        (y * torch.randn_like(y)).sum().backward()
        missed -= {name for name, p in module.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
        if not missed:
            return
    assert not missed


@pytest.mark.parametrize("name", FOR_VOLUMES)
def test_work_is_counted_as_by_torch(name):
    network, config = offered(name), offered(name).small
    step, deep = network.step(config), network.third_side(config).step
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        network.module(config)(torch.zeros(1, config.in_channels, 2 * deep, 2 * step, 2 * step))
    assert network.cost(config).macs == round(counter.get_total_flops() / 2 / (2 * deep * (2 * step) ** 2))


@pytest.mark.parametrize("name", FOR_VOLUMES)
def test_slabs_of_an_exported_model_equal_the_whole(name, tmp_path, monkeypatch):
    """Export compares ONNX with torch at seven sizes; slabs and tiles of odd volumes give the bytes of the whole."""
    monkeypatch.setattr(exporting, "bytes_per_pixel", lambda _: 100)
    network = offered(name)
    task = registry.get("tasks", "segment")({"values": [0, 255], "color": False})
    module = balanced(prepared(network, network.small), network.small)
    contract = exporting.export(tmp_path / "m.onnx", module, network, network.small, task)
    assert (contract.dimensions, contract.slices) == (3, network.third_side(network.small))
    assert contract.export_error < 1e-5
    deep, wide = contract.slices.margin, 2 * contract.margin + 11
    made = np.random.default_rng(4).random((deep + 7, wide, wide + 15)).astype(np.float32)
    for engine in ("openvino", "onnxruntime"):
        model, found = open_model(tmp_path / "m.onnx", engine, precision="exact", threads=1), []
        for tile in (None, 2, 6, 12):
            plan = plan_slabs(reading(made), contract, contract.slices, Budget(memory=None, tile=tile), 4)
            assert (len(plan) > 1) == (tile is not None)
            results = SlabRunner(model).convert(reading(made).read, len(made), plan)
            found.append(np.stack([result.pixels for _, result in results]))
        assert 0.05 < (found[0] > 0).mean() < 0.95
        for one in found[1:]:
            np.testing.assert_array_equal(one, found[0])


def test_a_halo_along_slices_that_is_too_small_is_no_model(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "bytes_per_pixel", lambda _: 100)
    network = offered("unet-3d")

    def smaller(config):
        field = network.slices(config)
        return replace(field, margin=field.margin - 1)

    wrong = replace(network, slices=smaller)
    task = registry.get("tasks", "segment")({"values": [0, 255], "color": False})
    with pytest.raises(BrokenPromise, match="declares a halo of 4 slices, but the measured halo is 5 slices"):
        exporting.export(tmp_path / "m.onnx", prepared(network, network.small), wrong, network.small, task)
    assert not (tmp_path / "m.onnx").exists()


@pytest.mark.parametrize("name", FOR_VOLUMES)
def test_settings_travel_and_the_function_builds_it(name):
    network = offered(name)
    assert network.from_dict(network.small.to_dict()) == network.small
    module = network.function(**network.small.to_dict())
    assert sum(p.numel() for p in module.parameters()) == network.cost(network.small).parameters
    with pytest.raises(WrongUse, match="has no halo along slices"):
        offered("unet").measured_slice_halo(module, offered("unet").small)


def test_training_from_pictures_is_refused(tmp_path, capsys):
    for number in range(4):
        put(tmp_path / "photos" / f"{number}.png", photo(number, (40, 40)))
    words = ("train", "denoise", tmp_path / "photos", "-o", tmp_path / "run", "--network", "unet-3d", "--steps", 1)
    assert run([str(word) for word in words]) == 2
    assert "photos has no volumes with masks." in capsys.readouterr().err
