"""List the problems of pictures (noise, blur, JPEG compression), and the command that helps."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix.cli._commands import command_of, parameter
from repix.cli._progress import tell
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from repix.inspection import Inspection

HELP = """List the problems of pictures, and the command that helps: `repix inspect photo.jpg`, or `... photos -r`.

Noise is a standard deviation in gray levels (8-bit): white, or correlated as from cameras. Blur is a standard
deviation, the length and direction of a motion, or the radius of defocus, in pixels. JPEG compression is also found in
pictures that were a JPEG file earlier. Values are estimates from a few crops; "not seen" does not mean absent.

`convert` and the tasks' commands, such as `denoise`, inspect each picture, too, and print one line if the model is not
for it.
"""
Photos = Annotated[list[Path], typer.Argument(metavar="PHOTO", readable=False, help="Pictures, and folders of them.")]
Recursive = Annotated[bool, typer.Option("--recursive", "-r", help="Include subfolders.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

OPTIONS = [parameter("photos", Photos), parameter("recursive", Recursive, False), parameter("as_json", AsJson, False)]


def _inspect(values: dict[str, Any]) -> int:
    from repix.batch.jobs import pictures_of
    from repix.inspection.files import inspect_files

    inspected = []
    for one in inspect_files(pictures_of(values["photos"], values["recursive"])):
        inspected.append(one)
        if one.found is None:
            tell(one.error)
        elif not values["as_json"]:
            _show(one.path, one.found, [str(line) for line in one.advice])
    if values["as_json"]:
        print(json_text([one.to_dict() for one in inspected]))
    return int(any(one.found is None for one in inspected))


def _show(path: Path, found: "Inspection", helpful: list[str]) -> None:
    """Print the table of a picture, and the advice."""
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, highlight=False, title=printable(path), title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in found.rows():
        table.add_row(name, text)
    Console(markup=False, emoji=False).print(table)  # file names are not markup
    for line in helpful or ["no problem found"]:
        print(line)


VERB = command_of("inspect", HELP, OPTIONS, _inspect)
