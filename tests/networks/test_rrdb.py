"""RRDB: the published size, the published formulas, and a start at the interpolation."""

import torch
from torch.nn import functional

from repix.networks import rrdb
from repix.networks.rrdb import DenseBlock, ResidualInResidual
from tests.networks.measuring import picture
from tests.networks.variants import offered


def kernels(*sizes: tuple[int, int]) -> int:
    """Weights and biases of 3×3 convolutions."""
    return sum(9 * a * b + b for a, b in sizes)


def test_the_paper_has_the_published_number_of_parameters():
    """Summed by hand: head, 23 · 3 dense blocks, the convolution after them, two upsamplings, two at the end."""
    dense = kernels((64, 32), (96, 32), (128, 32), (160, 32), (192, 64))
    expected = kernels((3, 64)) + 69 * dense + 4 * kernels((64, 64)) + kernels((64, 3))
    network = offered("rrdb")
    assert network.cost(network.config(variant="paper")).parameters == expected == 16_697_987
    assert network.cost(network.config()).parameters < 600_000


def test_a_dense_block_is_the_formula():
    torch.manual_seed(1)
    block, x = DenseBlock(6, 4), torch.randn(2, 6, 7, 5)
    w = [one.weight for one in block.convolutions]
    b = [torch.randn(len(one)) for one in w]
    for one, bias in zip(block.convolutions, b, strict=True):
        one.bias.data.copy_(bias)

    def step(k, *parts):
        return functional.conv2d(torch.cat(parts, 1), w[k], b[k], padding=1)

    def leaky(y):
        return y.clamp(min=0) + 0.2 * y.clamp(max=0)

    x1 = leaky(step(0, x))
    x2 = leaky(step(1, x, x1))
    x3 = leaky(step(2, x, x1, x2))
    x4 = leaky(step(3, x, x1, x2, x3))
    torch.testing.assert_close(block(x), x + 0.2 * step(4, x, x1, x2, x3, x4), rtol=1e-5, atol=1e-5)


def test_a_block_of_blocks_adds_a_fifth_of_its_residual():
    torch.manual_seed(2)
    block, x = ResidualInResidual(6, 4), torch.randn(1, 6, 5, 5)
    y = x
    for part in block.blocks:
        y = part(y)
    torch.testing.assert_close(block(x), x + 0.2 * y)


def test_training_starts_near_the_interpolation():
    torch.manual_seed(3)
    module, x = rrdb(scale=4).eval(), picture(3, 9, 8)
    with torch.no_grad():
        start = functional.interpolate(x, scale_factor=4, mode="bilinear", align_corners=False)
        assert 0 < (module(x) - start).abs().max() < 0.02
