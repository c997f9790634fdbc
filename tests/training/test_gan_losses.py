"""The GAN losses beside the formulas of their papers, in NumPy, and torch's own losses."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from repix.training.gan_losses import GAN_LOSSES

SHAPES = st.tuples(st.integers(1, 3), st.just(1), st.integers(1, 4), st.integers(1, 4))
SEEDS = st.integers(0, 1000)


def scores(shape, seed):
    generator = np.random.default_rng(seed)
    return (torch.from_numpy(3 * generator.normal(size=shape)).requires_grad_() for _ in range(2))


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


@given(SHAPES, SEEDS)
def test_T09_relativistic_average(shape, seed):
    """Jolicoeur-Martineau (2018): -E log σ(C(r) - E C(f)) - E log(1 - σ(C(f) - E C(r))); halved as in ESRGAN."""
    real, fake = scores(shape, seed)
    loss = GAN_LOSSES["relativistic"]
    r, f = (one.detach().numpy() for one in (real, fake))
    of_discriminator = -(log_sigmoid(r - f.mean()).mean() + log_sigmoid(-(f - r.mean())).mean()) / 2
    of_generator = -(log_sigmoid(-(r - f.mean())).mean() + log_sigmoid(f - r.mean()).mean()) / 2
    assert loss.discriminator(real, fake).item() == pytest.approx(of_discriminator)
    assert loss.generator(real, fake).item() == pytest.approx(of_generator)
    entropy = functional.binary_cross_entropy_with_logits
    own = entropy(real - fake.mean(), torch.ones_like(real)) + entropy(fake - real.mean(), torch.zeros_like(fake))
    found, expected = (torch.autograd.grad(one, (real, fake)) for one in (loss.discriminator(real, fake), own / 2))
    torch.testing.assert_close(found, expected)


@given(SHAPES, SEEDS)
def test_T09_least_squares(shape, seed):
    """Mao et al. (2017), with targets 1 and 0."""
    real, fake = scores(shape, seed)
    loss = GAN_LOSSES["least-squares"]
    squares = functional.mse_loss
    expected = (squares(real, torch.ones_like(real)) + squares(fake, torch.zeros_like(fake))) / 2
    torch.testing.assert_close(loss.discriminator(real, fake), expected)
    torch.testing.assert_close(loss.generator(real, fake), squares(fake, torch.ones_like(fake)) / 2)


@given(SHAPES, SEEDS)
def test_T09_hinge(shape, seed):
    """Lim and Ye (2017)."""
    real, fake = scores(shape, seed)
    loss = GAN_LOSSES["hinge"]
    r, f = (one.detach().numpy() for one in (real, fake))
    expected = np.maximum(0, 1 - r).mean() + np.maximum(0, 1 + f).mean()
    assert loss.discriminator(real, fake).item() == pytest.approx(expected)
    assert loss.generator(real, fake).item() == pytest.approx(-f.mean())


@pytest.mark.parametrize("name", sorted(GAN_LOSSES))
def test_both_pull_in_opposite_directions(name):
    loss, fake = GAN_LOSSES[name], torch.full((4,), 0.25, requires_grad=True)
    real = torch.full((4,), 0.25)
    (up,) = torch.autograd.grad(loss.generator(real, fake), fake)
    (down,) = torch.autograd.grad(loss.discriminator(real, fake), fake)
    assert (up < 0).all()
    assert (down > 0).all()


@pytest.mark.parametrize(("name", "score"), [("relativistic", 0.7), ("least-squares", 0.5), ("hinge", 0.0)])
def test_undecided_is_the_lowest_loss_of_equal_scores(name, score):
    loss = GAN_LOSSES[name]

    def equal(value):
        return loss.discriminator(*(torch.full((3,), value, dtype=torch.float64) for _ in range(2))).item()

    assert equal(score) == pytest.approx(loss.undecided)
    assert all(equal(value) >= loss.undecided - 1e-12 for value in np.linspace(-3, 3, 25))


@pytest.mark.parametrize("name", sorted(GAN_LOSSES))
def test_only_a_loss_that_says_so_looks_at_real_scores(name):
    loss, fake = GAN_LOSSES[name], torch.tensor([0.3, -1.0])
    one, other = (loss.generator(torch.full((2,), value), fake) for value in (0.0, 5.0))
    assert torch.equal(one, other) is not loss.compares
