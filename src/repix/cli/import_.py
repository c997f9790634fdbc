"""Import an ONNX model of another program: measure it and add the contract that repix needs."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from repix import registry
from repix.cli._commands import command
from repix.errors import Unreadable, WrongUse
from repix.printable import printable

TASKS = ", ".join(registry.available("tasks"))
RANGES = ("0-1", "0-255", "-1-1")


def import_(
    model: Annotated[Path, typer.Argument(metavar="FILE", help="The ONNX file to import.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The new file; default: NAME-repix.onnx.")
    ] = None,
    task: Annotated[str | None, typer.Option(help=f"The task: {TASKS}.")] = None,
    span: Annotated[
        Literal["0-1", "0-255", "-1-1"] | None,
        typer.Option("--range", help="Black and white in the input; default: 0-1."),
    ] = None,
    output_range: Annotated[
        Literal["0-1", "0-255", "-1-1"] | None,
        typer.Option("--output-range", help="Black and white in the output; default: as --range."),
    ] = None,
    mean: Annotated[
        str | None, typer.Option(metavar="A,B,C", help="Mean of each channel to subtract, in units of --range.")
    ] = None,
    std: Annotated[
        str | None, typer.Option(metavar="A,B,C", help="Standard deviation of each channel to divide by.")
    ] = None,
    bgr: Annotated[bool, typer.Option("--bgr", help="Channel order is blue, green, red, as in OpenCV.")] = False,
    softmax: Annotated[bool, typer.Option("--softmax", help="For segment: the model returns scores (logits).")] = False,
    graph_output: Annotated[str, typer.Option(metavar="NAME", help="The output to use, if there are several.")] = "",
    halo: Annotated[
        int | None,
        typer.Option(min=0, help="Margin of the receptive field in pixels, if the graph does not determine it."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the task, such as values=0,255."),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Pictures to measure bf16 on, as `repix evaluate` takes them; default: drawn ones."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
) -> None:
    """Import an ONNX model: `repix import dncnn.onnx --task denoise --range 0-255`.

    The halo (the margin of the receptive field) is computed from the graph and checked by measurements. Channels, scale
    and step are measured. An ONNX file does not contain the task and the value range; on a terminal, the command asks
    for them. Range, mean, channel order and softmax are added to the graph of the new file. The original file is not
    changed.
    """
    target = output or model.with_name(f"{model.stem}-repix.onnx")
    if target.exists() and model.exists() and target.samefile(model):
        raise WrongUse(f"{target} is the model to import, which is never replaced; give another name with -o.")
    from repix.pictures.atomic import check_free

    check_free(target, overwrite)
    if pictures is not None and not pictures.is_dir():
        raise Unreadable(f"--pictures {pictures}: there is no such folder.")
    registry.require_libraries("onnx")
    task = task or _prompt("Task of the model", registry.available("tasks"))
    if task is None:
        raise WrongUse(f"The task is missing, and an ONNX file does not contain it; give --task, one of {TASKS}.")
    if task not in registry.available("tasks"):
        raise registry.unknown("tasks", task)
    chosen = span or _prompt("Black and white in the input", RANGES, RANGES[0]) or RANGES[0]
    from repix.cli._ending import ending_soon
    from repix.conversion.onnx_import import ImportOptions, import_model
    from repix.evaluation.foreign_precision import measure_imported
    from repix.parameters import read_settings

    options = ImportOptions.from_dict(
        {
            "range": chosen,
            "output_range": output_range,
            "mean": _numbers("--mean", mean),
            "std": _numbers("--std", std),
            "bgr": bgr,
            "softmax": softmax,
            "output": graph_output,
            "halo": halo,
        }
    )
    kind = registry.get("tasks", task).settings
    with ending_soon():
        imported = import_model(model, target, task, options, read_settings(task, kind, settings or []))
        in_bf16 = measure_imported(target, pictures)
    print(f"{printable(target)}: {task}, {imported.contract.parameters:,} parameters")
    for title, lines in (("Measured", (*imported.measured, in_bf16)), ("Unknown", imported.unknown)):
        print(f"{title}:")
        for line in lines:
            print(f"  {printable(line)}")


def _numbers(name: str, text: str | None) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in (text or "").replace(",", " ").split())
    except ValueError:
        raise WrongUse(f"{name} {text}: give numbers separated by commas, one for each channel.") from None


def _prompt(question: str, choices: tuple[str, ...], default: str | None = None) -> str | None:
    """Return the user's answer on a terminal; None without a terminal."""
    if not _is_interactive():
        return None
    chosen: str = typer.prompt(f"{question} ({', '.join(choices)})", default=default, err=True)
    return chosen.strip()


def _is_interactive() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


VERB = command(import_, "import")
