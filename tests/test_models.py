"""The models that come with repix: each does its task, is as its card says, and has a recipe."""

import hashlib
import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from repix import degradations, filters, metrics, models, registry
from repix.cli._app import run
from repix.conversion import convert, open_model, read_model
from repix.conversion.card import bundled_rows
from repix.degradations import shrink
from repix.errors import MissingModel, UnknownName, WrongUse
from repix.pictures import Picture, write
from repix.report.showcase import SEGMENTED
from repix.training.recipe import read_recipe
from tests.data.drawing import photo

RECIPES = Path(__file__).parents[1] / "recipes"
DOCS = Path(__file__).parents[1] / "docs"
NAMES = tuple(models.catalog())
LARGEST, LARGEST_TOGETHER = 6_000_000, 44_000_000


@pytest.mark.parametrize("name", NAMES)
def test_each_is_as_its_card_and_its_recipe_say(name):
    bundled = models.catalog()[name]
    content = bundled.path.read_bytes()
    assert len(content) < LARGEST
    assert hashlib.sha256(content).hexdigest() == bundled.sha256
    contract = read_model(bundled.path).contract
    recipe = read_recipe(RECIPES / f"{name}.toml")
    assert contract.task == bundled.task == recipe.task
    assert name.startswith(bundled.task) or name == "dejpeg"
    assert (recipe.network, recipe.steps) == (contract.network, contract.trained["steps"])
    asked = registry.get("tasks", recipe.task)({**contract.settings, **recipe.settings})
    assert asked.settings == contract.make_task().settings
    assert all((bundled.purpose, bundled.limits, bundled.pictures, bundled.made))


@pytest.mark.parametrize("name", NAMES)
def test_each_is_better_than_doing_nothing(name):
    figure = read_model(models.model_named(name)).contract.metrics[0]
    others = map(float, figure["others"].values())  # "inf" is text
    assert float(figure["value"]) > min(others)  # nothing, or interpolation where the size changes


def test_no_file_is_without_its_card_and_together_they_are_small():
    files = list(models.FOLDER.glob("*.onnx"))
    assert sorted(file.stem for file in files) == sorted(NAMES)
    assert sum(file.stat().st_size for file in files) < LARGEST_TOGETHER


def test_every_task_of_a_model_has_one_default():
    tasks = [bundled.task for bundled in models.catalog().values()]
    chosen = [bundled.task for bundled in models.catalog().values() if bundled.default]
    assert sorted(chosen) == sorted(set(tasks))
    for task in chosen:
        assert models.model_for(task).is_file()


def test_a_model_is_had_by_its_name_or_its_path():
    for name in NAMES:
        assert models.model_named(name) == models.catalog()[name].path
    assert models.model_named("own/model.onnx") == Path("own/model.onnx")
    with pytest.raises(
        UnknownName, match=f"There is no file or bundled model '{NAMES[0]}x'; did you mean '{NAMES[0]}'"
    ):
        models.model_named(f"{NAMES[0]}x")
    with pytest.raises(MissingModel, match="train one with `repix train guess FOLDER"):
        models.model_for("guess")


@pytest.mark.parametrize("name", NAMES)
def test_the_verbs_show_them(name, capsys):
    assert run(["models"]) == 0
    assert name in capsys.readouterr().out
    row = next(row for row in bundled_rows() if row.name == name)
    assert (row.bytes, row.task) == (models.model_named(name).stat().st_size, models.catalog()[name].task)
    assert run(["show", name]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert models.catalog()[name].sha256[:20] in shown
    assert "Not for" in shown


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("upscale")])
def test_the_enlargers_are_nearer_to_the_truth_than_bicubic(name):
    engine = open_model(name)
    scale = engine.contract.scale
    truth = data.astronaut()[24:216, 120:312]
    small = Picture(np.round(shrink(truth / 255, scale, eight_bit=True) * 255).astype(np.uint8))
    by_model, by_bicubic = (convert(small, engine).colors(), filters.bicubic(small.colors(), scale=scale))
    psnr = [metrics.psnr_y(one, truth / np.float32(255), scale=scale) for one in (by_model, by_bicubic)]
    assert psnr[0] > psnr[1] + 0.5


@pytest.mark.parametrize("sigma", [15, 25, 50])
def test_the_denoiser_takes_noise_away_and_leaves_clean_pictures_nearly_alone(sigma):
    engine = open_model(models.model_for("denoise"))
    clean = Picture(photo(3, (96, 120)))
    noisy = degradations.gaussian(clean.colors(), np.random.default_rng(sigma), sigma)
    result = convert(Picture(noisy.astype(np.float32)), engine)
    before, after = (metrics.psnr_rgb(one, clean.colors()) for one in (noisy, result.colors()))
    assert after > before + 4
    assert metrics.psnr_rgb(convert(clean, engine).colors(), clean.colors()) > 35


def test_the_cards_are_those_of_these_models():
    """Made again by `python -m docs.make_cards`."""
    made = runpy.run_path(str(DOCS / "make_cards.py"))
    page = (DOCS / "models-cards.md").read_text(encoding="utf-8")
    assert page == made["page"]()
    shown = re.findall(r"!\[.*?\]\((.*?)\)", page)
    assert len(shown) == 2 * len(models.catalog()) - len(SEGMENTED)  # the best and the worst; the classes
    assert all((DOCS / name).is_file() for name in shown)


@pytest.fixture
def run_folder(tmp_path, monkeypatch):
    """The folder of a finished training."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.toml").touch()
    (tmp_path / "run" / "model.onnx").write_bytes(models.model_for("denoise").read_bytes())
    write(Picture(np.zeros((16, 19, 3), np.uint8)), "photo.png")
    return tmp_path / "run"


RUNS = ("run", "./run", "run/")
TAKING = {
    "show": ["show", "{}"],
    "convert": ["convert", "{}", "photo.png", "-o", "a.png", "--engine", "echo"],
    "denoise": ["denoise", "--model", "{}", "photo.png", "-o", "a.png", "--engine", "echo"],
    "evaluate": ["evaluate", "{}", ".", "--task", "denoise"],
}


@pytest.mark.parametrize("said", RUNS)
@pytest.mark.parametrize("verb", TAKING)
def test_wherever_a_model_is_named_the_folder_of_a_run_is_taken(verb, said, run_folder, capsys):
    words = [word.format(said) for word in TAKING[verb]]
    assert run(words) == 0, capsys.readouterr().err
    for given in (said, Path(said)):
        assert read_model(given).path == run_folder.relative_to(run_folder.parent) / "model.onnx"


@pytest.mark.parametrize("verb", TAKING)
@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            ["run.toml"],
            "because its training has not reached a validation; `repix train --resume -o run` continues the training.",
        ),
        (["run.toml", "model.safetensors"], "`repix export run` exports its best weights so far"),
        ([], "run is a folder without model.onnx; name a model file, or the folder that `repix train` wrote."),
        (["other.onnx"], "run is a folder without model.onnx"),
    ],
)
def test_a_run_without_a_model_is_refused_with_what_helps(verb, files, said, run_folder, capsys):
    for file in run_folder.iterdir():
        file.unlink()
    for name in files:
        (run_folder / name).touch()
    assert run([word.format("run") for word in TAKING[verb]]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not Path("a.png").exists()


def test_a_run_that_is_called_as_a_model_is_must_be_named_otherwise(run_folder):
    run_folder.rename("deblur")
    with pytest.raises(WrongUse, match=r"is both a bundled model and a run; write \./deblur for the run"):
        read_model("deblur")
    assert read_model("./deblur").contract.task == "denoise"
