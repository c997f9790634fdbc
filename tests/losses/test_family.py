"""What every loss must do; a new one is tested as soon as its file is there."""

import subprocess
import sys

import pytest
import torch

import repix
from repix import registry
from repix.errors import WrongShape
from repix.losses import Loss, loss_named

NAMES = registry.available("losses")


def called(name, prediction, target):
    """The loss, with a feature network where it takes one."""
    if not registry.get("losses", name).needs_features:
        return loss_named(name)(prediction, target)
    generator = torch.Generator().manual_seed(7)
    layers = [torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.Softplus(), torch.nn.Conv2d(8, 8, 3, 2)]
    for layer in layers[::2]:
        torch.nn.init.kaiming_normal_(layer.weight, generator=generator)
        torch.nn.init.zeros_(layer.bias)
    return loss_named(name)(prediction, target, torch.nn.Sequential(*layers), layers=["0", "2"])


def example(name, seed=0):
    """A target, a prediction that equals it, and one that does not."""
    generator = torch.Generator().manual_seed(seed)
    if registry.get("losses", name).target == "picture":
        target = torch.rand(2, 3, 16, 12, generator=generator)
        return target, target.clone(), torch.rand(target.shape, generator=generator)
    target = torch.randint(0, 4, (2, 16, 12), generator=generator)
    right = 8 * torch.nn.functional.one_hot(target, 4).movedim(-1, 1).float()
    return target, right, torch.randn(right.shape, generator=generator)


@pytest.mark.parametrize("name", NAMES)
def test_the_target_itself_has_the_lowest_loss(name):
    target, right, wrong = example(name)
    lowest = registry.get("losses", name).lowest
    best = called(name, right, target)
    assert best.shape == ()
    assert best < called(name, (right + wrong) / 2, target) < called(name, wrong, target)
    if lowest is not None:
        assert best.item() == pytest.approx(lowest, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_descent_comes_nearer_to_the_target(name):
    """As anybody's own loop would use it."""
    target, _, prediction = example(name)
    prediction = prediction.requires_grad_()
    optimizer = torch.optim.SGD([prediction], lr=0.1)
    first = called(name, prediction, target)
    for _ in range(20):
        optimizer.zero_grad()
        value = called(name, prediction, target)
        value.backward()
        assert prediction.grad.isfinite().all()
        assert prediction.grad.any()
        optimizer.step()
    assert called(name, prediction, target) < first


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_it_is_computed_in_at_least_32_bits(name, dtype):
    target, _, prediction = example(name)
    rounded = prediction.to(dtype)
    value = called(name, rounded, target)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, called(name, rounded.float(), target))


@pytest.mark.parametrize("name", NAMES)
def test_other_shapes_are_refused(name):
    target, _, prediction = example(name)
    for other in (target[:1], target[..., :-1]):
        with pytest.raises(WrongShape, match=r"have? shape|they must"):
            called(name, prediction, other)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_public(name):
    loss = registry.get("losses", name)
    assert isinstance(loss, Loss)
    assert getattr(repix.losses, name.replace("-", "_")) is loss.function
    for part in ("Args:", "Returns:", "Raises:", ">>> "):
        assert part in loss.function.__doc__


def test_no_loss_loads_torch_before_it_is_called():
    code = "from repix import registry\n"
    code += "[registry.get('losses', name) for name in registry.available('losses')]\nimport sys\n"
    code += "print('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"
