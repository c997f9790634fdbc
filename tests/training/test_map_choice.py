"""Map choice: only the part that chooses learns, what both measures want, and its model says that it chooses."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from repix import registry
from repix.conversion import convert, open_model
from repix.errors import WrongUse
from repix.pictures import Picture
from repix.training import train
from repix.training.device import Device
from repix.training.objectives import Ingredients, map_choice
from repix.training.objectives.map_choice import MapChoiceSettings
from repix.training.optimizers import OptimizerSettings
from tests.data.drawing import photo
from tests.networks.measuring import prepared
from tests.training.making import Told, folder_for, learned_whole_and_in_two_parts, learning_only, recipe

SETTINGS = {"scale": 2, "perception": True}
NETWORK = {"network": "sft", "network_settings": {"depth": 2, "width": 6, "condition": 3, "choice": 4}}


def choosing(**weights):
    """An objective, and a batch of the task."""
    network = registry.get("networks", "sft")
    module = prepared(network, replace(network.small, scale=2, choice=4)).train()
    task = registry.get("tasks", "upscale")(SETTINGS)
    made = map_choice.OBJECTIVE(
        Ingredients(
            module,
            task,
            OptimizerSettings("adamw", 0.02, False),
            Device("cpu", "fp32").fabric(),
            MapChoiceSettings(**weights),
        )
    )
    generator = torch.Generator().manual_seed(0)
    source = torch.cat([torch.rand(2, 3, 24, 24, generator=generator), torch.full((2, 1, 24, 24), 0.5)], 1)
    return made, source


def test_only_the_part_that_chooses_learns():
    made, source = choosing()
    before = {name: value.clone() for name, value in made.model.state_dict().items()}
    losses = made.step((source, torch.rand(2, 3, 48, 48)), 1)
    assert list(losses) == ["loss", "squares", "features"]
    for name, value in made.model.state_dict().items():
        assert torch.equal(value, before[name]) != name.startswith("choice."), name


@pytest.mark.parametrize("wanted", [0.0, 1.0])
def test_it_learns_the_map_whose_result_is_the_target(wanted):
    """The target is the result for one value; whatever the batch's map is, it is left out."""
    made, source = choosing(features=0.0)
    with torch.no_grad():
        target = made.model.eval()(torch.cat([source[:, :3], torch.full_like(source[:, 3:], wanted)], 1))
        made.model.train()
        before = made.model.choice(source[:, :3], torch.full_like(source[:, 3:], -1.0)).mean()
    for number in range(1, 31):
        made.step((source, target), number)
    with torch.no_grad():
        after = made.model.choice(source[:, :3], torch.full_like(source[:, 3:], -1.0)).mean()
    assert (after - wanted).abs() < 0.5 * (before - wanted).abs()


def test_a_resumed_run_learns_the_same_to_the_bit(tmp_path, monkeypatch):
    learning_only(monkeypatch)
    made = recipe(
        folder_for("upscale", tmp_path / "pictures"),
        "upscale",
        settings=SETTINGS,
        steps=5,
        validations=5,
        holdout=2,
        objective="map-choice",
        **NETWORK,
    )
    whole, resumed = learned_whole_and_in_two_parts(made, tmp_path, monkeypatch)
    assert whole == resumed


def test_its_model_says_that_it_chooses_and_does(tmp_path, fast):
    folder = folder_for("upscale", tmp_path / "pictures")
    given = recipe(folder, "upscale", settings=SETTINGS, holdout=2, objective="map-choice", **NETWORK)
    trained = train(given, tmp_path / "run", Told().reporter())
    (side_input,) = trained.contract.side_inputs
    assert side_input.chosen
    model, picture = open_model(trained.model), Picture(photo(3, (20, 30)))
    results = [convert(picture, model, side={"perception": value}).pixels for value in (0.0, 0.5, -1.0)]
    assert len({one.tobytes() for one in results}) == 3
    with pytest.raises(WrongUse, match=r"has the value -0\.25; it must be from 0 to 1"):
        convert(picture, model, side={"perception": np.full((20, 30), -0.25)})


def test_what_cannot_choose_is_refused():
    network, task = registry.get("networks", "sft"), registry.get("tasks", "upscale")(SETTINGS)
    with pytest.raises(WrongUse, match="trains the part of a network that chooses the map, which this one has not"):
        map_choice.OBJECTIVE(
            Ingredients(network.module(network.small), task, OptimizerSettings("adamw", 0.01, False), None)
        )
    plain = registry.get("tasks", "denoise")({})
    with pytest.raises(WrongUse, match="map-choice needs a task with a perception map, which denoise with these"):
        map_choice.OBJECTIVE.require_fits(plain)
