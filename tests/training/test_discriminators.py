"""Discriminators: shapes, receptive field, spectral norms beside NumPy's SVD, gradients, and saved states."""

import copy
import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from repix.training.discriminators import DISCRIMINATORS, PatchDiscriminator, UnetDiscriminator

NAMES = sorted(DISCRIMINATORS)


def made(name, width=4, channels=3):
    torch.manual_seed(1)
    return DISCRIMINATORS[name](channels, width)


@settings(max_examples=10, deadline=None)
@given(st.integers(24, 50), st.integers(24, 50), st.sampled_from([1, 3]))
def test_patches_and_pixels_get_scores(height, width, channels):
    x = torch.rand(2, channels, height, width)
    patches = (2, 1, height // 8 - 2, width // 8 - 2)
    assert made("patch", 1, channels)(x).shape == patches
    assert made("unet", 1, channels)(x).shape == (2, 1, height, width)


@pytest.mark.parametrize("name", NAMES)
def test_the_least_size_is_the_least(name):
    module = made(name)
    assert module(torch.rand(1, 3, module.least, module.least)).numel() >= 1
    with pytest.raises(RuntimeError):
        module(torch.rand(1, 3, module.least // 2 - 1, module.least // 2 - 1))


def test_a_score_of_the_patch_discriminator_sees_70_pixels():
    module = made("patch", 2, 1).double().eval()
    x = torch.rand(1, 1, 160, 160, dtype=torch.float64, requires_grad=True)
    y = module(x)
    (gradient,) = torch.autograd.grad(y[0, 0, y.shape[2] // 2, y.shape[3] // 2], x)
    rows, columns = (np.flatnonzero(gradient[0, 0].abs().sum(axis).numpy()) for axis in (1, 0))
    assert rows[-1] - rows[0] + 1 == columns[-1] - columns[0] + 1 == 70


def test_published_sizes():
    """The U-Net of Wang et al. has 4.38 million weights; the kernels of PatchGAN are those of Isola et al."""
    count = {name: sum(one.numel() for one in DISCRIMINATORS[name](3, 64).parameters()) for name in NAMES}
    kernels = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512)
    assert count["patch"] == kernels + 64 + 128 + 256 + 512 + 1
    assert count["unet"] == 4_376_897


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_gets_a_gradient(name):
    module = made(name)
    module(torch.rand(2, 3, 40, 32)).square().mean().backward()
    for key, weight in module.named_parameters():
        assert weight.grad is not None, key
        assert weight.grad.isfinite().all(), key
        assert weight.grad.any(), key


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_singular_value_is_one(name):
    module = made(name, 6)
    x = torch.rand(1, 3, 24, 24)
    for _ in range(60):  # power iterations
        module(x)
    normalized = [
        one for one in module.modules() if isinstance(one, nn.Conv2d) and nn.utils.parametrize.is_parametrized(one)
    ]
    assert len(normalized) == {"patch": 5, "unet": 8}[name]
    for one in normalized:
        matrix = one.weight.detach().flatten(1).double().numpy()
        assert np.linalg.svd(matrix, compute_uv=False)[0] == pytest.approx(1, abs=0.02)
        raw = one.parametrizations.weight.original.detach().flatten(1).double().numpy()
        assert abs(np.linalg.svd(raw, compute_uv=False)[0] - 1) > 0.05
    plain = [one for one in module.modules() if isinstance(one, nn.Conv2d) and one not in normalized]
    assert len(plain) == {"patch": 0, "unet": 2}[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_state_goes_on_exactly(name):
    """With its power iterations, read without pickle."""
    module, x = made(name), torch.rand(1, 3, 24, 24)
    optimizer = torch.optim.AdamW(module.parameters())

    def step(module, optimizer):
        optimizer.zero_grad()
        module(x).mean().backward()
        optimizer.step()
        return module(x)

    step(module, optimizer)
    file = io.BytesIO()
    torch.save({"network": module.state_dict(), "optimizer": optimizer.state_dict()}, file)
    whole = step(module, optimizer)
    saved = torch.load(io.BytesIO(file.getvalue()), weights_only=True)
    other = DISCRIMINATORS[name](3, 4)
    optimizer = torch.optim.AdamW(other.parameters())
    other.load_state_dict(saved["network"])
    optimizer.load_state_dict(saved["optimizer"])
    assert torch.equal(step(other, optimizer), whole)
    for key, value in module.state_dict().items():
        assert torch.equal(value, other.state_dict()[key]), key


def test_evaluation_changes_no_state():
    for kind in (PatchDiscriminator, UnetDiscriminator):
        module = kind(1, 2).eval()
        before = copy.deepcopy(module.state_dict())
        module(torch.rand(1, 1, 24, 24))
        assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
