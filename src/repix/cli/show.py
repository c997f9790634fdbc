"""Show the card of a model: task, network, memory, training, metrics."""

from collections.abc import Sequence
from shutil import get_terminal_size
from typing import Annotated

import typer

from repix.cli._commands import command
from repix.printable import json_text, printable


def show(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A bundled model's name, a model file (.onnx), or the folder of a run."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the contract as JSON.")] = False,
) -> None:
    """Show the card of a model: task, network, memory, training data, limits, metrics. It needs no engine."""
    from repix.conversion import read_model
    from repix.conversion.card import catalog_rows, contract_rows
    from repix.models import catalog
    from repix.registry import spelled

    found = read_model(model)
    if as_json:
        print(json_text(found.contract.to_dict()))
        return
    bundled = catalog().get(spelled(model, catalog()))
    entries = [] if bundled is None else catalog_rows(bundled)
    print(card(entries + contract_rows(found.contract, len(found.content)), get_terminal_size().columns))


def card(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Return rows of a name and a text as lines; the text is wrapped. A model file may have many thousands of rows.

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
    """Return the lines of a wrapped text, in linear time also for one very long word (unlike textwrap)."""
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
