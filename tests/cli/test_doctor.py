"""`repix doctor`: what is here, what is missing, what to do."""

import json
import sys
from importlib.metadata import version

import pytest

from repix.cli import doctor
from repix.cli._app import run


def test_json_holds_what_is_installed(capsys):
    assert run(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    extras = {extra["name"]: extra for extra in findings["extras"]}
    assert extras["base"]["found"]["numpy"] == version("numpy")
    assert not extras["base"]["missing"]
    assert set(extras) >= {"base", "filters", "bm3d", "onnxruntime", "train"}
    assert findings["cores"] >= 1


def test_the_table_names_every_extra(capsys):
    assert run(["doctor"]) == 0
    shown = capsys.readouterr().out
    for name in ("filters", "bm3d", "onnxruntime", "train"):
        assert name in shown


def test_a_missing_library_becomes_advice(monkeypatch):
    monkeypatch.setattr(
        doctor, "requires", lambda _: ['no-such>=1; extra == "filters"', 'nor[this]; extra == "filters"']
    )
    assert doctor.examine().advice[0].endswith(": `pip install no-such nor` (extra filters).")


@pytest.mark.parametrize("variable", doctor.THREAD_LIMITS)
def test_a_thread_limit_becomes_advice(variable, monkeypatch):
    monkeypatch.setenv(variable, "0")
    assert any(variable in sentence for sentence in doctor.examine().advice)


@pytest.mark.skipif(sys.platform != "linux", reason="processor features are read from Linux's own file")
def test_the_processor_has_some_known_feature():
    assert doctor.examine().features
