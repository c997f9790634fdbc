"""Spoil pictures in a known way: noise, blur, shrinking, greying, edges, and chains of them."""

from functools import partial
from typing import Any

from repix.cli._app import Listed
from repix.cli._family import family_group
from repix.members import first_line


def _chain() -> Any:
    from repix.cli._chain import chain_command

    return chain_command()


VERB = family_group(
    "degradations",
    "degrade",
    "Spoil pictures in a known way: noise, blur, shrinking, greying, edges.",
    {"chain": Listed(partial(first_line, "repix.cli._chain"), _chain)},
)
