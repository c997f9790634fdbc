"""Export a run's best weights as a model file."""

from pathlib import Path
from typing import Annotated

import typer

from repix import registry
from repix.cli._commands import command
from repix.printable import printable


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `repix train` wrote.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The model; left out, RUN/model.onnx.")
    ] = None,
    half: Annotated[
        bool, typer.Option("--half", help="Weights of 16 bits, half as large a file; refused where it costs 0.01 dB.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
) -> None:
    """Export the best weights of a run, finished or not, as a model file with its contract.

    The file is refused when torch and an engine differ by more than 0.0001 at any of several sizes.
    """
    from repix.pictures.atomic import check_free

    target = output if output is not None else run / "model.onnx"
    check_free(target, overwrite or output is None)
    registry.library("torch")
    from repix.training.run_export import export_run

    contract = export_run(run, target, half=half)
    about = f"{contract.task} by {contract.network}, {contract.parameters:,} parameters; torch and the engines"
    print(printable(f"{target}: {about}"))
    print(f"differ by at most {contract.export_error:.1e}")


VERB = command(export)
