"""Open a page in the browser that converts pictures and explains operations; also an HTTP API."""

from pathlib import Path
from typing import Annotated, Any

import typer

from repix.cli._commands import command_of, parameter
from repix.cli._progress import tell
from repix.registry import require_libraries

HELP = """Start the studio, a page that converts pictures in the browser: `repix studio`, then open its address.

Drop a picture: the page says what is wrong with it, proposes a model, converts it, and compares before and after. It
also steps through the operations of `repix explain`. With --folder it shows the trainings and comparisons in that
folder, and starts, stops and continues trainings. Pictures stay on this computer. The same functions are an HTTP API:
/openapi.json describes it.

By default only this computer can connect. Another --host needs a --token; the connection is not encrypted.
"""
LIBRARIES = ("fastapi", "uvicorn", "python_multipart")
OPTIONS = [
    parameter("host", Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")], "127.0.0.1"),
    parameter("port", Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")], 8765),
    parameter(
        "token",
        Annotated[
            str,
            typer.Option(envvar="REPIX_STUDIO_TOKEN", help="A secret of 16 letters or more that requests must have."),
        ],
        "",
    ),
    parameter(
        "memory", Annotated[str, typer.Option(metavar="SIZE", help="Memory limit, such as 500MB or 4GB.")], "2GB"
    ),
    parameter(
        "folder",
        Annotated[
            Path | None,
            typer.Option(metavar="DIR", readable=False, help="Folder of trainings and of pictures to train with."),
        ],
        None,
    ),
    parameter(
        "read_only",
        Annotated[bool, typer.Option("--read-only", help="Show trainings, but refuse to start or stop any.")],
        False,
    ),
    parameter("jobs", Annotated[int, typer.Option(min=1, max=64, help="Trainings at the same time.")], 1),
]


def _run(values: dict[str, Any]) -> int:
    require_libraries(*LIBRARIES)
    from repix.conversion.budget import Budget
    from repix.studio.server import serve
    from repix.studio.settings import StudioSettings

    Budget.read(values["memory"], None)
    serve(StudioSettings(**values), tell)
    return 0


VERB = command_of("studio", HELP, OPTIONS, _run, ends_soon=False)
