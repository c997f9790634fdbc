"""The verbs of the tasks are made from what the tasks' files say, those of other distributions too."""

import subprocess
import sys
from pathlib import Path

import pytest

from repix import registry
from repix.cli._app import run, verb, verbs
from repix.cli._conversion import TASK_OPTIONS
from repix.cli._side import SIDE_OPTIONS
from repix.conversion import Contract, write_model
from repix.conversion.file import FileOptions
from repix.errors import WrongUse
from repix.pictures import read
from tests.conversion.models import mixing
from tests.data.drawing import photo, put

TASKS = registry.available("tasks")
MASKED = {"sigma": "none", "density": [0.1, 0.5], "impulse_mask": True}
GIVEN = {"strength": 0.5}
"""The values of options that are no flags."""
DEPTH = '''"""Depth: a photo to a map of distances.

It stands for a task of another distribution.
"""

from dataclasses import replace

from repix.tasks.denoise import Denoise, make as denoise
from repix.tasks import TaskMaker
{command}
make = TaskMaker(Denoise, lambda settings: replace(denoise(settings), name="depth", keeps_colors=False))
'''
COMMAND = """
COMMAND = {
    "summary": "Say how far away each pixel is.",
    "help": "Say how far away each pixel is, in a picture.",
    "options": ("strength",),
    "refused": {"metres": "--metres {0} is not known; the result has no unit."},
}
"""


def options(name: str) -> set[str]:
    """The options that are listed."""
    return {one.opts[0] for one in verb(name).params if one.opts[0].startswith("-") and not one.hidden}


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_a_verb_with_convert_s_options_and_its_own(task):
    said = registry.literal("tasks", task, "COMMAND")
    own = {f"--{name}" for name in (*said.get("options", ()), said.get("model_option", {}).get("name", "model"))}
    common = options("convert") - {f"--{name}" for name in (*TASK_OPTIONS, *SIDE_OPTIONS)}
    assert options(task) == common | {"--model"} | own
    assert task in verbs()


@pytest.mark.parametrize("name", TASK_OPTIONS)
@pytest.mark.parametrize("task", TASKS)
def test_an_option_is_listed_exactly_where_the_task_accepts_it(task, name):
    assert (f"--{name}" in options(task)) == accepts(task, name)


def accepts(task: str, name: str) -> bool:
    """Whether a model of the task is run with the option."""
    settings = {"values": [0, 255]} if task == "segment" else {}
    if (task, name) == ("denoise", "mask"):
        settings = MASKED
    try:
        FileOptions(**{name.replace("-", "_"): GIVEN.get(name, True)}).require(Contract(task, settings))
    except WrongUse:
        return False
    return True


def test_what_is_not_listed_is_refused_with_the_reason(tmp_path, capsys):
    contract = Contract("scene", {}, channels=(1, 3), halo=0, bytes_per_pixel=24)
    write_model(tmp_path / "model.onnx", mixing(contract)[0], contract)
    put(tmp_path / "a.png", photo(1, (12, 14)))
    words = ["scene", str(tmp_path / "a.png"), "--model", str(tmp_path / "model.onnx")]
    for option, said in (
        (["--strength", "0.5"], "a result of scene cannot be blended with its source"),
        (["--keep-colors"], "cannot be kept in a result of scene"),
        (["--overlay"], "--overlay and --probabilities are for segmentation models; this one is for scene"),
        (["--mask"], "--mask is for models that mark corrupted pixels, which this one does not"),
    ):
        assert run([*words, *option]) == 2
        assert said in capsys.readouterr().err
    assert not (tmp_path / "a-scene.png").exists()
    assert run(words) == 0


def test_the_mask_of_a_model_that_has_one_is_a_file(tmp_path, capsys):
    contract = Contract("denoise", MASKED, channels=(3, 4), halo=0, bytes_per_pixel=28)
    write_model(tmp_path / "model.onnx", mixing(contract)[0], contract)
    put(tmp_path / "a.png", photo(1, (12, 14)))
    words = ["denoise", str(tmp_path / "a.png"), "--model", str(tmp_path / "model.onnx"), "--mask"]
    assert run([*words, "-o", "-"]) == 2
    assert "--mask write further files next to the result; name a file with -o" in capsys.readouterr().err
    assert run(words) == 0
    mask, before, after = (read(tmp_path / f"a{end}.png").pixels for end in ("-denoise-mask", "", "-denoise"))
    assert mask.shape == (12, 14, 1)
    assert (before == after).all(axis=2)[mask[:, :, 0] == 0].all()
    assert (
        run(["denoise", str(tmp_path / "a.png"), "--model", "denoise-gray", "--mask", "-o", str(tmp_path / "b")]) == 2
    )
    assert "or train a model with the setting impulse_mask of denoise" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


def test_options_that_only_some_tasks_have():
    assert {task for task in TASKS if "--scale" in options(task)} == {"upscale"}
    assert {task for task in TASKS if "--overlay" in options(task)} == {"segment"}


@pytest.mark.parametrize("task", TASKS)
def test_the_help_is_that_of_the_task_s_file(task, capsys):
    said = registry.literal("tasks", task, "COMMAND")
    assert run([task, "--help"]) == 0
    shown = "".join(capsys.readouterr().out.split())  # lines are broken at hyphens too
    assert "".join(said["help"].partition("\n\n")[0].split()) in shown
    assert "`repixconvert--help`explainstiles" in shown
    assert run(["--help"]) == 0
    assert said["summary"].rstrip(".") in " ".join(capsys.readouterr().out.split())


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Installs a distribution with the task `depth`, and returns a function that runs repix with it."""

    def install(command: str):
        folder = tmp_path / "site"
        (folder / "depths-1.0.dist-info").mkdir(parents=True)
        (folder / "depths-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: depths\nVersion: 1.0\n")
        (folder / "depths-1.0.dist-info" / "entry_points.txt").write_text("[repix.tasks]\ndepth = depths\n")
        (folder / "depths.py").write_text(DEPTH.format(command=command))
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PYTHONPATH", f"{folder}:{Path(__file__).parents[2] / 'src'}")

        def call(*words):
            command = [sys.executable, "-m", "repix", *words]
            return subprocess.run(command, capture_output=True, text=True, check=False)

        return call

    return install


@pytest.mark.parametrize(
    ("command", "summary", "help_text"),
    [
        (COMMAND, "Say how far away each pixel is", "in a picture."),
        ("", "Depth: a photo to a map of distances", "It stands for a task of another distribution."),
    ],
)
def test_a_task_of_another_distribution_has_its_verb(command, summary, help_text, plugin):
    repix = plugin(command)
    listed, said = repix("--help").stdout, repix("depth", "--help").stdout
    assert ("--strength" in said, "--keep-colors" in said) == ("options" in command, False)
    assert f"  depth     {summary}" in listed
    assert help_text in " ".join(said.split())
    assert "train one with `repix train depth FOLDER -o run`" in repix("depth", "a.png").stderr


def test_it_converts_and_answers(plugin, tmp_path):
    repix = plugin(COMMAND)
    contract = Contract("depth", {"color": True}, channels=(3, 3), halo=0, bytes_per_pixel=24)
    write_model(tmp_path / "model.onnx", mixing(contract)[0], contract)
    put(tmp_path / "a.png", photo(1, (12, 14)))
    done = repix("depth", "a.png", "--model", "model.onnx")
    assert (done.returncode, done.stdout) == (0, "a-depth.png\n"), done.stderr
    done = repix("depth", "a.png", "--model", "model.onnx", "--strength", "0.5", "-o", "half.png")
    assert (done.returncode, done.stdout) == (0, "half.png\n"), done.stderr
    done = repix("depth", "a.png", "--model", "model.onnx", "--keep-colors", "-o", "kept.png")
    assert (done.returncode, "cannot be kept in a result of depth" in done.stderr) == (2, True), done.stderr
    done = repix("depth", "a.png", "--metres", "3")
    assert (done.returncode, done.stderr) == (2, "repix: --metres 3 is not known; the result has no unit.\n")
    done = repix("dept", "a.png")
    assert (done.returncode, "Did you mean 'depth'" in done.stderr) == (2, True), done.stderr


def test_what_is_no_literal_is_refused_in_a_sentence(plugin):
    repix = plugin('COMMAND = {"help": str(1)}')
    done = repix("depth", "--help")
    assert done.returncode == 2
    assert done.stderr == "repix: COMMAND in depths must be a literal, because the file is read without importing it.\n"


def test_a_verb_s_file_goes_before_a_task_of_its_name(monkeypatch):
    verb("filter")  # is imported once, with the filters that there are then
    monkeypatch.setattr("repix.registry._foreign", lambda _: {"filter": None})
    assert verbs().count("filter") == 1
    assert "median" in verb("filter").commands


def test_literals_of_members():
    assert registry.literal("tasks", "denoise", "NOWHERE") is None
    with pytest.raises(WrongUse, match="must be a literal"):
        registry.literal("tasks", "denoise", "FACTOR")
