"""Every network with a finite receptive field, in OpenVINO: tiles equal the whole picture."""

import numpy as np
import pytest

from repix.conversion import WHOLE, Budget, open_model, predict
from repix.networks import with_upsampler
from repix.parameters import parameters
from repix.pictures import Picture
from repix.training.export import export
from tests.given import count
from tests.networks.exported import fitting
from tests.networks.measuring import prepared
from tests.networks.variants import NAMES, offered

SIZES = count(75, 300)
TILES = (5, 12, 24)
"""Sides of tiles; they are rounded up to the network's step."""


def bounded(name):
    """The exported configuration, with bilinear where its own upsampler sees everything."""
    network, config, _ = fitting(name)
    if network.halo(config) is None and "upsampler" in parameters(network.config):
        return with_upsampler(network, config, "bilinear")
    return config


def can_be_tiled(name):
    """Whether it takes any size, and sees so far and no farther."""
    network = offered(name)
    return network.fixed(bounded(name)) is None and network.halo(bounded(name)) is not None


TILED = [name for name in NAMES if can_be_tiled(name)]
ROUNDING = 2e-6
"""Layers are summed up in another order at another size, if at all."""


def model_of(name, exported, folder):
    """The path and contract of a network's model file."""
    network, config, task = fitting(name)
    if bounded(name) == config:
        return exported(name).path, exported(name).contract
    path = folder / "model.onnx"
    return path, export(path, prepared(network, bounded(name)), network, bounded(name), task)


def sizes(contract):
    """Long and narrow, wide and low, and every tenth large both ways; so long that most need several tiles."""
    rng = np.random.default_rng(11)
    short, long = 60, max(60, 3 * contract.margin + 2 * max(TILES))
    for number in range(SIZES):
        height, width = long if number % 2 or number % 10 == 0 else short, short if number % 2 else long
        yield tuple(int(rng.integers(1, most, endpoint=True)) for most in (height, width))


@pytest.mark.drawn
@pytest.mark.parametrize("name", TILED)
def test_tiles_give_what_the_whole_gives_at_many_sizes(name, exported, tmp_path):
    path, contract = model_of(name, exported, tmp_path)
    assert contract.halo is not None
    engine = open_model(path, "openvino", precision="exact", threads=1)
    rng = np.random.default_rng(12)
    cut = 0
    for number, size in enumerate(sizes(contract)):
        picture = Picture(rng.integers(0, 256, (*size, contract.channels[0]), np.uint8))
        budget = Budget(tile=TILES[number % len(TILES)])
        cut += len(budget.plan(size, picture, contract)) > 1
        whole = predict(picture, engine, WHOLE)
        largest = max(1.0, float(np.abs(whole).max()))
        np.testing.assert_allclose(
            predict(picture, engine, budget), whole, rtol=0, atol=ROUNDING * largest, err_msg=f"{size}, {budget}"
        )
    assert cut > SIZES / 4
