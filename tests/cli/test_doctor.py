"""`repix doctor`: what is here, what is missing, what to do."""

import json
from importlib.metadata import version

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
