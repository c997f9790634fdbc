"""Explain an operation step by step, with its numbers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import getdoc, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from repix.cli._commands import Listed, command, command_of, group, parameter, parameters_of, taken
from repix.errors import WrongUse
from repix.explanation.operations import OPERATIONS
from repix.explanation.overflow import no_overflow
from repix.printable import printable

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

LONGEST = 9
"""Most digits of a number of steps."""
SUFFIXES = {"--svg": ".svg", "--png": ".png", "--gif": ".gif", "--step-svg": ".svg", "--page": ".html"}
"""The end of the file name of each option."""
Photo = Annotated[Path, typer.Argument(metavar="PHOTO", readable=False, help="A photo.")]
FigureFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", readable=False, help="The figure, .png or .svg; default: a .png."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the figure if it exists.")]


@dataclass(frozen=True)
class ShowArguments:
    """The options of all operations: how the trace is shown."""

    steps: Annotated[
        str | None, typer.Option(metavar="N|all", help="Number of steps to print per stage; default: 3.")
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print all steps and the output as JSON.")] = False
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Draw some steps into this SVG file.")
    ] = None
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Draw some steps into this PNG file.")
    ] = None
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files that are drawn.")] = False
    tex: Annotated[bool, typer.Option("--tex", help="Print the steps as LaTeX for a slide.")] = False
    code: Annotated[
        str | None, typer.Option(metavar="numpy|torch|keras", help="Print a program that computes the same.")
    ] = None
    gif: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Draw all steps into this animated GIF file.")
    ] = None
    step_svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="Draw all steps into this SVG file; buttons step."),
    ] = None
    page: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            readable=False,
            help="Write an HTML page that steps; its numbers can be changed. It needs no network.",
        ),
    ] = None


def _command(name: str) -> Any:
    """Return the command of one operation, with the options of its function and the common ones."""
    explain = OPERATIONS[name]

    def run(values: dict[str, Any]) -> int:
        showing = taken(ShowArguments, values)
        _require_consistent(showing)
        with no_overflow():
            trace = explain(**values)
            if showing.code is not None:
                _print_code(name, values, showing.code)
            else:
                _show(name, trace, values, showing)
        return 0

    own = [parameter(one.name, _option(one.annotation), one.default) for one in signature(explain).parameters.values()]
    help_text = (getdoc(explain) or "").replace("\n\nrepix ", "\n\n\b\nrepix ")  # examples keep their lines
    return command_of(name, help_text, [*own, *parameters_of(ShowArguments)], run)


def _option(annotation: Any) -> Any:
    """Return an operation's option as a Typer option."""
    kind, option = get_args(annotation)
    made = typer.Option(*option.names, metavar=option.metavar, help=option.help, max=option.most)
    return Annotated[kind, made]


def _how_many(steps: str | None) -> int | None:
    """Return the number of steps to print per stage; None for all."""
    if steps == "all":
        return None
    if steps is None:
        return 3
    if not steps.isdecimal() or len(steps) > LONGEST or int(steps) == 0:
        raise WrongUse(f'--steps {steps[:60]}: give a whole number from 1, or "all".')
    return int(steps)


def _drawings(showing: ShowArguments) -> dict[str, Path]:
    """Return the files to draw, by their option."""
    files = {
        "--svg": showing.svg,
        "--png": showing.png,
        "--gif": showing.gif,
        "--step-svg": showing.step_svg,
        "--page": showing.page,
    }
    return {name: file for name, file in files.items() if file is not None}


def _require_consistent(showing: ShowArguments) -> None:
    """Refuse options that have no effect."""
    drawings = _drawings(showing)
    printed = {"--json": showing.as_json, "--tex": showing.tex, "--code": showing.code is not None}
    chosen = [name for name, given in printed.items() if given]
    if len(chosen) > 1:
        raise WrongUse(f"{' and '.join(chosen)} print different things; give one of them.")
    if showing.code is not None and drawings:
        raise WrongUse(f"--code prints a program instead; leave it out with {next(iter(drawings))}.")
    if showing.steps is not None and (chosen or drawings):
        raise WrongUse(f"--steps is for the printed tables; leave it out with {[*chosen, *drawings][0]}.")
    if showing.overwrite and not drawings:
        raise WrongUse(f"--overwrite is for files; leave it out without {', '.join(SUFFIXES)}.")
    if drawings:
        _require_free(drawings, showing.overwrite)


def _require_free(drawings: dict[str, Path], overwrite: bool) -> None:
    """Refuse files that exist, have the suffix of another format, or are named twice."""
    from repix.pictures.atomic import check_free

    for name, file in drawings.items():
        check_free(file, overwrite)
        if file.suffix.lower() != SUFFIXES[name]:
            raise WrongUse(f"{name} {file}: the file name must end in {SUFFIXES[name]}.")
    if len({file.absolute() for file in drawings.values()}) < len(drawings):
        raise WrongUse("--svg and --step-svg name the same file; give them two names.")


def _print_code(name: str, values: dict[str, Any], library: str) -> None:
    from repix.explanation.code import code_of

    print(code_of(name, values, library), end="")


def _show(name: str, trace: "Trace", values: dict[str, Any], showing: ShowArguments) -> None:
    from repix.explanation import print_trace, to_json, to_tex
    from repix.explanation.drawings import write_drawings

    drawings = _drawings(showing)
    if drawings:
        write_drawings(trace, {key: file for key, file in drawings.items() if key != "--page"}, showing.overwrite)
    if showing.page is not None:
        from repix.report.step_page import write_step_page

        write_step_page(name, values, showing.page, showing.overwrite)
    if showing.as_json:
        print(json.dumps(to_json(trace) | {"operation": name}, allow_nan=False))
    elif showing.tex:
        print(to_tex(trace), end="")
    elif drawings:
        for file in drawings.values():
            print(printable(file))
    else:
        from rich.console import Console

        print_trace(trace, Console(highlight=False), _how_many(showing.steps))


def checkerboard(
    photo: Photo,
    output: FigureFile = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the untrained weights.")] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Checkerboards on a photo, of kernel 3, kernel 4, and bilinear + 1×1.

    The photo becomes gray, at most 224 pixels wide and high. An untrained convolution makes 64 feature maps; transposed
    convolutions and bilinear interpolation double them. The figure shows the photo, four maps and the results.

    repix explain checkerboard photo.jpg -o checkerboard.png
    """
    from repix.pictures import read
    from repix.report.checkerboard import checkerboard_figure, gray_photo
    from repix.report.figure import check_figure_file, write_figure

    target = output or Path(f"{photo.stem}-checkerboard.png")
    check_figure_file(target, overwrite)
    drawing, made = checkerboard_figure(gray_photo(read(photo)), seed)
    write_figure(drawing, target, overwrite)
    for one in made:
        height, width = one.result.shape
        print(f"{one.name:32} {width}×{height}  pattern {one.pattern:5.1f} %")
    print(printable(target))


def hypercolumn(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A bundled model's name, a model file (.onnx), or the folder of a run."),
    ],
    photo: Photo,
    at: Annotated[str, typer.Option(metavar="X,Y", help="The pixel: column and row, counted from 0.")],
    output: FigureFile = None,
    overwrite: Overwrite = False,
) -> None:
    """Feature maps of a trained model, and its values at a pixel.

    The model is run on the part of the photo around the pixel. The table has the size of each layer, and the channels
    that stand out most at the pixel; the figure shows them.

    repix explain hypercolumn denoise-color photo.jpg --at 120,80
    """
    from repix.evaluation.hypercolumn import hypercolumn as column_of
    from repix.evaluation.hypercolumn import hypercolumn_figure, read_point
    from repix.pictures import read
    from repix.report.figure import check_figure_file, write_figure

    point = read_point(at)
    target = output or Path(f"{photo.stem}-hypercolumn.png")
    check_figure_file(target, overwrite)
    found = column_of(read(photo), model, point)
    write_figure(
        hypercolumn_figure(found, f"Hypercolumn of {Path(model).name} at {point[0]},{point[1]}"), target, overwrite
    )
    for line in found.lines():
        print(line)
    print(printable(target))


PHOTO_COMMANDS: dict[str, Callable[..., None]] = {"checkerboard": checkerboard, "hypercolumn": hypercolumn}
"""The explanations on a photo, by their names."""


def _first_line(function: Callable[..., Any]) -> str:
    return (getdoc(function) or "").partition("\n")[0]


def all_operations(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Write a page of each operation that steps.")] = False,
    page: Annotated[Path | None, typer.Option(metavar="FOLDER", readable=False, help="The folder of --all.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the pages of --all.")] = False,
) -> None:
    """Write a page of each operation, with the default values of its options."""
    if not everything:
        if page is not None or overwrite:
            raise WrongUse("--page and --overwrite before an operation are for --all; give them after its name.")
        return
    if context.invoked_subcommand is not None:
        raise WrongUse(f"--all is for all operations; leave out {printable(context.invoked_subcommand)}, or --all.")
    if page is None:
        raise WrongUse("--all needs a folder: repix explain --all --page FOLDER.")
    from repix.report.step_page import write_all_step_pages

    print(printable(write_all_step_pages(page, overwrite)))


VERB = group(
    "explain",
    "Explain an operation step by step, with its numbers.",
    {name: Listed(partial(_first_line, one), partial(_command, name)) for name, one in OPERATIONS.items()}
    | {name: Listed(partial(_first_line, one), partial(command, one, name)) for name, one in PHOTO_COMMANDS.items()},
    all_operations,
)
