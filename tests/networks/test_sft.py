"""SFT: where the map is 0 it is the plain network, and a map acts only near its bright pixels."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from repix import registry
from repix.conversion import open_model
from repix.models import model_named
from repix.networks import compact, sft
from repix.networks.sft import Condition, FeatureTransform
from repix.training.pretrained import Pretrained
from tests.networks.measuring import picture, prepared
from tests.networks.variants import offered


def steered(scale=2):
    """A network whose transforms are not small, as after training."""
    network = offered("sft")
    module = prepared(network, replace(network.small, scale=scale))
    with torch.no_grad():
        for transform in module.transforms:
            transform.both.weight.mul_(3)
    return network, module


def joined(x, level):
    return torch.cat([x, level.expand(len(x), 1, *x.shape[2:])], 1)


@pytest.mark.parametrize("scale", [2, 3])
def test_with_a_map_of_zeros_it_is_the_plain_network_to_the_bit(scale):
    _, module = steered(scale)
    plain = compact(scale=scale, depth=2, width=6, multi_branch=False).eval()
    own = module.state_dict()
    plain.load_state_dict({name: own[name] for name in plain.state_dict()})
    x = picture(3, 12, 9)
    with torch.no_grad():
        assert torch.equal(module(joined(x, torch.zeros(1, 1, 1, 1))), plain(x))
        assert (module(joined(x, torch.ones(1, 1, 1, 1))) - plain(x)).abs().max() > 1e-3


@given(st.integers(0, 24), st.integers(0, 20), st.integers(1, 6), st.floats(0.01, 1))
def test_a_map_acts_only_where_it_is_bright(top, left, side, value):
    """Outside the bright square and the halo around it, not one bit changes."""
    network, module = steered()
    x, level = picture(3, 25, 21), torch.zeros(1, 1, 25, 21)
    level[:, :, top : top + side, left : left + side] = value
    with torch.no_grad():
        changed = (module(joined(x, level)) != module(joined(x, torch.zeros(1, 1, 1, 1)))).any(1)[0]
    halo = network.halo(network.small)
    near = torch.zeros(25, 21, dtype=torch.bool)
    near[max(top - halo, 0) : top + side + halo, max(left - halo, 0) : left + side + halo] = True
    assert changed.any()
    assert not changed[~near.repeat_interleave(2, 0).repeat_interleave(2, 1)].any()


def test_a_chosen_map_is_that_map_given_by_hand():
    """Up to the halo from the border, beyond which the network repeats the picture and its map."""
    network = offered("sft")
    config = replace(network.small, choice=4)
    module, halo = prepared(network, config), 2 * network.halo(config)
    x, left = picture(3, 60, 56), torch.full((1, 1, 60, 56), -1.0)
    with torch.no_grad():
        found, expected = module(joined(x, left)), module(joined(x, module.choice(x, left)))
    scale = config.scale
    inside = (..., slice(scale * halo, -scale * halo), slice(scale * halo, -scale * halo))
    torch.testing.assert_close(found[inside], expected[inside], rtol=0, atol=1e-6)


@given(st.integers(0, 24), st.integers(0, 20), st.floats(0, 1))
def test_the_part_that_chooses_acts_only_where_no_value_is_given(row, column, value):
    network = offered("sft")
    module = prepared(network, replace(network.small, choice=4))
    x, left = picture(3, 25, 21), torch.full((1, 1, 25, 21), -1.0)
    with torch.no_grad():
        chosen = module.choice(x, left)
        assert ((chosen > 0) & (chosen < 1)).all()
        assert chosen.std() > 1e-3
        assert torch.equal(module.choice(x, chosen), chosen)
        left[:, :, row, column] = value
        given_one = module.choice(x, left)
    assert given_one[0, 0, row, column] == np.float32(value)
    given_one[0, 0, row, column] = chosen[0, 0, row, column]
    assert torch.equal(given_one, chosen)


def test_features_of_the_map_and_transforms_are_the_formulas():
    torch.manual_seed(4)
    condition, transform = Condition(3), FeatureTransform(3, 5)
    level, y = torch.rand(1, 1, 4, 6), torch.randn(1, 5, 4, 6)
    (w1, b1), (w2, b2) = (
        (one.weight.detach().numpy()[:, :, 0, 0], one.bias.detach().numpy())
        for one in (condition.first, condition.second)
    )
    t = level.numpy()[0, 0]
    hidden = np.multiply.outer(w1[:, 0], t) + b1[:, None, None]
    hidden = np.where(hidden < 0, 0.1 * hidden, hidden)
    features = t * (np.einsum("oi,ihw->ohw", w2, hidden) + b2[:, None, None])
    both = np.einsum("oi,ihw->ohw", transform.both.weight.detach().numpy()[:, :, 0, 0], features)
    with torch.no_grad():
        found = condition(level)
        np.testing.assert_allclose(found[0].numpy(), features, atol=1e-6)
        np.testing.assert_allclose(
            transform(y, found)[0].numpy(), y[0].numpy() * (1 + both[:5]) + both[5:], rtol=1e-5, atol=1e-5
        )


def test_a_bundled_model_is_a_start_whose_results_stay():
    module = sft(scale=4).eval()
    missing = Pretrained("upscale-x4").load_into(module, 3, 1)
    assert {name.partition(".")[0] for name in missing} == {"condition", "transforms"}
    x = picture(3, 10, 13)
    engine = open_model(model_named("upscale-x4"), precision="exact", threads=1)
    with torch.no_grad():
        found = module(joined(x, torch.zeros(1, 1, 1, 1))).numpy()
    np.testing.assert_allclose(found, engine.run(x.numpy()), rtol=0, atol=1e-4)


def test_a_map_without_a_picture_is_refused():
    network = registry.get("networks", "sft")
    assert "without the perception map" in network.fits(network.config(in_channels=3))
    assert "without the perception map" in network.fits(network.config(in_channels=1))
