"""Explanations for the API: options of operations as JSON Schema, and their values from a query."""

import math
from collections.abc import Iterator, Mapping
from inspect import Parameter, getdoc, signature
from typing import TYPE_CHECKING, Any, get_args

from repix.errors import UnknownName, WrongUse
from repix.explanation import to_json
from repix.explanation.operations import OPERATIONS
from repix.explanation.options import Option
from repix.explanation.overflow import no_overflow
from repix.parameters import YES_NO
from repix.printable import shown
from repix.registry import closest
from repix.report.step_origins import origins
from repix.report.step_page import linked_step_page

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

LONGEST = 4096
"""The most characters of all values together, so that an answer takes seconds at most."""
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def operations() -> list[dict[str, Any]]:
    """Return the operations, with their options as JSON Schema.

    >>> operations()[0]["name"], operations()[0]["options"]["properties"]["stride"]["default"]
    ('conv', '1')
    """
    return [
        {
            "name": name,
            "summary": (getdoc(function) or "").partition("\n")[0],
            "options": {
                "type": "object",
                "properties": {_names(one)[0]: _schema(one) for one in _parameters(name)},
                "additionalProperties": False,
            },
        }
        for name, function in OPERATIONS.items()
    ]


def explained(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the trace of an operation, as `repix explain OPERATION --json` prints it; see `values_of`.

    >>> explained("max-pool", {"data": "1 2; 3 4", "kernel-size": "2"})["output"]
    [[4]]
    """
    with no_overflow():
        return to_json(trace_of(name, given)) | {"operation": name}


def trace_of(name: str, given: Mapping[str, str]) -> "Trace":
    """Return the trace of an operation; see `values_of`."""
    values = values_of(name, given)
    return OPERATIONS[name](**values)


def values_of(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of all options of an operation by the names of its function's parameters.

    Args:
        name: the operation.
        given: texts by the names of the command's options, without dashes in front; others get their defaults.

    Raises:
        WrongUse: an option is unknown, or its value is wrong.
        UnknownName: there is no such operation.

    >>> values_of("max-pool", {"kernel-size": "3"})["kernel_size"]
    '3'
    """
    if name not in OPERATIONS:
        raise UnknownName(f"There is no operation {shown(name)}; {closest(name[:60], tuple(OPERATIONS))}")
    if sum(map(len, given.values())) > LONGEST:
        raise WrongUse(f"The values have more than {LONGEST} characters; give less data, or use the command.")
    by_name = {option: one for one in _parameters(name) for option in (*_names(one), one.name)}
    values = {one.name: one.default for one in _parameters(name)}
    for key, text in given.items():
        if key not in by_name:
            raise WrongUse(f"{name} has no option {shown(key)}; {closest(key[:60], tuple(by_name))}")
        values[by_name[key].name] = _read(key, by_name[key], text)
    return values


def page_of(name: str, given: Mapping[str, str]) -> str:
    """Return the page that steps through an operation, with its options as a form; see `values_of`."""
    values = values_of(name, given)
    fields = {one.name: _names(one)[0] for one in _parameters(name)}
    with no_overflow():
        server = {
            "options": {field: _schema(one) for one, field in zip(_parameters(name), fields.values(), strict=True)},
            "values": {fields[key]: _text(value) for key, value in values.items()},
            "origins": {fields[key]: one for key, one in origins(name, values).items()},
        }
        return linked_step_page(name, values, server)


def _text(value: object) -> str:
    """Return the text of an option's value; empty if it has none.

    >>> _text(True), _text(None), _text(2.5)
    ('yes', '', '2.5')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _parameters(name: str) -> Iterator[Parameter]:
    yield from signature(OPERATIONS[name]).parameters.values()


def _kind(one: Parameter) -> type:
    """Return the type of an option, without None."""
    kind = get_args(one.annotation)[0]
    found: type = next((part for part in get_args(kind) if part is not type(None)), kind)
    return found


def _option(one: Parameter) -> Option:
    option = get_args(one.annotation)[1]
    assert isinstance(option, Option)  # noqa: S101 (for the type checker)
    return option


def _names(one: Parameter) -> tuple[str, ...]:
    """Return the names of the command's option, without dashes in front."""
    return tuple(name.lstrip("-") for name in _option(one).names) or (one.name.replace("_", "-"),)


def _schema(one: Parameter) -> dict[str, Any]:
    option = _option(one)
    limit = {} if option.most is None else {"maximum": option.most}
    default = {} if one.default is None else {"default": one.default}
    return {"type": TYPES[_kind(one)], "description": option.help, **limit, **default}


def _read(key: str, one: Parameter, text: str) -> Any:
    """Return the value of a text."""
    kind, most = _kind(one), _option(one).most
    if kind is str:
        return text
    if kind is bool:
        if text not in YES_NO:
            raise WrongUse(f"{key} is {shown(text)}; write yes or no.")
        return YES_NO[text]
    try:
        value = kind(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise WrongUse(f"{key} is {shown(text)}; it must be a {'whole number' if kind is int else 'finite number'}.")
    if most is not None and value > most:
        raise WrongUse(f"{key} is {value:g}; the largest value is {most:g}.")
    return value
