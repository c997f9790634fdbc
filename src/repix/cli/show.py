"""Show the card of a model: task, network, memory, training, metrics."""

from shutil import get_terminal_size
from typing import Annotated

import typer

from repix.cli._commands import command
from repix.printable import json_text


def show(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A bundled model's name, a model file (.onnx), or the folder of a run."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the contract as JSON.")] = False,
) -> None:
    """Show the card of a model: task, network, memory, training data, limits, metrics. It needs no engine."""
    from repix.conversion import read_model
    from repix.conversion.card import card, catalog_rows, contract_rows
    from repix.models import catalog
    from repix.registry import spelled

    found = read_model(model)
    if as_json:
        print(json_text(found.contract.to_dict()))
        return
    bundled = catalog().get(spelled(model, catalog()))
    entries = [] if bundled is None else catalog_rows(bundled)
    print(card(entries + contract_rows(found.contract, len(found.content)), get_terminal_size().columns))


VERB = command(show)
