"""`repix audit`: verdict, JSON, exit code and page."""

import json

import pytest

from repix.cli._app import run
from tests.audit.zoo import content


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content("random 3x3"))
    return path


def test_the_verdict_and_the_tables_are_printed(broken, capsys):
    assert run(["audit", str(broken)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("broken.onnx has a checkerboard of period 2: ")
    assert "predicted" in printed
    assert "constant inputs" in printed


def test_json_holds_predicted_beside_measured(broken, capsys):
    assert run(["audit", str(broken), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (layer,) = found["layers"]
    assert layer["even"] is False
    assert layer["predicted"]["score"] == pytest.approx(layer["measured"]["score"], abs=0.3)
    assert [one["inputs"] for one in found["inputs"]] == ["constant", "ramp", "step", "texture"]
    assert found["score"] > 60


def test_a_score_above_the_limit_fails(broken, tmp_path, capsys):
    assert run(["audit", str(broken), "--fail-above", "10"]) == 1
    assert "the limit is 10 dB." in capsys.readouterr().err
    assert run(["audit", str(broken), "--fail-above", "90"]) == 0
    plain = tmp_path / "plain.onnx"
    plain.write_bytes(content("nearest x3"))
    assert run(["audit", str(plain), "--fail-above", "10"]) == 0


def test_the_page_is_one_file(broken, tmp_path):
    page = tmp_path / "page.html"
    assert run(["audit", str(broken), "--page", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "broken.onnx has a checkerboard" in text
    assert text.count("data:image/png;base64,") == 12  # four spectra, four crops, and the crops amplified
    assert text.count("data:image/svg+xml;base64,") == 4
    assert 'src="http' not in text
    assert run(["audit", str(broken), "--page", str(page)]) != 0
    assert run(["audit", str(broken), "--page", str(page), "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--page", "page.txt"], "the file name must end in .html"),
        (["--overwrite"], "leave it out without --page"),
        (["--engine", "opnvino"], "did you mean 'openvino'"),
    ],
)
def test_wrong_options_are_refused(broken, words, sentence, capsys):
    assert run(["audit", str(broken), *words]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--page", "no/page.html"], ["--fix", "no/even.onnx"]])
def test_a_missing_folder_is_refused_before_the_audit(broken, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for place in ("repix.audit.audit_model", "repix.audit.correction.audit_graph"):
        monkeypatch.setattr(place, lambda *_, **__: pytest.fail("the audit began"))
    assert run(["audit", str(broken), *words]) == 1
    assert capsys.readouterr().err == f"repix: {words[1]} cannot be written: the folder does not exist.\n"
