"""`repix import`: words in, a model file and words out."""

from pathlib import Path

import pytest

from repix.cli._app import run
from repix.conversion import read_model
from tests.conversion.onnx_import.models import simple


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("repix.conversion.onnx_import.importer.bytes_per_pixel", lambda *_: 50)
    monkeypatch.setattr("repix.evaluation.foreign_precision.opened_twice", lambda _: None)
    simple(Path("relu.onnx"))
    return Path("relu.onnx")


def test_it_says_what_it_found_and_what_it_cannot_know(source, capsys):
    before = source.read_bytes()
    assert run(["import", str(source), "--task", "denoise", "--range", "-1-1", "--set", "sigma=25,25"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("relu-repix.onnx: denoise, 0 parameters\nMeasured:\n")
    for words in (
        "scale: 1",
        "step: 1; ",
        "bf16: not measured, because this processor",
        "halo: 0, computed from the graph",
        "Unknown:\n",
        "red, green, blue",
    ):
        assert words in shown
    contract = read_model("relu-repix.onnx").contract
    assert (contract.settings["sigma"], contract.trained["range"]) == ([25, 25], "-1-1")
    assert source.read_bytes() == before
    assert run(["show", "relu-repix.onnx"]) == 0
    card = " ".join(capsys.readouterr().out.split())
    assert "Origin" in card
    assert "between the imported file and an engine" in card


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([], 2, "The task is missing, and an ONNX file does not contain it; give --task, one of "),
        (["--task", "denoize"], 2, "There is no 'denoize' among the tasks; did you mean 'denoise'?"),
        (["--task", "denoise", "-o", "relu.onnx"], 2, "relu.onnx is the model to import"),
        (["--task", "denoise", "-o", "there.onnx"], 1, "there.onnx exists already; use --overwrite"),
        (["--task", "denoise", "--mean", "0,a"], 2, "--mean 0,a: give numbers separated by commas"),
        (["--task", "denoise", "--std", "0"], 2, "A number of std is 0; it must be more than 0."),
        (["--task", "denoise", "--set", "sigam=1"], 2, "denoise has no setting 'sigam'; did you mean 'sigma'?"),
        (["--task", "upscale"], 2, "returns pictures of the same size; upscale has the scales 2, 3 and 4"),
        (["--task", "denoise", "--range", "0-2"], 2, "Invalid value for '--range'"),
    ],
)
def test_wrong_words_are_one_sentence(source, words, code, sentence, capsys):
    Path("there.onnx").write_text("mine")
    assert run(["import", str(source), *words]) == code
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.err.count("\n") == 1
    assert sorted(path.name for path in Path().iterdir()) == ["relu.onnx", "there.onnx"]
    assert Path("there.onnx").read_text() == "mine"


def test_a_terminal_is_asked(source, monkeypatch):
    answers = iter(["denoise", "0-255"])
    asked = []

    def prompt(question, **_):
        asked.append(question)
        return next(answers)

    monkeypatch.setattr("repix.cli.import_._is_interactive", lambda: True)
    monkeypatch.setattr("typer.prompt", prompt)
    assert run(["import", str(source), "-o", "new.onnx"]) == 0
    assert [question.split("(")[0] for question in asked] == ["Task of the model ", "Black and white in the input "]
    assert read_model("new.onnx").contract.trained["range"] == "0-255"
