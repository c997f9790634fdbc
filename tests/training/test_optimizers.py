"""The optimizers, beside torch's own."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from repix import registry
from repix.training.optimizers import (
    BETAS,
    DECAY,
    EPSILON,
    MOMENTUM,
    Muon,
    OptimizerSettings,
    hidden_and_others,
    orthogonal,
)

RATE = 0.01
sides = st.integers(1, 40)


def _steps(weights: list[nn.Parameter], optimizer: torch.optim.Optimizer, seed: int) -> None:
    """Ten steps with gradients of chance."""
    random = torch.Generator().manual_seed(seed)
    for _ in range(10):
        for weight in weights:
            weight.grad = torch.randn(weight.shape, generator=random)
        optimizer.step()


@pytest.mark.parametrize("shape", [(1, 7), (9, 1), (16, 16), (48, 432), (40, 12)])
def test_matrices_are_moved_as_by_torch(shape):
    seed = 3
    begin = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    ours, theirs = ([nn.Parameter(begin.clone()) for _ in range(2)] for _ in range(2))
    _steps(ours, Muon(ours, [], RATE), seed)
    reference = torch.optim.Muon(theirs, RATE, weight_decay=DECAY, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw")
    _steps(theirs, reference, seed)
    for mine, other in zip(ours, theirs, strict=True):
        moved = (other - begin).norm()
        assert (mine - other).norm() < 0.03 * moved  # it computes with eight significant bits


@given(rows=sides, columns=st.integers(1, 9), seed=st.integers(0, 99))
def test_kernels_are_rows_of_a_matrix(rows, columns, seed):
    begin = torch.randn(rows, columns * 9, generator=torch.Generator().manual_seed(seed))
    matrix, kernels = nn.Parameter(begin.clone()), nn.Parameter(begin.reshape(rows, columns, 3, 3).clone())
    _steps([matrix], Muon([matrix], [], RATE), seed)
    gradients = torch.Generator().manual_seed(seed)
    optimizer = Muon([kernels], [], RATE)
    for _ in range(10):
        kernels.grad = torch.randn(matrix.shape, generator=gradients).reshape(kernels.shape)
        optimizer.step()
    assert torch.equal(matrix, kernels.flatten(1))


@given(shape=st.lists(st.integers(1, 5), max_size=4), seed=st.integers(0, 99))
def test_other_weights_are_moved_as_by_adamw(shape, seed):
    begin = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    ours, theirs = nn.Parameter(begin.clone()), nn.Parameter(begin.clone())
    _steps([ours], Muon([], [ours], RATE), seed)
    _steps([theirs], torch.optim.AdamW([theirs], RATE, BETAS, EPSILON, DECAY), seed)
    assert torch.allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("precise", [False, True])
@given(count=st.integers(1, 3), rows=sides, columns=sides, seed=st.integers(0, 99))
def test_singular_values_become_about_one(precise, count, rows, columns, seed):
    matrices = torch.randn(count, rows, columns, generator=torch.Generator().manual_seed(seed))
    made = orthogonal(matrices if precise else matrices.bfloat16()).float()
    assert made.shape == matrices.shape
    before, after = torch.linalg.svdvals(matrices), torch.linalg.svdvals(made)
    strong = before > 0.1 * before.norm(dim=1, keepdim=True)
    assert bool(((after > 0.6) & (after < 1.3))[strong].all())


@pytest.mark.parametrize("name", registry.available("networks"))
def test_every_weight_of_a_network_is_moved_once(name):
    network = registry.get("networks", name)
    module = network.module(network.small)
    hidden, others = hidden_and_others(module)
    assert sorted(map(id, hidden + others)) == sorted(map(id, module.parameters()))
    assert all(weight.ndim > 1 for weight in hidden)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("name", "settings", "ends"),
    [
        ("efficient-unet", {"widths": [8, 8], "blocks": [1, 1]}, {"first.0.convolution.weight", "last.weight"}),
        ("dncnn", {"depth": 4, "width": 8}, {"first.weight", "last.weight"}),
    ],
)
def test_layers_next_to_pictures_are_others(name, settings, ends, channels):
    network = registry.get("networks", name)
    module = network.module(network.from_dict({"in_channels": channels, "out_channels": channels, **settings}))
    hidden, _ = hidden_and_others(module)
    names = {id(weight): name for name, weight in module.named_parameters()}
    matrices = {name for name, weight in module.named_parameters() if weight.ndim > 1}
    assert matrices - {names[id(weight)] for weight in hidden} == ends


def test_weights_that_are_held_stay():
    layers = nn.Sequential(*(nn.Conv2d(2, 2, 1) for _ in range(4))).requires_grad_(False)
    OptimizerSettings("muon", RATE).build(layers).step()


@pytest.mark.parametrize("name", ["muon", "adamw"])
def test_its_state_can_be_kept(name):
    layers = [nn.Sequential(*(nn.Conv2d(3, 3, 3) for _ in range(4))) for _ in range(2)]
    layers[1].load_state_dict(layers[0].state_dict())
    first, second = (OptimizerSettings(name, RATE).build(one) for one in layers)
    _steps(list(layers[0].parameters()), first, 1)
    layers[1].load_state_dict(layers[0].state_dict())
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for module, one in zip(layers, (first, second), strict=True):
        _steps(list(module.parameters()), one, 2)
    for mine, other in zip(layers[0].parameters(), layers[1].parameters(), strict=True):
        assert torch.equal(mine, other)
