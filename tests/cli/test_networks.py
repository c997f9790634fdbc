"""`repix networks`: what there is, what it costs, what can be set."""

import json
import sys

import pytest

from repix import registry
from repix.cli._app import run


def test_json_lists_every_network(capsys):
    assert run(["networks", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert tuple(rows) == registry.available("networks")
    assert rows["channel-mixer"] | {"summary": ""} == {
        "name": "channel-mixer",
        "summary": "",
        "parameters": 640,
        "macs": 9 * 64 + 4 * 64,
        "scale": 2,
        "step": 1,
        "halo": None,
    }
    assert rows["dncnn"]["halo"] == 17


def test_the_table_names_every_network(capsys):
    assert run(["networks"]) == 0
    shown = capsys.readouterr().out
    for name in registry.available("networks"):
        assert name in shown


def test_one_networks_settings(capsys):
    assert run(["networks", "unet", "--json"]) == 0
    settings = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert settings["widths"]["default"] == [64, 128, 256, 512, 512]
    assert settings["skip"]["default"] == "concat"
    assert run(["networks", "unet"]) == 0
    assert "64 128 256 512 512" in capsys.readouterr().out


def test_a_typo_gets_the_nearest_name(capsys):
    assert run(["networks", "unett"]) == 2
    assert "did you mean 'unet'?" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["unet"]])
def test_without_torch_it_is_named(arguments, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert run(["networks", *arguments]) == 1
    assert "pip install torch" in capsys.readouterr().err
