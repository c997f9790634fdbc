"""A network with windows: its patches fit them, and the exported model is the same for every budget and engine."""

import numpy as np
import pytest

from repix.conversion import WHOLE, Budget, Windows, open_model, predict, read_model
from repix.pictures import Picture
from repix.training import train
from repix.training.export import _sizes
from tests.data.drawing import blobs, photo, put
from tests.training.making import Told, built, quick, recipe

TINY = {"widths": [4, 6, 8, 12], "width": 16, "depth": 1, "upsampler": "nearest", "window": 64, "overlap": 16}
SIZE = (150, 110)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("windows")
    for number in range(4):
        put(root / "images" / f"{number}.png", photo(number, SIZE))
        put(root / "masks" / f"{number}.png", blobs(number, 3, SIZE))
    return root


def asked(folder, **more):
    of_network = {"network": "transunet", "network_settings": TINY, "patch_size": None}
    return recipe(folder, "segment", **{**of_network, **more})


@pytest.mark.parametrize(("patch", "sizes"), [(None, [64]), (64, [64]), (48, [48, 64]), (16, [16]), (80, [80])])
def test_patches_have_the_size_of_the_windows_and_do_not_grow_beyond_it(folder, patch, sizes):
    training = built(asked(folder, patch_size=patch, steps=100))
    assert [phase.size for phase in training.schedule.phases] == sizes
    assert training.contract.windows == Windows(64, 48)


def test_other_networks_keep_their_default(folder):
    training = built(asked(folder, network="unet", network_settings={"widths": [4, 4]}, steps=100))
    assert training.contract.windows is None
    assert training.schedule.phases[0].size == 108  # of 128, as far as the pictures go


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        return train(asked(folder), tmp_path_factory.mktemp("run") / "run", Told().reporter())


@pytest.fixture(params=[("openvino", "exact"), ("openvino", "fast"), ("onnxruntime", "exact")], ids="-".join)
def engine(request, trained):
    name, precision = request.param
    file = read_model(trained.model)
    if precision == "exact":
        return open_model(file.path, name, precision=precision, threads=1)
    from repix import registry
    from repix.conversion.engine import Bf16Unavailable, EngineOptions

    try:  # whatever the measurement of so small a training says
        return registry.get("engines", name)(file, EngineOptions(fast=True, threads=1))
    except Bf16Unavailable:
        pytest.skip("this processor has no bf16")


def test_every_budget_gives_the_same_bytes_in_every_precision(engine):
    """In exact and in bf16, and whatever the place of a window in a tile."""
    picture = Picture(np.random.default_rng(2).integers(0, 256, (*SIZE, 3), np.uint8))
    whole = predict(picture, engine, WHOLE)
    assert whole.shape == (1, 3, *SIZE)
    np.testing.assert_allclose(whole.sum(1), 1, rtol=0, atol=1e-2)
    for budget in (Budget(tile=1), Budget(tile=96), Budget(tile=60)):
        np.testing.assert_array_equal(predict(picture, engine, budget), whole)


def test_two_threads_and_the_other_engine_give_the_same_within_the_limit_of_an_export(trained):
    picture = Picture(np.random.default_rng(2).integers(0, 256, (*SIZE, 3), np.uint8))
    one, two, other = (
        predict(picture, open_model(trained.model, name, precision="exact", threads=threads), WHOLE)
        for name, threads in (("openvino", 1), ("openvino", 2), ("onnxruntime", 1))
    )
    np.testing.assert_array_equal(one, two)
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


def test_the_contract_has_the_windows_and_was_compared_at_their_size(trained):
    contract = read_model(trained.model).contract
    assert contract.windows == Windows(64, 48, "hann")
    assert contract.halo is None
    assert (64, 64) in _sizes(contract)
    assert len(_sizes(contract)) == 7
    assert contract.metrics, "the comparison was made through the windows"
