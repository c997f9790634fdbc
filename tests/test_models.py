"""The models that come with repix: each does its task, is as its card says, and has a recipe."""

from pathlib import Path

import numpy as np
import pytest

from repix import degradations, members, metrics, models
from repix.conversion import convert, open_model, read_model
from repix.pictures import Picture
from repix.training.recipe import read_recipe
from tests.data.drawing import photo

RECIPES = Path(__file__).parents[1] / "recipes"


@pytest.mark.parametrize("task", models.bundled())
def test_each_has_a_recipe_that_says_what_it_is(task):
    contract = read_model(models.model_for(task)).contract
    recipe = read_recipe(RECIPES / f"{task}.toml")
    assert (recipe.task, recipe.network, recipe.steps) == (task, contract.network, contract.trained["steps"])
    assert contract.task == task
    assert task in members.names("tasks")
    settings = {name: value for name, value in contract.settings.items() if name in recipe.settings}
    assert settings == {name: list(one) if isinstance(one, tuple) else one for name, one in recipe.settings.items()}
    assert models.model_for(task).stat().st_size < 6_000_000


@pytest.mark.parametrize("sigma", [15, 25, 50])
def test_the_denoiser_takes_noise_away_and_leaves_clean_pictures_nearly_alone(sigma):
    engine = open_model(models.model_for("denoise"))
    clean = Picture(photo(3, (96, 120)))
    noisy = degradations.gaussian(clean.colours(), np.random.default_rng(sigma), sigma)
    result = convert(Picture(noisy.astype(np.float32)), engine)
    before, after = (metrics.rgb(one, clean.colours()) for one in (noisy, result.colours()))
    assert after > before + 4
    assert metrics.rgb(convert(clean, engine).colours(), clean.colours()) > 35
