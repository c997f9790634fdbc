"""docs/model-files.md says what the contract and the engines are."""

import json
import re
import runpy
from dataclasses import fields
from pathlib import Path

from repix import registry
from repix.conversion import Contract, read_model
from tests.json_schema import accepts

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "model-files.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> str:
    """The first column of the table under a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    table = section.partition("\n|---")[2].partition("\n\n")[0]
    return "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| "))


def test_the_table_holds_every_key_of_the_contract():
    assert re.findall(r"`(\w+)`", first_cells("The contract")) == sorted(
        (f.name for f in fields(Contract)), key=first_cells("The contract").index
    )


def test_the_schema_is_the_contract_s():
    """Made again by `python docs/make_schema.py`."""
    page = (DOCS / "contract.schema.json").read_text(encoding="utf-8")
    assert page == runpy.run_path(str(DOCS / "make_schema.py"))["page"]()
    written = read_model("segment-street").contract.to_dict()
    assert accepts(json.loads(page), written)
    assert not accepts(json.loads(page), written | {"step": 0})


def test_the_table_holds_every_engine():
    assert set(re.findall(r"\[(\w+)\]", first_cells("Engines"))) == {*registry.available("engines"), "echo"}
