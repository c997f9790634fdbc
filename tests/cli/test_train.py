"""`repix train` and `repix export`: what is asked for reaches the recipe, and every refusal is one sentence."""

import re

import pytest
import torch

from repix import registry, training
from repix.cli._app import run
from repix.errors import RepixError, WrongUse
from repix.training import Recipe, Trained
from repix.training.objectives import supervised
from repix.training.recipe import with_settings
from tests.training.making import CHECKED, folder_for, learning_only, quick

SHORT = ("--steps", 2, "--patch-size", 8, "--batch-size", 2, "--holdout", 1, "--device", "cpu", "--precision", "fp32")
TINY = ("--network", "pixelwise", "--set", "widths=4")


@pytest.fixture(autouse=True)
def tidy(tmp_path, monkeypatch):
    """A cache of its own, one thread, everything in the test's own folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def photos(tmp_path):
    return folder_for("denoise", tmp_path / "photos", 3)


def repix(capsys, *words):
    """Exit code, what was printed, and what was complained."""
    code = run([*map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_model_from_a_folder_and_exported_again(photos, capsys, monkeypatch):
    quick(monkeypatch)
    code, out, err = repix(capsys, "train", "denoise", "photos", "-o", "run", "--gray", *SHORT, *TINY)
    assert (code, err) == (0, "")
    assert "step 2 of 2: loss" in out
    assert re.search(r"run/model\.onnx: torch and the engines differ by at most \d", out)
    assert "this training was too short to be useful" in out
    code, out, err = repix(capsys, "export", "run", "-o", "copy.onnx")
    assert (code, err) == (0, "")
    assert out.startswith("copy.onnx: denoise with pixelwise, ")
    code, out, err = repix(capsys, "export", "run", "-o", "copy.onnx")
    assert (code, out) == (1, "")
    assert err == "repix: copy.onnx exists already; use --overwrite to replace it, or name another file.\n"
    assert repix(capsys, "export", "run", "-o", "copy.onnx", "--overwrite")[0] == 0
    for asked in (["denoise", "photos", *SHORT], ["denoise", "photos", "--minutes", 3], ["--resume", "--steps", 9]):
        code, _, err = repix(capsys, "train", "-o", "run", *asked)
        assert (code, "to train longer, begin a new one with its weights: --init-from run -o run2." in err) == (2, True)
    code, out, err = repix(capsys, "train", "--resume", "-o", "run")
    assert (code, err) == (0, "")
    assert "This run is complete; to train longer, begin a new one with its weights: --init-from run -o run2." in out


@pytest.fixture
def asked(monkeypatch):
    """The recipes that training was asked for, without any training."""
    found = []

    def train(recipe, output, reporter, clock):
        assert 0 <= clock() <= clock()
        found.append((recipe, output))
        return Trained(output, None, None, complete=True)

    monkeypatch.setattr(training, "train", train)
    return found


def test_every_option_reaches_the_recipe(asked, capsys):
    words = "train denoise photos -o run --minutes 3 --network unet --upsampler nearest --color --sigma 5 25"
    more = "--batch-size 4 --lr 0.01 --holdout 7 --ignore-index 9 --init-from old --seed 8 --device cpu"
    words += " --patch-size 64 --optimizer muon --precision fp32"
    code, _, err = repix(capsys, *words.split(), *more.split(), "--set", "skip=add", "--set", "loss=l1")
    assert (code, err) == (0, "")
    assert asked[0][0] == Recipe(
        "denoise",
        "photos",
        network="unet",
        upsampler="nearest",
        minutes=3,
        patch_size=64,
        batch_size=4,
        lr=0.01,
        optimizer="muon",
        holdout=7,
        ignore_index=9,
        init_from="old",
        seed=8,
        device="cpu",
        precision="fp32",
        settings={"color": True, "sigma": (5, 25), "loss": "l1"},
        network_settings={"skip": "add"},
    )
    assert str(asked[0][1]) == "run"
    assert repix(capsys, "train", "upscale", "photos", "-o", "run", "--scale", 3, "--holdout", "others")[0] == 0
    assert asked[1][0] == Recipe("upscale", "photos", holdout="others", settings={"scale": 3})
    only = ("--set", "sigma=none", "--set", "density=0.1 0.3")
    assert repix(capsys, "train", "denoise", "photos", "-o", "run", *only)[0] == 0
    assert asked[2][0].settings == {"sigma": None, "density": (0.1, 0.3)}


def test_a_recipe_s_file_says_all(asked, capsys, tmp_path):
    (tmp_path / "recipe.toml").write_text('task = "denoise"\nfolder = "photos"\nsteps = 5\nseed = 4\n')
    assert repix(capsys, "train", "--recipe", "recipe.toml", "-o", "run")[0] == 0
    assert asked[0][0] == Recipe("denoise", str(tmp_path / "photos"), steps=5, seed=4)
    for more in (["--seed", 3], ["--device", "cpu"], ["--precision", "fp32"], ["--steps", 2], ["--set", "loss=l1"]):
        for word in (["--recipe", "recipe.toml"], *([["--resume"]] if more[0] != "--steps" else [])):
            code, _, err = repix(capsys, "train", *word, "-o", "run", *more)
            assert (code, f"{word[0]} takes everything else from the recipe" in err) == (2, True)
    assert len(asked) == 1
    assert repix(capsys, "train", "others", "--recipe", "recipe.toml", "-o", "run")[0] == 0
    assert asked[1][0] == Recipe("denoise", "others", steps=5, seed=4)
    assert repix(capsys, "train", "colourise", "--recipe", "recipe.toml", "-o", "run")[0] == 0
    assert asked[2][0].folder == "colourise"  # a folder keeps its name, also where it looks like a task's


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("train", 2, "Name the folder of the run: -o RUN."),
        ("train -o run", 2, "Name a task and a folder: repix train TASK FOLDER"),
        ("train denoise -o run", 2, "Name a task and a folder: repix train TASK FOLDER"),
        ("train denoize photos -o run", 2, "no 'denoize' among the tasks; did you mean 'denoise'?"),
        ("train denoise nowhere -o run", 1, "nowhere"),
        ("train denoise photos -o run --minutes 1 --steps 2", 2, "Both minutes and steps are given"),
        ("train denoise photos -o run --lr 0", 2, "lr is 0; it must be more than 0"),
        ("train denoise photos -o run --lr 1e10", 2, "lr is 1e+10"),
        ("train colorize photos -o run --sigma 5 25", 2, "colorize has no setting 'sigma'"),
        ("train denoise photos -o run --scale 2", 2, "denoise has no setting 'scale'"),
        ("train scene photos -o run --gray", 2, "scene has no setting 'color'"),
        ("train upscale photos -o run --scale 9", 2, "scale is 9; it must be from 2 to 4"),
        ("train denoise photos -o run --sigma 25 5", 2, "write the smaller number first"),
        ("train denoise photos -o run --network unit", 2, "no 'unit' among the networks; did you mean 'unet'?"),
        ("train denoise photos -o run --network dncnn --upsampler nearest", 2, "dncnn has no upsampler to replace"),
        ("train denoise photos -o run --network unet --upsampler nearer", 2, "did you mean 'nearest'"),
        ("train denoise photos -o run --set loss", 2, "--set loss has no value; write it as --set NAME=VALUE."),
        ("train denoise photos -o run --set =l1", 2, "--set =l1 has no name"),
        ("train denoise photos -o run --set loss=l1 --set loss=mse", 2, "loss is set twice."),
        ("train segment nowhere -o run --set ignored=11", 2, "there is an option for it; write --ignore-index 11."),
        ("train denoise nowhere -o run --set minutes=2", 2, "there is an option for it; write --minutes 2."),
        ("train denoise nowhere -o run --set holdout=3", 2, "there is an option for it; write --holdout 3."),
        (
            "train --resume -o run --minutes 3",
            2,
            "--resume trains the number of steps planned for run; leave --minutes",
        ),
        ("train denoise photos -o run --set los=l1", 2, "Neither denoise nor efficient-unet has a setting 'los'"),
        ("train denoise photos -o run --holdout 3", 2, "at least one must be left to train on"),
        ("train denoise photos -o run --holdout nowhere", 1, "nowhere"),
        ("train denoise photos -o run --init-from nowhere", 1, "nowhere: there is no such file"),
        ("train segment photos -o run", 2, "segment"),
        ("train --resume -o photos", 1, "contains no run.toml; name a folder that `repix train` wrote."),
        ("train --resume -o run denoise photos", 2, "--resume takes everything else from the recipe"),
        ("train --recipe nowhere.toml -o run", 1, "nowhere.toml: there is no such file"),
        ("train denoise photos -o run --device tpu", 2, "Invalid value for '--device'"),
        ("export nowhere", 1, "contains no run.toml"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(words, code, says, photos, capsys, monkeypatch):
    learning_only(monkeypatch)
    found, _, err = repix(capsys, *words.split())
    assert found == code, err
    assert says in err
    assert err.count("\n") == 1
    assert err.startswith("repix: ")


def test_a_training_that_fails_says_so_and_leaves_with_one(photos, capsys, monkeypatch):
    learning_only(monkeypatch)
    task_loss, calls = supervised.task_loss, []

    def failing(*given):
        calls.append(0)
        return task_loss(*given) * (float("nan") if len(calls) > CHECKED else 1)

    monkeypatch.setattr(supervised, "task_loss", failing)
    code, _, err = repix(capsys, "train", "denoise", "photos", "-o", "run", *SHORT, *TINY)
    assert code == 1
    assert err.startswith("repix: The loss became nan in step 1. Train again with a lower learning rate")
    assert err.count("\n") == 1


def test_help_mentions_everything(capsys):
    code, out, _ = repix(capsys, "train", "--help")
    assert code == 0
    options = "output minutes steps network upsampler color gray scale sigma patch-size batch-size lr set"
    for option in [
        *options.split(),
        "holdout",
        "ignore-index",
        "init-from",
        "seed",
        "device",
        "precision",
        "recipe",
        "resume",
    ]:
        assert f"--{option}" in out
    for task in registry.available("tasks"):
        assert task in out
    for word in ("TASK", "FOLDER", "repix train denoise photos -o run", "Ctrl-C", "repix networks"):
        assert word in " ".join(out.split())
    code, out, _ = repix(capsys, "export", "--help")
    assert (code, "RUN/model.onnx" in out) == (0, True)


@pytest.mark.parametrize("library", ["lightning", "safetensors", "tensorboard", "tomli_w", "onnxscript"])
def test_a_library_that_is_not_installed_is_named_with_its_extra(library, photos, capsys, monkeypatch):
    imported = registry.importlib.import_module

    def lacking(name, package=None):
        if name == library:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return imported(name, package)

    monkeypatch.setattr(registry.importlib, "import_module", lacking)
    code, _, err = repix(capsys, "train", "denoise", "photos", "-o", "run", *SHORT)
    assert (code, err.count("\n")) == (1, 1)
    assert f"`pip install {registry.DISTRIBUTIONS.get(library, library)}` (extra train)" in err


def test_settings_go_to_the_task_or_to_the_network():
    made = with_settings(
        Recipe("denoise", "photos", network="unet", settings={"color": False}),
        ["loss=l1", "density=0.1 0.3", "sigma=none", "skip=add", "widths=4,8"],
    )
    assert made.settings == {"color": False, "loss": "l1", "density": (0.1, 0.3), "sigma": None}
    assert made.network_settings == {"skip": "add", "widths": (4, 8)}
    with pytest.raises(WrongUse, match="Neither denoise nor unet has a setting 'skipp'; did you mean 'skip'"):
        with_settings(Recipe("denoise", "photos", network="unet"), ["skipp=add"])
    with pytest.raises(RepixError, match="skip is 'sideways'; choose from"):
        with_settings(Recipe("denoise", "photos", network="unet"), ["skip=sideways"])
    for word, option in {
        "ignored": "--ignore-index 11",
        "patch_size": "--patch-size 11",
        "holdout": "--holdout 11",
    }.items():
        with pytest.raises(WrongUse, match=f"there is an option for it; write {option}"):
            with_settings(Recipe("segment", "photos"), [f"{word}=11"])
