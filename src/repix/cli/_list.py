"""Option of commands that take the files of a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repix.errors import WrongUse

if TYPE_CHECKING:
    from repix.cli._commands import BatchArguments


@dataclass(frozen=True)
class ListArguments:
    """A list of files instead of their names."""

    files: Annotated[
        Path | None,
        typer.Option(
            metavar="LIST",
            readable=False,
            help='Instead of IN: a list of files, .jsonl with lines {"source": ..., "target": ...}, or .parquet.',
        ),
    ] = None

    def require_inputs(self, inputs: list[Path], batch: "BatchArguments", stack: bool = False) -> None:
        """Refuse a command without files, and a list of files together with options that it excludes."""
        if self.files is None:
            if not inputs:
                raise WrongUse("No pictures are named; name files or folders, or a list of files with --files.")
            return
        if inputs:
            raise WrongUse(f"Both --files {self.files} and {inputs[0]} are given; leave one out.")
        given = {"--recursive": batch.recursive, "--watch": batch.watch, "--stack": stack}
        if refused := [name for name, is_given in given.items() if is_given]:
            raise WrongUse(f"--files names every file; leave {' and '.join(refused)} out.")

    def refuse_level(self, models: Mapping[str, str]) -> None:
        """Refuse a noise level that is to select a model by the kind of the pictures, which a list does not tell."""
        if self.files is not None:
            raise WrongUse(
                "--sigma selects the model by the pictures, which are not opened for a list; name the model: --model "
                f"{' or --model '.join(models.values())}."
            )
