"""Settings: base class for settings of tasks, networks, upsamplers, masks and contracts, with codec and JSON Schema.

    settings = Denoise.from_dict({"sigma": [25, 25]})     # every value is checked
    settings.to_dict()                                    # a dictionary for JSON or TOML, which from_dict takes
    Denoise.schema()                                      # a JSON Schema for to_dict

TOML has no null, so None is written as "none", also in JSON and on the command line. A missing setting gets its
default.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter as Signed
from typing import Any, Literal, Self, get_args, get_origin

import numpy as np

from repix.errors import WrongUse
from repix.parameters import (
    NONE,
    Bounds,
    Json,
    Parameter,
    Range,
    is_free,
    is_several,
    may_be_none,
    parameters,
    require_plain,
    without_none,
)
from repix.printable import shown
from repix.registry import closest

Schema = dict[str, Any]
"""A JSON Schema."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"

TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}
"""JSON Schema types of Python types."""


@dataclass(frozen=True)
class Settings:
    """Base class of settings, which are checked on construction.

    A subclass is a frozen dataclass with annotated fields, see `repix.parameters`.

    >>> from typing import Annotated
    >>> @dataclass(frozen=True)
    ... class Blur(Settings):
    ...     sizes: Annotated[tuple[int, ...], "sides of the kernels"] = (3, 5)
    ...     sigma: Annotated[float | None, "standard deviation"] = 1.5
    >>> Blur.from_dict({"sizes": [7], "sigma": "none"})
    Blur(sizes=(7,), sigma=None)
    >>> Blur(sigma=None).to_dict()
    {'sizes': [3, 5], 'sigma': 'none'}
    """

    def __post_init__(self) -> None:
        """Convert lists to tuples, tables to settings, and NumPy scalars to Python numbers; then check all values."""
        for name, parameter in parameters(type(self)).items():
            value = _decoded(name, getattr(self, name), parameter.kind)
            parameter.check(value)
            object.__setattr__(self, name, value)

    @classmethod
    def title(cls) -> str:
        """Return the name of these settings in messages and schemas, from the class's or the module's name.

        >>> class BlurSettings(Settings): ...
        >>> BlurSettings.title()
        'blur'
        """
        name = cls.__name__.removesuffix("Settings")
        if name in ("", "Config"):
            return cls.__module__.rpartition(".")[2].strip("_").replace("_", "-")
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Self:
        """Return settings from a JSON or TOML table; missing settings get their defaults.

        Raises:
            WrongUse: a name is unknown or missing, or a value has the wrong type or is out of range.
        """
        described = parameters(cls)
        if not isinstance(given, Mapping):
            raise WrongUse(f"{cls.title()} is {shown(given)}; it must be a table of names and values.")
        for name in given:
            if name not in described:
                raise WrongUse(f"{cls.title()} has no setting {shown(name)}; {closest(str(name), tuple(described))}")
        for name, parameter in described.items():
            if name in given:
                _require_shape(name, parameter.kind, given[name])
            elif parameter.default is Signed.empty:
                raise WrongUse(f"The setting {name} is missing: {parameter.text}.")
        return cls(**given)

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `from_dict`: numbers, strings, booleans, lists and tables."""
        return {name: _encoded(getattr(self, name)) for name in parameters(type(self))}

    @classmethod
    def schema(cls) -> Schema:
        """Return a JSON Schema (draft 2020-12) for `to_dict`; it refuses unknown names and wrong types.

        Rules that involve several settings are not part of it; `from_dict` checks them.
        """
        return {"$schema": DIALECT, **_table_schema(cls)}


def _require_shape(name: str, kind: Any, value: object) -> None:
    """Refuse values whose errors must be worded for JSON and TOML, before the conversion to Python types."""
    if is_free(kind):
        return  # any JSON value
    require_plain(value, f"The setting {shown(name)}")
    if may_be_none(kind) and isinstance(value, list | tuple) and not value:
        raise WrongUse(f'{name} is an empty list; write {name} = "{NONE}" for no value.')
    if is_several(kind) and kind != Range and not isinstance(value, list | tuple):
        raise WrongUse(f"{name} is {shown(value)}; it must be a list.")


def _decoded(name: str, value: Any, kind: Any) -> Any:
    """Return the Python value of a JSON or TOML value."""
    if may_be_none(kind):
        return None if isinstance(value, str) and value == NONE else _decoded(name, value, without_none(kind))
    if isinstance(value, list | tuple):
        inner = get_args(kind)[0] if is_several(kind) else Any
        return tuple(_decoded(name, item, inner) for item in value)
    if isinstance(value, Mapping) and is_free(kind):
        return _free(name, value)
    if isinstance(value, Mapping) and _is_settings(kind):
        return kind.from_dict(value)
    return value.item() if isinstance(value, np.generic) else value


def _free(name: str, value: Mapping[str, Any]) -> Json:
    """Return a mapping after a round trip through JSON, with tuples as lists; refused if JSON cannot store it."""
    if not all(isinstance(key, str) for key in value):
        raise WrongUse(f"{name} is {shown(dict(value))}; its names must be strings.")
    try:
        plain: Json = json.loads(json.dumps(dict(value), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise WrongUse(f"{name} cannot be stored as JSON: {problem}.") from None
    return plain


def _encoded(value: Any) -> Any:
    """Return the JSON or TOML value of a Python value."""
    if value is None:
        return NONE
    if isinstance(value, Settings):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    return copy.deepcopy(value) if isinstance(value, Mapping) else value


def _is_settings(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Settings)


def _table_schema(kind: type[Settings]) -> Schema:
    return {
        "title": kind.title(),
        "description": (kind.__doc__ or "").partition("\n")[0],
        "type": "object",
        **_properties(parameters(kind)),
    }


def _properties(described: Mapping[str, Parameter]) -> Schema:
    return {
        "properties": {name: _setting_schema(one) for name, one in described.items()},
        "required": [name for name, one in described.items() if one.default is Signed.empty],
        "additionalProperties": False,
    }


def _setting_schema(parameter: Parameter) -> Schema:
    schema = {"description": parameter.text, **_value_schema(parameter.kind, parameter.bounds)}
    if parameter.default is Signed.empty:
        return schema
    if parameter.default == ():
        schema.pop("minItems", None)
    return schema | {"default": _encoded(parameter.default)}


def _value_schema(kind: Any, bounds: Bounds) -> Schema:
    if may_be_none(kind):
        return {"anyOf": [_value_schema(without_none(kind), bounds), {"const": NONE}]}
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if is_several(kind):
        one, *others = get_args(kind)
        sizes = {"minItems": 1} if others == [...] else {"minItems": 1 + len(others), "maxItems": 1 + len(others)}
        return {"type": "array", "items": _value_schema(one, bounds), **sizes}
    if is_free(kind):
        return {"type": "object"}
    return _table_schema(kind) if _is_settings(kind) else {"type": TYPES[kind], **_bounds_schema(bounds)}


def _bounds_schema(bounds: Bounds) -> Schema:
    named = {"minimum": bounds.low, "exclusiveMinimum": bounds.above, "maximum": bounds.high}
    return {name: end for name, end in named.items() if end is not None} | (
        {"not": {"multipleOf": 2}} if bounds.odd else {}
    )


def parameters_schema(function: Callable[..., Any]) -> Schema:
    """Return a JSON Schema for the described parameters of a plugin's function.

    >>> from repix import filters
    >>> parameters_schema(filters.median)["properties"]["size"]["minimum"]
    1
    """
    return {"type": "object", **_properties(parameters(function))}


def read_parameters(owner: str, function: Callable[..., Any], given: Mapping[str, object]) -> dict[str, Any]:
    """Return the settings of a plugin's function from a JSON table, checked; missing ones get their defaults.

    >>> from repix import filters
    >>> read_parameters("median", filters.median, {"size": 5})["size"]
    5
    >>> read_parameters("median", filters.median, {"sise": 5})
    Traceback (most recent call last):
    repix.errors.WrongUse: median has no setting 'sise'; did you mean 'size'?
    """
    described = parameters(function)
    for name in given:
        if name not in described:
            known = closest(name, tuple(described)) if described else "it has none."
            raise WrongUse(f"{owner} has no setting {shown(name)}; {known}")
    found = {}
    for name, parameter in described.items():
        if name not in given and parameter.default is Signed.empty:
            raise WrongUse(f"The setting {name} of {owner} is missing: {parameter.text}.")
        if name in given:
            _require_shape(name, parameter.kind, given[name])
        found[name] = _decoded(name, given[name], parameter.kind) if name in given else parameter.default
        parameter.check(found[name])
    return found
