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
    loss, lowest = loss_named(name), registry.get("losses", name).lowest
    best = loss(right, target)
    assert best.shape == ()
    assert best < loss((right + wrong) / 2, target) < loss(wrong, target)
    if lowest is not None:
        assert best.item() == pytest.approx(lowest, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_descent_comes_nearer_to_the_target(name):
    """As anybody's own loop would use it."""
    target, _, prediction = example(name)
    loss, prediction = loss_named(name), prediction.requires_grad_()
    optimizer = torch.optim.SGD([prediction], lr=0.1)
    first = loss(prediction, target)
    for _ in range(20):
        optimizer.zero_grad()
        value = loss(prediction, target)
        value.backward()
        assert prediction.grad.isfinite().all()
        assert prediction.grad.any()
        optimizer.step()
    assert loss(prediction, target) < first


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_it_is_computed_in_at_least_32_bits(name, dtype):
    target, _, prediction = example(name)
    rounded = prediction.to(dtype)
    value = loss_named(name)(rounded, target)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, loss_named(name)(rounded.float(), target))


@pytest.mark.parametrize("name", NAMES)
def test_other_shapes_are_refused(name):
    target, _, prediction = example(name)
    for other in (target[:1], target[..., :-1]):
        with pytest.raises(WrongShape, match=r"have? shape|they must"):
            loss_named(name)(prediction, other)


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
