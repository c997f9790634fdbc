"""Pretrained weights: a network that starts from a bundled model is that model, before its first step."""

import numpy as np
import pytest
import torch
from torch import nn

from repix.conversion import open_model, read_model
from repix.errors import WrongUse
from repix.models import catalog, model_named
from repix.training import Recipe, train
from repix.training.export import for_graph
from repix.training.pretrained import Pretrained, calibrate_norms, folded_norms, trainable_state
from tests.data.drawing import blobs, photo, put
from tests.networks.variants import NAMES
from tests.training.making import Told, built

SIZE = (80, 72)
STREET_CLASSES = 11


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Pictures, and pictures with as many classes as a name says."""
    root = tmp_path_factory.mktemp("folders")
    for number in range(6):
        put(root / "photos" / f"{number}.png", photo(number, SIZE))
        for name, classes in (("street", STREET_CLASSES), ("others", 3)):
            put(root / name / "images" / f"{number}.png", photo(number, SIZE))
            put(root / name / "masks" / f"{number}.png", blobs(number, classes, SIZE))
    return root


def recipe(folders, name, **more):
    task = catalog()[name].task
    folder = folders / ("street" if task == "segment" else "photos")
    settings = {"steps": 1, "holdout": 2, "device": "cpu", "precision": "fp32", "batch_size": 2, **more}
    if name == "segment-cells":  # it knows two classes and no color
        folder, settings["settings"] = folders / "others", {"color": False, "values": [0, 1], "ignored": 2}
    return Recipe(task, str(folder), init_from=name, **settings)


def marked(name):
    """The three that the networks' forms differ in are always tested, all others by the long tests."""
    always = ("denoise-gray", "segment-street", "upscale-x2-clean")
    return pytest.param(name, marks=[] if name in always else pytest.mark.long)


@pytest.mark.parametrize("name", [marked(name) for name in sorted(catalog())])
def test_before_the_first_step_it_is_the_bundled_model(name, folders):
    """Whatever its graph holds: 16-bit weights, folded norms, mean-free and narrow convolutions, softmax."""
    training, told = built(recipe(folders, name)), Told()
    network = training.initial_network(told.append).eval()
    contract = read_model(model_named(name)).contract
    assert training.network.name == contract.network
    assert not told, told
    x = np.random.default_rng(0).random((2, contract.channels[0], 4 * contract.step, 5 * contract.step), np.float32)
    expected = open_model(model_named(name), precision="exact").run(x)
    with torch.no_grad():
        found = for_graph(network, training.task)(torch.from_numpy(x)).numpy()
    mean_free = (
        "first.0.convolution.weight" in network.state_dict()
    )  # their kernels lose the mean that rounding gave them
    assert np.abs(found - expected).max() < (1e-3 if mean_free else 1e-4)
    assert expected.std() > 0.01


def test_a_head_that_does_not_fit_is_replaced_and_named(folders):
    training, told = (
        built(Recipe("segment", str(folders / "others"), steps=1, holdout=2, init_from="segment-street")),
        Told(),
    )
    network = training.initial_network(told.append)
    assert told == ["segment-street has no fitting weights for last.weight, last.bias; random ones are used."]
    first = Pretrained("segment-street").weights()["down.0.0.first.0.weight"]
    assert torch.equal(network.state_dict()["down.0.0.first.0.weight"], first)


def test_training_mode_begins_near_the_model_too(folders):
    """Batches are normalized by their own statistics; an identity in place of the model's would be far from it."""
    training = built(recipe(folders, "segment-street", batch_size=8))
    source = training.dataset()[0][0]

    def change(network):
        with torch.no_grad():
            evaluated, trained = (network.train(mode)(source) for mode in (False, True))
        return evaluated, ((trained - evaluated).square().mean() / evaluated.square().mean()).sqrt().item()

    identity = training.random_network()
    own, exported = identity.state_dict(), trainable_state(identity, Pretrained("segment-street").weights())
    identity.load_state_dict(own | {name: one for name, one in exported.items() if name in own})
    (same, far), (expected, near) = change(identity), change(training.initial_network())
    torch.testing.assert_close(same, expected, rtol=1e-3, atol=1e-3)
    assert near < far / 3


def test_calibration_changes_nothing_in_evaluation_mode():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 1), nn.BatchNorm2d(2))
    pictures = [torch.rand(2, 3, 9, 9) for _ in range(3)]
    before = layers.eval()(pictures[0])
    calibrate_norms(layers, pictures)
    torch.testing.assert_close(layers.eval()(pictures[0]), before, rtol=1e-4, atol=1e-5)
    assert len(list(folded_norms(layers))) == 2
    for _, _, norm in folded_norms(layers):
        assert norm.running_mean.any()


def test_a_model_says_its_network_and_the_settings_of_its_task(folders):
    config = built(recipe(folders, "denoise-gray")).config
    assert (config.network, config.settings["color"]) == ("efficient-unet", False)
    assert built(recipe(folders, "upscale-x2-clean")).config.network_settings["multi_branch"]
    with_color = built(recipe(folders, "denoise-gray", settings={"color": True}))
    told = Told()
    with_color.initial_network(told.append)
    assert told == [
        "denoise-gray has no fitting weights for first.0.convolution.weight, last.weight; random ones are used."
    ]


def test_another_network_is_refused(folders):
    training = built(recipe(folders, "denoise-gray", network="dncnn", settings={"color": False}))
    with pytest.raises(WrongUse, match=r"denoise-gray fits only \d+% of this network's weights"):
        training.initial_network()


def test_a_run_and_a_model_file_say_their_network_too(finished, photos, lean, tmp_path):
    for source in (finished.path, finished.trained.model):
        training = built(Recipe("denoise", str(photos), steps=1, holdout=1, init_from=str(source)))
        assert training.network.name == "pixelwise"
        assert training.config.network_settings["widths"] == [4]
        weights = Pretrained(str(finished.path)).weights()
        for name, one in training.initial_network().named_parameters():
            assert torch.equal(one, weights[name]), name
    made = Recipe("denoise", str(photos), steps=1, patch_size=8, holdout=1, init_from=str(finished.path), device="cpu")
    assert train(made, tmp_path / "run", Told().reporter()).complete


@pytest.mark.parametrize("name", [name for name in NAMES if name != "dense-reshape"])
def test_every_network_starts_from_its_own_export(exported, name):
    """Whatever folds: the module and the one that its model file gives back compute the same."""
    model = exported(name)
    torch.manual_seed(2)
    again = model.network.module(model.network.widen(model.config)).eval()
    assert Pretrained(str(model.path)).load_into(again) == []
    x = torch.rand(2, model.config.in_channels, 3 * model.contract.step, 2 * model.contract.step)
    with torch.no_grad():
        torch.testing.assert_close(again(x), model.module(x), rtol=1e-4, atol=1e-5)


def test_weights_that_do_not_fit_are_named_once(folders, lean, tmp_path):
    told = Told()
    short = {"steps": 1, "holdout": 2, "settings": {"color": True}, "patch_size": 16, "batch_size": 1}
    train(
        Recipe("denoise", str(folders / "photos"), init_from="denoise-gray", device="cpu", **short),
        tmp_path / "run",
        told.reporter(),
    )
    assert told.text.count("random ones are used.") == 1
