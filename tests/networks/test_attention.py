"""Transformers for segmentation: attention and positions against other implementations, and the published size."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from repix.networks._attention import Attention, Positions, Transformer, TransformerBlock
from repix.networks._resnet import StandardizedConv
from repix.networks.unetmer import disagreement
from tests.networks.measuring import picture, prepared
from tests.networks.variants import offered

PUBLISHED = 105.28e6
"""Parameters of TransUNet with R50-ViT-B/16, as its successors' tables give them."""


@pytest.mark.parametrize("width", [16, 128, 192])
def test_attention_is_that_of_torch(width):
    torch.manual_seed(1)
    ours, x = Attention(width), torch.randn(2, 7, width)
    query, key, value = (
        part.unflatten(2, (ours.heads, -1)).transpose(1, 2) for part in ours.query_key_value(x).chunk(3, dim=2)
    )
    mixed = functional.scaled_dot_product_attention(query, key, value)
    torch.testing.assert_close(ours(x), ours.out(mixed.transpose(1, 2).flatten(2)), rtol=1e-5, atol=1e-6)


def test_a_block_is_torchs_encoder_layer_with_its_normalization_first():
    torch.manual_seed(2)
    ours = TransformerBlock(128).eval()
    torchs = nn.TransformerEncoderLayer(128, 2, 512, 0.0, "gelu", 1e-6, batch_first=True, norm_first=True).eval()
    weights = ours.state_dict()
    names = {
        "self_attn.in_proj_": "attention.query_key_value.", "self_attn.out_proj.": "attention.out.",
        "linear1.": "mlp.0.", "linear2.": "mlp.2.", "norm1.": "before_attention.", "norm2.": "before_mlp.",
    }  # fmt: skip
    torchs.load_state_dict(
        {
            f"{theirs}{kind}": weights[f"{name}{kind}"].t()
            for theirs, name in names.items()
            for kind in ("weight", "bias")
        }
    )
    x = torch.randn(2, 9, 128)
    torch.testing.assert_close(ours(x), torchs(x), rtol=1e-5, atol=1e-5)


def test_without_positions_the_order_of_the_tokens_does_not_matter_and_with_them_it_does():
    torch.manual_seed(3)
    module, x = Transformer(16, 2, 4), torch.randn(1, 16, 4, 5)
    with torch.no_grad():
        assert (module(x.flip(3)) - module(x).flip(3)).abs().max() > 1e-3
        module.positions.values.zero_()
        torch.testing.assert_close(module(x.flip(3)), module(x).flip(3), rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", [(5, 5), (10, 15), (7, 3), (1, 1)])
def test_positions_are_interpolated_as_by_opencv(size):
    torch.manual_seed(4)
    module = Positions(3, 5)
    added = module(torch.zeros(2, 3, *size)).detach()
    learned = module.values.detach()[0].permute(1, 2, 0).numpy()
    expected = cv2.resize(learned, size[::-1], interpolation=cv2.INTER_LINEAR).transpose(2, 0, 1)
    np.testing.assert_allclose(added[0].numpy(), expected, rtol=0, atol=1e-6)
    if size == (5, 5):
        assert torch.equal(added[:1], module.values.detach())


def test_the_paper_has_the_published_number_of_parameters():
    """For the nine classes of Synapse, at 224×224."""
    network = offered("transunet")
    found = network.cost(network.config(variant="paper", out_channels=9, window=224, overlap=0)).parameters
    assert abs(found - PUBLISHED) < 0.0005 * PUBLISHED
    assert network.cost(network.config(out_channels=2)).parameters < 3e6


def test_the_paper_takes_small_pictures():
    network = offered("transunet")
    module = network.module(network.config(variant="paper", out_channels=9)).eval()
    for height, width in ((16, 16), (32, 48)):
        with torch.no_grad():
            y = module(picture(3, height, width))
        assert y.shape == (1, 9, height, width)
        assert torch.isfinite(y).all()


def test_standardized_kernels_are_those_of_batch_normalization_and_stay_the_same_for_export():
    torch.manual_seed(5)
    layer = StandardizedConv(6, 4, 3, 2, 1, bias=False)
    expected = functional.batch_norm(layer.weight.flatten(1).T, None, None, training=True).T.reshape(layer.weight.shape)
    torch.testing.assert_close(layer.kernel(), expected, rtol=1e-5, atol=1e-6)
    x = picture(6, 8, 10)
    torch.testing.assert_close(layer.frozen()(x), layer(x), rtol=1e-5, atol=1e-6)


def test_a_patch_sees_others_by_attention_only():
    """Without attention, each patch is what the same U-Net makes of it alone."""
    network = offered("unetmer")
    module = prepared(network, replace(network.small, patch_sides=(8,)))
    x = picture(3, 24, 16)
    with torch.no_grad():
        seen = module(x)
        module.transformer.norm.weight.zero_()
        alone = module(x)
        for top in range(0, 24, 8):
            for left in range(0, 16, 8):
                patch = module(x[:, :, top : top + 8, left : left + 8])
                torch.testing.assert_close(alone[:, :, top : top + 8, left : left + 8], patch, rtol=0, atol=1e-5)
    assert (seen - alone).abs().max() > 1e-4


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_batch_in_training_is_divided_among_the_patch_sizes(count):
    network = offered("unetmer")
    module, x = prepared(network, network.small), picture(3, 32, 32, count)
    with torch.no_grad():
        by_size = module.by_patch_side(x)
        assert not torch.allclose(*by_size, atol=1e-4)
        torch.testing.assert_close(module(x), (by_size[0] + by_size[1]) / 2)
        module.training = True  # its normalizations stay in evaluation mode
        found = module(x)
    expected = [by_size[number % 2][number] for number in range(count)] if count > 1 else [sum(by_size)[0] / 2]
    torch.testing.assert_close(found, torch.stack(expected), rtol=0, atol=1e-5)


def test_disagreement_is_0_for_equal_results_and_1_for_opposite_ones():
    same = torch.softmax(picture(3, 4, 5, 2), 1)
    assert disagreement([same, same, same]).abs().max() == 0
    assert disagreement([same]).shape == (2, 4, 5)
    sure = functional.one_hot(torch.arange(20).view(1, 4, 5) % 3, 3).permute(0, 3, 1, 2).float()
    assert torch.equal(disagreement([sure, sure.roll(1, 1)]), torch.ones(1, 4, 5))
    torch.testing.assert_close(disagreement([sure, sure, sure.roll(1, 1)]), torch.full((1, 4, 5), 2 / 3))


def test_disagreement_of_a_network_is_that_of_its_results():
    network = offered("unetmer")
    module = prepared(network, replace(network.small, out_channels=2))
    x = picture(3, 16, 32)
    with torch.no_grad():
        one, other = (result.softmax(1)[:, 0] for result in module.by_patch_side(x))
        torch.testing.assert_close(module.disagreement(x), (one - other).abs())


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("transunet", {"widths": (4, 4)}, "There are 2 widths; transunet needs 4"),
        ("transunet", {"width": 200}, "width is 200; it must be a multiple of 64"),
        ("transunet", {"window": 100}, "window is 100; it must be a multiple of 16"),
        ("transunet", {"window": 64, "overlap": 64}, "overlap is 64; it must be a multiple of 16, .* below the window"),
        ("transunet", {"upsampler": "unpool"}, "unpool"),
        ("unetmer", {"patch_sides": (32, 40)}, "patch_sides has 40; with 4 widths they must be multiples of 16"),
        ("unetmer", {"patch_sides": (48, 64)}, "window is 256; it must be a multiple of 192"),
    ],
)
def test_settings_that_do_not_fit_are_refused(name, settings, words):
    network = offered(name)
    reason = network.fits(network.config(**settings))
    assert reason is not None
    assert re.search(words, reason)
