"""Side inputs on the command line: the options that give a model more than a picture."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repix.errors import WrongUse

if TYPE_CHECKING:
    from repix.conversion import Contract
    from repix.side_inputs import ColorHints, Side


@dataclass(frozen=True)
class SideArguments:
    """Options that give values of side inputs, for tasks that name them in the options of their command."""

    hint: Annotated[
        list[str] | None,
        typer.Option(
            "--hint", metavar="X,Y,#RRGGBB", help="A pixel and its color, from the left and the top; repeatable."
        ),
    ] = None
    hints: Annotated[
        Path | None,
        typer.Option(
            "--hints",
            metavar="FILE",
            readable=False,
            help="Pixels and their colors: JSON, or a transparent PNG of the same size with dots.",
        ),
    ] = None

    def side(self, contract: "Contract", inputs: Sequence[Path]) -> "Side":
        """Return the values of the model's side inputs; refuse those that it does not take."""
        given = self._color_hints(inputs)
        if given is None:
            return {}
        taken = [one.name for one in contract.side_inputs if one.kind == "color-hints"]
        if not taken:
            raise WrongUse(
                f"The model (of {contract.task}) takes no color hints; leave --hint and --hints out, or choose a model "
                "that takes them with --model."
            )
        return {taken[0]: given}

    def _color_hints(self, inputs: Sequence[Path]) -> "ColorHints | None":
        """Return the given hints, if any; they are for one picture."""
        from repix.side_inputs import ColorHints, Hint, read_hints

        if not self.hint and self.hints is None:
            return None
        if self.hint and self.hints is not None:
            raise WrongUse("Both --hint and --hints are given; write all hints into the file, or leave it out.")
        if len(inputs) != 1 or inputs[0].is_dir():
            raise WrongUse("Hints are for the pixels of one picture; convert a single picture with --hint or --hints.")
        return read_hints(self.hints) if self.hints is not None else ColorHints(list(map(Hint.parse, self.hint or ())))


SIDE_OPTIONS = tuple(one.name for one in fields(SideArguments))
"""The names of these options."""
