"""Export a run's best weights as a model file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from repix import registry
from repix.cli._commands import command
from repix.errors import WrongUse
from repix.printable import printable

if TYPE_CHECKING:
    from repix.training.weight_bits import WeightBits

WEIGHT_BITS: "dict[str, WeightBits]" = {"8": 8, "16": 16, "32": 32}


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `repix train` wrote.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The model file; default: RUN/model.onnx.")
    ] = None,
    weight_bits: Annotated[
        Literal["8", "16", "32"],
        typer.Option(
            "--weight-bits",
            help="Bits of a weight in the file; 8: in large kernels, 16 in others. A loss above 0.01 dB is refused.",
        ),
    ] = "32",
    interpolate: Annotated[
        float | None,
        typer.Option(
            "--interpolate",
            metavar="T",
            min=0,
            max=1,
            help="Export the weights (1-T)·RUN + T·OTHER, of --other; both runs must have equal networks and settings.",
        ),
    ] = None,
    other: Annotated[
        Path | None, typer.Option("--other", metavar="RUN", help="The other run, for --interpolate.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
) -> None:
    """Export the best weights of a run, finished or not, as a model file with its contract.

    The export fails if torch and an engine differ by more than 0.0001 at any of several sizes.
    """
    from repix.pictures.atomic import check_free

    if (interpolate is None) != (other is None):
        raise WrongUse("--interpolate and --other go together: give both, such as --interpolate 0.5 --other run-2.")
    target = output if output is not None else run / "model.onnx"
    if output is not None:
        check_free(output, overwrite)
    registry.library("torch")
    from repix.training.interpolation import Interpolation
    from repix.training.run_export import export_run

    between = None if interpolate is None or other is None else Interpolation(other, interpolate)
    contract = export_run(run, output, weight_bits=WEIGHT_BITS[weight_bits], interpolation=between)
    print(printable(f"{target}: {contract.task} with {contract.network}, {contract.parameters:,} parameters"))
    print(f"Largest difference between torch and the engines: {contract.export_error:.1e}")


VERB = command(export)
