"""Import somebody else's ONNX model: measure what it does, and give it the contract that repix needs."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from repix import registry
from repix.cli._commands import command
from repix.errors import WrongUse
from repix.printable import printable

TASKS = ", ".join(registry.available("tasks"))
SPANS = ("0-1", "0-255", "-1-1")


def import_(
    model: Annotated[Path, typer.Argument(metavar="FILE", help="An ONNX file that another program wrote.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The new file; left out, NAME-repix.onnx.")
    ] = None,
    task: Annotated[str | None, typer.Option(help=f"What the model does: {TASKS}.")] = None,
    span: Annotated[
        Literal["0-1", "0-255", "-1-1"] | None,
        typer.Option("--range", help="What is black and white in what goes in."),
    ] = None,
    output_range: Annotated[
        Literal["0-1", "0-255", "-1-1"] | None,
        typer.Option("--output-range", help="The same of the result; left out, as it went in."),
    ] = None,
    mean: Annotated[
        str | None, typer.Option(metavar="A,B,C", help="What is taken off each channel, counted in the range.")
    ] = None,
    std: Annotated[str | None, typer.Option(metavar="A,B,C", help="What each channel is then divided by.")] = None,
    bgr: Annotated[bool, typer.Option("--bgr", help="Blue comes first, as OpenCV has it.")] = False,
    softmax: Annotated[bool, typer.Option("--softmax", help="For segment: the model gives scores.")] = False,
    graph_output: Annotated[
        str, typer.Option(metavar="NAME", help="The output to take, where there are several.")
    ] = "",
    halo: Annotated[
        int | None, typer.Option(min=0, help="How far a pixel is seen, for models whose graph does not say.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the task: values=0,255.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
) -> None:
    """Import somebody else's ONNX model: `repix import dncnn.onnx --task denoise --range 0-255`.

    The halo is computed from its graph; channels, scale and step are measured by running it, and so is whether the halo
    holds. What no file says, the task and the range, is asked for on a terminal. Range, mean, order of colors and
    softmax are put into the new file's graph, so that nobody has to remember them; the file given stays as it is.
    """
    target = output or model.with_name(f"{model.stem}-repix.onnx")
    if target.exists() and model.exists() and target.samefile(model):
        raise WrongUse(f"{target} is the model itself, which stays as it is; name another file.")
    from repix.pictures.atomic import check_free

    check_free(target, overwrite)
    registry.require_libraries("onnx")
    task = task or _asked("Which task is it", registry.available("tasks"))
    if task is None:
        raise WrongUse(f"Say what the model does, which no file says: --task, one of {TASKS}.")
    if task not in registry.available("tasks"):
        raise registry.unknown("tasks", task)
    chosen = span or _asked("What are black and white in it", SPANS, SPANS[0]) or SPANS[0]
    from repix.cli._ending import ending_soon
    from repix.conversion.onnx_import import ImportOptions, import_model
    from repix.parameters import read_settings

    foreign = ImportOptions.from_dict(
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
        imported = import_model(model, target, task, foreign, read_settings(task, kind, settings or []))
    print(f"{printable(target)}: {task}, {imported.contract.parameters:,} parameters")
    for title, lines in (("Measured", imported.measured), ("Not known", imported.unknown)):
        print(f"{title}:")
        for line in lines:
            print(f"  {printable(line)}")


def _numbers(name: str, text: str | None) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in (text or "").replace(",", " ").split())
    except ValueError:
        raise WrongUse(f"{name} {text}: give numbers with commas between them, one for each channel.") from None


def _asked(question: str, choices: tuple[str, ...], default: str | None = None) -> str | None:
    """What somebody at a terminal chooses; nothing where nobody sits there."""
    if not _somebody_looks_on():
        return None
    chosen: str = typer.prompt(f"{question} ({', '.join(choices)})", default=default, err=True)
    return chosen.strip()


def _somebody_looks_on() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


VERB = command(import_, "import")
