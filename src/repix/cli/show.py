"""Show the card of a model file: what it does, what it needs, how it was trained, how good it is."""

from collections.abc import Sequence
from shutil import get_terminal_size
from typing import Annotated

import typer

from repix.cli._commands import command
from repix.printable import json_text, printable


def show(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="The name of a model of repix, a model file (.onnx), or a run's folder."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the contract as JSON.")] = False,
) -> None:
    """Show the card of a model: what it is for, what it cannot do, what it was made of; no engine is needed for it."""
    from repix.conversion import read_model
    from repix.conversion.card import catalog_rows, contract_rows
    from repix.models import catalog
    from repix.registry import spelled

    found = read_model(model)
    if as_json:
        print(json_text(found.contract.to_dict()))
        return
    bundled = catalog().get(spelled(model, catalog()))
    told = [] if bundled is None else catalog_rows(bundled)
    print(card(told + contract_rows(found.contract, len(found.content)), get_terminal_size().columns))


def card(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Rows of a name and a text, which is wrapped beside it; a stranger's model may have many thousands of them.

    >>> print(card([("Task", "denoise"), ("For", "pictures with some noise")], width=22))
    Task  denoise
    For   pictures with some
          noise
    """
    margin = max(len(name) for name, _ in rows) + 2
    left = max(width - margin, 20)
    return "\n".join(
        f"{'' if number else name:{margin}}{part}"
        for name, text in rows
        for number, part in enumerate(_wrapped(printable(text), left))
    )


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of a text; unlike textwrap's, in time that grows with its length also where it is one endless word."""
    done, line = [], ""
    for word in text.split(" "):
        for start in range(0, max(len(word), 1), width):
            piece = word[start : start + width]
            if line and len(line) + 1 + len(piece) > width:
                done.append(line)
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
    return [*done, line]


VERB = command(show)
