"""Show the card of a model file: what it does, what it needs, how it was trained, how good it is."""

from collections.abc import Mapping, Sequence
from shutil import get_terminal_size
from typing import Annotated, Any

import typer

from repix.cli._app import command
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
    from repix.members import spelled
    from repix.models import catalogue

    found = read_model(model)
    if as_json:
        print(json_text(found.contract.to_dict()))
        return
    bundled = catalogue().get(spelled(model, catalogue()))
    told = [] if bundled is None else about(bundled)
    print(card(told + lines(found.contract, len(found.content)), get_terminal_size().columns))


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


def about(bundled: Any) -> list[tuple[str, str]]:
    """What the catalogue says of a model that comes with repix."""
    return [
        ("For", bundled.purpose),
        ("Not for", bundled.limits),
        ("Learned from", bundled.pictures),
        ("Made in", bundled.made),
        ("Recipe", f"recipes/{bundled.name}.toml in repix's repository"),
        ("SHA-256", bundled.sha256),
    ]


def lines(contract: Any, size: int) -> list[tuple[str, str]]:
    """The card of a contract, for a file of so many bytes: what each line is about, and what it says.

    >>> from repix.conversion import Contract
    >>> dict(lines(Contract("upscale", channels=(3, 3), scale=2, bytes_per_pixel=500), 23_700))["Memory"]
    '500 MB for a megapixel that goes in'
    """
    from repix.cli.networks import short

    arriving, leaving = contract.channels
    memory, imported = contract.bytes_per_pixel, "imported" in contract.trained
    card = [
        ("Task", _named(contract.task, contract.settings)),
        ("What it is", _summary(contract.task)),
        ("Network", _named(contract.network, contract.network_settings)),
        ("Size", f"{short(contract.parameters)} parameters, {size / 1e6:.3g} MB"),
        ("Channels", f"{arriving} in, {leaving} out"),
        ("Scale", f"{contract.scale}: the result is {contract.scale} times higher and wider"
                  if contract.scale > 1 else "1: the result is as high and wide as the picture"),
        ("Step", _step(contract)),
        ("Halo", _halo(contract)),
        ("Memory", f"{memory:,} MB for a megapixel that goes in" if memory else "not measured"),
        ("Fast", _fast(contract)),
        ("Origin" if imported else "Trained", _listed(contract.trained) or "nothing is said of it"),
        ("Data", contract.data or "nothing is said of it"),
    ]  # fmt: skip
    card += [("Metric", _metric(one)) for one in contract.metrics] or [("Metric", "none was measured")]
    other = "the file that was imported" if imported else "torch"
    return [
        *card,
        ("Export error", f"{contract.export_error:.2g}: the largest difference between {other} and an engine"),
    ]


def _summary(task: str) -> str:
    from repix import members
    from repix.errors import UnknownName

    try:
        return members.summary("tasks", task)
    except UnknownName:
        return "a task that is not installed here"


def _step(contract: Any) -> str:
    if contract.size:
        return f"takes {contract.size}×{contract.size} only"
    return f"{contract.step}: " + ("any height and width" if contract.step == 1 else "other sizes are padded to it")


def _halo(contract: Any) -> str:
    if contract.halo is None:
        return "all: a pixel depends on the whole picture"
    measured = "" if contract.halo_measured is None else f" ({contract.halo_measured} measured)"
    return f"{contract.halo}{measured}: pixels around its own that a pixel depends on"


def _fast(contract: Any) -> str:
    from repix.conversion.precision import FAST, objection

    measured = contract.precision(FAST)
    reason = objection(measured)
    said = f"no: {reason}" if reason else f"yes: it stays accurate in {FAST}"
    if measured is None:
        return said
    rest = {name: value for name, value in vars(measured).items() if name not in ("name", "verdict")}
    return f"{said} ({_listed(rest)})"


def _metric(metric: Mapping[str, Any]) -> str:
    """The protocol and its number first, then all else that is known."""
    value = metric.get("value", "no value")
    number = f"{value:.4g}" if isinstance(value, float) else str(value)
    rest = {name: one for name, one in metric.items() if name not in ("protocol", "value")}
    return " ".join([f"{metric.get('protocol', 'no protocol')}: {number}", *([f"({_listed(rest)})"] if rest else [])])


def _named(name: str, settings: Mapping[str, Any]) -> str:
    return " ".join([name or "not said", *([f"({_listed(settings)})"] if settings else [])])


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_plain(value)}" for name, value in values.items() if value not in (None, [], {}, ""))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return f"({_listed(value)})"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


VERB = command(show)
