"""Degrade and restore sample photos, and write an HTML page with the results."""

import io
import os
import shlex
import sys
import webbrowser
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from repix.cli._app import run
from repix.cli._commands import command
from repix.errors import RepixError, Unwritable
from repix.printable import printable
from repix.registry import library


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")] = Path("demo"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files of an earlier demo.")] = False,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser, if there is a desktop.")
    ] = True,
) -> None:
    """Degrade and restore photos of scikit-image, explain some arithmetic, and write OUTPUT/index.html.

    The page shows the command for each result.
    """
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise Unwritable(
            f"{output} is not empty; use --overwrite to replace an earlier demo, or name another folder with -o."
        )
    library("skimage")  # before anything is made
    from repix.report.demo import Demo

    index = Demo(output, _run, lambda line: print(line, file=sys.stderr)).write(overwrite)
    print(printable(index))
    if show and sys.stdout.isatty() and _has_desktop():
        webbrowser.open(index.resolve().as_uri())


def _has_desktop() -> bool:
    """Return True if there is a desktop."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _run(words: str) -> None:
    """Run repix within this process; an error is raised."""
    errors = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(errors):
        code = run(shlex.split(words))
    if code:
        raise RepixError(f"`repix {words}` failed: {errors.getvalue().strip()}")


VERB = command(demo)
