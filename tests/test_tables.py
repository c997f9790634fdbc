"""The tables of the docs are what docs/make_tables.py writes."""

import runpy
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from repix import registry

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "make_tables.py"))


@pytest.mark.parametrize("family", SCRIPT["HEADS"])
def test_the_pages_are_what_the_script_writes(family):
    file, text = SCRIPT["page"](family)
    assert file.read_text("utf-8") == text, f"{file} is old; run `python docs/make_tables.py`"


@pytest.mark.parametrize("family", SCRIPT["HEADS"])
def test_every_member_says_when_to_take_it(family):
    for name in registry.own_names(family):
        use = registry.get(family, name).use
        assert use, f"{family}/{name} has no use"
        assert "|" not in use


def test_the_script_says_which_table_is_old(monkeypatch, capsys):
    other = replace(registry.get("upsampling", "nearest"), use="never")
    get = registry.get
    monkeypatch.setattr(registry, "get", lambda family, name: other if name == "nearest" else get(family, name))
    monkeypatch.setattr(sys, "argv", ["make_tables.py", "--check"])
    assert SCRIPT["main"]() == 1
    assert capsys.readouterr().out == "upsampling.md differs\n"
    assert "| never |" in SCRIPT["table"]("upsampling", ["nearest"])


def test_a_member_without_a_use_is_listed_with_its_first_line(monkeypatch):
    silent = replace(registry.get("upsampling", "nearest"), use="")
    monkeypatch.setattr(registry, "get", lambda *_: silent)
    assert "| Nearest: every pixel becomes a block of equal pixels. |" in SCRIPT["table"]("upsampling", ["nearest"])
