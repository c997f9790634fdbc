"""American and British spelling name the same options, commands, members, models and settings."""

import json
from pathlib import Path

import numpy as np
import pytest

from repix import registry
from repix.cli._app import app, run, verb, verbs
from repix.models import catalog, model_named
from repix.parameters import parameters
from repix.pictures import Picture, read, write
from repix.registry import american


def british(word: str) -> str:
    return word.replace("color", "colour").replace("gray", "grey").replace("colourize", "colorize")


SPELLED = [
    (family, name)
    for family in registry.FAMILIES
    for name in registry.available(family)
    if american(name) != british(name)
]


@pytest.fixture
def photo(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(Picture(np.random.default_rng(0).integers(0, 255, (20, 24, 3), np.uint8)), "photo.png")


def test_there_is_something_to_spell():
    assert len(SPELLED) >= 3


@pytest.mark.parametrize(("family", "name"), SPELLED)
def test_a_member_is_had_by_either_spelling(family, name):
    assert registry.get(family, american(name)) is registry.get(family, british(name))
    assert registry.summary(family, american(name)) == registry.summary(family, british(name))
    package = __import__(f"repix.{family}", fromlist=["x"])
    there = (american(name).replace("-", "_"), british(name).replace("-", "_"))
    assert getattr(package, there[0]) is getattr(package, there[1])


@pytest.mark.parametrize("name", [name for name in catalog() if american(name) != british(name)])
def test_a_model_is_had_by_either_spelling(name, capsys):
    assert model_named(american(name)) == model_named(british(name))
    shown = []
    for word in (american(name), british(name)):
        assert run(["show", word]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def options() -> list[tuple[str, str]]:
    """Every option of every verb that can be spelled in two ways."""
    found = []
    for name in verbs():
        for parameter in verb(name).params:
            every = (*parameter.opts, *getattr(parameter, "secondary_opts", ()))
            found += [(name, option) for option in every if american(option) != british(option)]
    return found


@pytest.mark.parametrize(("name", "option"), options())
def test_an_option_is_had_by_either_spelling(name, option, capsys):
    for word in (american(option), british(option)):
        run([name, word])
        assert "No such option" not in capsys.readouterr().err


@pytest.mark.parametrize("spell", [american, british])
def test_what_is_written_on_the_command_line_is_the_same(spell, photo, capsys):
    words = [
        ["degrade", "gray", "photo.png", "-o", "gray.png"],
        ["degrade", "chain", "photo.png", "-o", "chain.png", "--step", "gray"],
        ["measure", "photo.png", "photo.png", "--metric", "colorfulness", "--json"],
        ["convert", "denoise-color", "photo.png", "-o", "out.png", "--engine", "echo"],
        ["evaluate", "denoise-color", ".", "--task", "denoise", "--set", "color=yes", "--json"],
    ]
    outs = []
    for line in words:
        assert run([word if word.endswith(".png") else spell(word) for word in line]) == 0, capsys.readouterr().err
        outs.append(capsys.readouterr().out)
    assert json.loads(outs[2])["measured"][0]["metric"] == "colorfulness"
    assert read("gray.png").is_gray
    assert Path("chain.png").read_bytes() == Path("gray.png").read_bytes()


def test_choices_and_settings_are_spelled_either_way():
    described = parameters(registry.get("tasks", "segment").settings)
    assert described["kind"].read("colors") == described["kind"].read("colors") == "colors"


def test_a_typo_stays_a_typo(capsys):
    assert run(["train", "denoise", "photos", "-o", "run", "--colr"]) == 2
    assert "Possible options: --color" in capsys.readouterr().err
    assert app is not None


def test_denoise_answers_sigma_with_what_can_be_told(photo, capsys):
    assert run(["denoise", "photo.png", "--sigma", "25", "--model", "denoise-photo", "-o", "out.png"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    for said in ("the model is blind", "--strength", "filter bm3d --sigma 25", "nl-means --sigma 25"):
        assert said in err
    assert not Path("out.png").exists()
