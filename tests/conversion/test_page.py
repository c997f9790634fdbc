"""docs/models.md says what the contract and the engines are."""

import re
from dataclasses import fields
from pathlib import Path

from repix import members
from repix.conversion import Contract

PAGE = Path(__file__).parents[2].joinpath("docs", "models.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> str:
    """The first column of the table under a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| "))


def test_the_table_holds_every_key_of_the_contract():
    assert re.findall(r"`(\w+)`", first_cells("The contract")) == sorted(
        (f.name for f in fields(Contract)), key=first_cells("The contract").index
    )


def test_the_table_holds_every_engine():
    assert set(re.findall(r"\[(\w+)\]", first_cells("Engines"))) == {*members.names("engines"), "echo"}
