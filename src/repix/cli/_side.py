"""Side inputs on the command line: the options that give a model more than a picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repix.errors import WrongUse
from repix.printable import printable, shown

if TYPE_CHECKING:
    from repix.conversion import Contract
    from repix.side_inputs import ColorHints, PictureMap, Side, SideInput


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

    sigma: Annotated[
        float | None,
        typer.Option(
            "--sigma", metavar="LEVEL", help="Noise level, if it is known: standard deviation, in gray levels (8-bit)."
        ),
    ] = None

    perception: Annotated[
        str | None,
        typer.Option(
            "--perception",
            metavar="0..1|auto|MAP",
            help="Fidelity (0) or detail (1), auto (the model chooses at each pixel), or a gray picture of the same "
            "size: black for 0, white for 1.",
        ),
    ] = None

    def __post_init__(self) -> None:
        """Refuse a noise level that is none."""
        if self.sigma is not None and not (self.sigma > 0 and math.isfinite(self.sigma)):
            raise WrongUse(
                f"--sigma is {self.sigma:g}; it must be a number above 0, the noise level in gray levels (8-bit), such "
                "as 25. Leave it out if the noise level is not known."
            )

    def side(self, contract: "Contract", inputs: Sequence[Path]) -> "Side":
        """Return the values of the model's side inputs; refuse those that it does not take."""
        return {**self._hints(contract, inputs), **self._level(contract), **self._perception(contract, inputs)}

    def _level(self, contract: "Contract") -> "Side":
        """Return the noise level, where white is 1."""
        if self.sigma is None:
            return {}
        name = level_name(contract)
        if name is None:
            raise WrongUse(f"--sigma {self.sigma:g}: {_without_level(contract, self.sigma)}")
        self._require_trained(contract)
        return {name: self.sigma / 255}

    def _require_trained(self, contract: "Contract") -> None:
        """Refuse a noise level above those of the model's training."""
        largest = contract.make_task().domain.noise
        if self.sigma is not None and largest is not None and self.sigma > largest:
            raise WrongUse(
                f"--sigma {self.sigma:g} is above {largest:g}, the strongest noise that the model was trained with; "
                f"leave --sigma out, or use `repix filter bm3d --sigma {self.sigma:g}`."
            )

    def _perception(self, contract: "Contract", inputs: Sequence[Path]) -> "Side":
        """Return the value or the map of the model's perception map."""
        if self.perception is None:
            return {}
        taken = [one for one in contract.side_inputs if one.kind == "perception-map"]
        if not taken:
            raise WrongUse(
                f"--perception {printable(self.perception)}: the model (of {contract.task}) takes no perception map; "
                "leave --perception out, or name a model that takes one with --model, such as upscale-x4-sharp "
                "(`repix upscale --scale 4` takes it)."
            )
        if self.perception == "auto":
            return {taken[0].name: _choice(taken[0])}
        return {taken[0].name: _perception_of(self.perception, inputs)}

    def _hints(self, contract: "Contract", inputs: Sequence[Path]) -> "Side":
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


def _choice(side_input: "SideInput") -> float:
    """Return the value at which the model chooses; refuse a model that cannot."""
    from repix.side_inputs import CHOSEN

    if not side_input.chosen:
        raise WrongUse(
            "--perception auto: the model does not choose the map itself; give a number from 0 (fidelity) to 1 "
            "(detail), or a gray picture of the same size."
        )
    return CHOSEN


def _perception_of(given: str, inputs: Sequence[Path]) -> "float | PictureMap":
    """Return the number, or the map of a file, which is for one picture."""
    from repix.side_inputs import read_map

    try:
        value = float(given)
    except ValueError:
        if not Path(given).exists():
            raise WrongUse(
                f"--perception is {shown(given)}, which is neither a number, auto, nor a file; give a number from 0 "
                "(fidelity) to 1 (detail), auto, or a gray picture of the same size."
            ) from None
        if len(inputs) != 1 or inputs[0].is_dir():
            raise WrongUse(
                "A perception map is for the pixels of one picture; convert a single picture with it, or give a number."
            ) from None
        return read_map(given)
    if not 0 <= value <= 1:
        raise WrongUse(f"--perception is {given}; it must be from 0 (fidelity) to 1 (detail), or a gray picture.")
    return value


def _without_level(contract: "Contract", sigma: float) -> str:
    """Return why a model takes no noise level, and what to do, which depends on the defects that it removes."""
    task = contract.make_task()
    if task.domain.removes == ("noise",):
        return (
            "the model is blind, without a noise level; leave --sigma out. --strength below 1 removes less noise. "
            f"Filters have a noise level: `repix filter bm3d --sigma {sigma:g}` or `repix filter nl-means --sigma "
            f"{sigma:g}`."
        )
    said = f"the model (of {task.name}) takes no noise level; leave --sigma out."
    if "noise" in task.domain.removes:
        return f"{said} It estimates the noise itself."
    return f"{said} `repix denoise --sigma {sigma:g}` removes noise of this level."


def level_name(contract: "Contract") -> str | None:
    """Return the name of the model's noise level, if it takes one."""
    return next((one.name for one in contract.side_inputs if one.kind == "noise-level"), None)


SIDE_OPTIONS = tuple(one.name for one in fields(SideArguments))
"""The names of these options."""
