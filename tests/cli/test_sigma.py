"""`repix denoise --sigma`: the model for a known noise level, its input, and a sentence for each bad level."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from repix import registry
from repix.cli._app import run
from repix.conversion import Contract, convert, open_model, write_model
from repix.models import catalog
from repix.pictures import read
from tests.conversion.models import mixing

TASK = registry.get("tasks", "denoise")({"level_input": True})
CONTRACT = Contract("denoise", TASK.settings.to_dict(), channels=TASK.channels, side_inputs=TASK.side.inputs)


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A gray and a color picture, also with alpha, in the working folder."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name, channels in (("gray", ()), ("color", (3,)), ("gray-alpha", (2,)), ("color-alpha", (4,))):
        Image.fromarray(rng.integers(100, 156, (12, 15, *channels), np.uint8)).save(f"{name}.png")
    write_model("model.onnx", mixing(CONTRACT)[0], CONTRACT)
    return tmp_path


@pytest.mark.parametrize("name", ["gray", "color", "gray-alpha", "color-alpha"])
def test_the_picture_selects_the_laboratory_model_which_gets_the_level(pictures, name):
    kind = name.partition("-")[0]
    assert run(["denoise", "--sigma", "25", f"{name}.png", "-o", "out.png", "--threads", "1"]) == 0
    wanted = convert(
        read(f"{name}.png"), open_model(catalog()[f"denoise-{kind}"].path, threads=1), side={"level": 25 / 255}
    )
    np.testing.assert_array_equal(read("out.png").pixels, wanted.pixels)


def test_a_folder_of_one_kind_has_its_model_and_a_mixed_one_a_sentence(pictures, capsys):
    Path("photos").mkdir()
    Path("gray.png").rename("photos/a.png")
    Path("photos/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert run(["denoise", "--sigma", "25", "photos", "-o", "out", "--dry-run"]) == 0
    capsys.readouterr()
    Path("color.png").rename("photos/b.png")
    assert run(["denoise", "--sigma", "25", "photos", "-o", "out"]) == 2
    err = capsys.readouterr().err
    assert "photos/a.png is gray and photos/b.png is in color, but --sigma selects one model" in err
    assert err.count("\n") == 1
    assert not Path("out").exists()


def test_a_model_with_the_level_gets_it(pictures):
    engine, picture = open_model("model.onnx", threads=1), read("color.png")
    assert run(["denoise", "--sigma", "51", "color.png", "--model", "model.onnx", "-o", "out.png"]) == 0
    given = convert(picture, engine, side={"level": 0.2}).pixels
    np.testing.assert_array_equal(read("out.png").pixels, given)
    assert (given != convert(picture, engine).pixels).any()
    assert run(["convert", "--sigma", "51", "model.onnx", "color.png", "-o", "again.png"]) == 0
    np.testing.assert_array_equal(read("again.png").pixels, given)


@pytest.mark.parametrize("value", ["0", "-5", "nan", "inf"])
def test_what_is_no_level_is_refused(pictures, value, capsys):
    refused(["denoise", "--sigma", value, "gray.png"], "--sigma is", capsys)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sigma", "much", "gray.png"], "--sigma"),
        (["--sigma", "55.1", "gray.png"], "--sigma 55.1 is above 55, the strongest noise"),
        (["--sigma", "60", "color.png", "--model", "model.onnx"], "--sigma 60 is above 55, the strongest noise"),
        (["--sigma", "25", "color.png", "--model", "denoise-photo"], "the model is blind, without a noise level"),
        (["--sigma", "25", "color.png", "--model", "deblur"], "deblur is a model for deblur, not for denoise"),
        (["--sigma", "25", "-"], "not known before it is read from the standard input"),
    ],
)
def test_what_does_not_fit_is_refused(pictures, words, said, capsys):
    refused(["denoise", *words], said, capsys)


@pytest.mark.parametrize("task", sorted({bundled.task for bundled in catalog().values()} - {"denoise"}))
def test_other_tasks_take_no_level(pictures, task, capsys):
    """Also by `repix convert`; only a model that removes noise is said to estimate it."""
    own = "It estimates the noise itself." if task == "restore" else "`repix denoise --sigma 25` removes noise of this"
    said = f"--sigma 25: the model (of {task}) takes no noise level; leave --sigma out. {own}"
    refused([task, "--sigma", "25", "color.png"], said, capsys)
    bundled = next(name for name, one in catalog().items() if one.task == task)
    refused(["convert", "--sigma", "25", bundled, "color.png"], said, capsys)


@pytest.mark.parametrize("model", ["dejpeg", "denoise-impulse"])
def test_a_model_that_removes_something_else_has_no_sentence_about_noise_filters(pictures, model, capsys):
    words = ["denoise", "--model", model, "--sigma", "25", "color.png"]
    refused(words, "takes no noise level; leave --sigma out. `repix denoise --sigma 25` removes noise", capsys)


def refused(words, said, capsys):
    assert run([*words, "-o", "out.png"]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not Path("out.png").exists()
