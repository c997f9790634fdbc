"""Degrade pictures in a known way: noise, blur, shrinking, graying, edges, and chains of them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix.cli._commands import Listed, parameter
from repix.cli._members import Convert, family_group, picture_command

if TYPE_CHECKING:
    import numpy as np

    from repix.pictures import Picture

CHAIN = """Chain: several degradations, one after another.

Steps take the options of their commands, as name=value. Nothing is clipped or rounded between steps.
"""
Step = Annotated[
    list[str], typer.Option(help="One degradation with its settings, 'gaussian sigma=25'; give one --step for each.")
]


def _chain() -> Any:
    """Return `repix degrade chain IN... --step TEXT --step TEXT`."""
    from repix.degradations import apply_steps, read_steps

    def prepare(settings: dict[str, Any], depth: str | None) -> Convert:
        steps = read_steps(settings["step"])

        def convert(picture: "Picture", rng: "np.random.Generator") -> "Picture":
            result = apply_steps(picture, rng, steps)
            return result.with_colors(result.colors(), result.alpha(), depth or picture.depth)

        return convert

    return picture_command(("degradations", "chain"), CHAIN, [parameter("step", Step)], prepare, random=True)


VERB = family_group(
    "degradations",
    "degrade",
    "Degrade pictures in a known way: noise, blur, shrinking, graying, edges.",
    {"chain": Listed(lambda: CHAIN.partition("\n")[0], _chain)},
)
