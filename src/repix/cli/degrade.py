"""Degrade pictures: noise, blur, JPEG, shrinking, gray, edges, and chains of them."""

from typing import Annotated, Any

import typer

from repix.cli._commands import Convert, Listed, family_group, parameter, picture_command

CHAIN = """Chain: several degradations in sequence.

Each step has the options of its command, as name=value. Values are neither clipped nor rounded between steps.
"""
Step = Annotated[list[str], typer.Option(help="A degradation with its settings, 'gaussian sigma=25'; may be repeated.")]


def _chain() -> Any:
    """Return `repix degrade chain IN... --step TEXT --step TEXT`."""
    from repix.degradations import chain_function, read_steps

    def prepare(settings: dict[str, Any], depth: str | None) -> Convert:
        return chain_function(read_steps(settings["step"]), depth)

    return picture_command(("degradations", "chain"), CHAIN, [parameter("step", Step)], prepare, random=True)


VERB = family_group(
    "degradations",
    "degrade",
    "Degrade pictures: noise, blur, JPEG, shrinking, gray, edges.",
    {"chain": Listed(lambda: CHAIN.partition("\n")[0], _chain)},
)
