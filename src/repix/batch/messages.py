"""Messages between a run and its processes, as JSON: orders, what was made, and errors."""

import traceback
from pathlib import Path
from typing import Any

from repix import errors
from repix.batch.fingerprint import Fingerprint
from repix.batch.place import Made, Order
from repix.errors import RepixError
from repix.pictures.fidelity_report import Fidelity

Message = dict[str, Any]


class ChildBug(Exception):
    """An error in repix or a library, in another process."""


def order_message(order: Order) -> Message:
    """Return the message of an order.

    >>> one = Order(Path("in/a.png"), (Path("out/a.png"),))
    >>> order_of(order_message(one)) == one
    True
    """
    known = None if order.known is None else order.known.as_json()
    return {
        "source": str(order.source),
        "results": [str(one) for one in order.results],
        "known": known,
        "hashed": order.hashed,
    }


def order_of(message: Message) -> Order:
    """Return the order of a message."""
    known = message["known"]
    results = tuple(Path(one) for one in message["results"])
    return Order(
        Path(message["source"]), results, None if known is None else Fingerprint.read(known), message["hashed"]
    )


def made_message(made: Made) -> Message:
    """Return the message of what was made.

    >>> one = Made(Fidelity(lost=("the profile",)))
    >>> made_of(made_message(one)) == one
    True
    """
    notes = made.fidelity
    return {
        "fidelity": [notes.kept, notes.converted, notes.lost, notes.advice],
        "source": None if made.source is None else made.source.as_json(),
        "results": [one.as_json() for one in made.results],
    }


def made_of(message: Message) -> Made:
    """Return what was made; an error is raised."""
    if "error" in message:
        raise _error(message)
    fidelity = Fidelity(*(tuple(lines) for lines in message["fidelity"]))
    source = None if message["source"] is None else Fingerprint.read(message["source"])
    return Made(fidelity, source, tuple(Fingerprint.read(one) for one in message["results"]))


def error_message(problem: Exception) -> Message:
    """Return the message of an error.

    >>> made_of(error_message(errors.Unreadable("a.png is damaged.")))
    Traceback (most recent call last):
    repix.errors.Unreadable: a.png is damaged.
    """
    if isinstance(problem, RepixError):
        return {"error": type(problem).__name__, "said": str(problem.args[0]), "lines": problem.lines}
    if isinstance(problem, MemoryError):
        return {"error": "MemoryError", "said": str(problem)}
    if isinstance(problem, OSError) and problem.errno is not None:
        return {"error": "OSError", "number": problem.errno, "said": problem.strerror, "file": str(problem.filename)}
    said = f"{type(problem).__name__}: {problem}"
    return {"error": "ChildBug", "said": said, "lines": "".join(traceback.format_exception(problem))}


def _error(message: Message) -> Exception:
    name, said = message["error"], message["said"]
    if name == "MemoryError":
        return MemoryError(said)
    if name == "OSError":
        return OSError(message["number"], said, message["file"])
    if name == "ChildBug":
        bug = ChildBug(said)
        bug.add_note(message["lines"])
        return bug
    kind = getattr(errors, name, RepixError)
    problem: Exception = kind(said, message["lines"])
    return problem
