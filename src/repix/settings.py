"""Settings: one base for the settings of tasks, networks, upsamplers, masks and contracts, one codec, one schema.

    settings = Denoise.from_dict({"sigma": [25, 25]})     # every value held to its description
    settings.to_dict()                                    # what from_dict takes: only what JSON and TOML know
    Denoise.schema()                                      # a JSON Schema that accepts what to_dict gives

TOML has no null, so None is written as the text "none", in TOML, in JSON and on the command line alike. A setting that
is left out has its default.
"""

import copy
import json
import re
from collections.abc import Mapping
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
"""What JSON Schema calls Python's types."""


@dataclass(frozen=True)
class Settings:
    """Settings that are checked whenever they are made.

    A subclass is a frozen dataclass whose fields are annotated as `repix.parameters` has it.

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
        """Turn lists into tuples, tables into settings, NumPy's numbers into Python's, and check everything."""
        for name, parameter in parameters(type(self)).items():
            value = _decoded(name, getattr(self, name), parameter.kind)
            parameter.check(value)
            object.__setattr__(self, name, value)

    @classmethod
    def title(cls) -> str:
        """Return what messages and schemas call these settings: the class's name, or its module's where that says more.

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
        """Return the settings that JSON or TOML hold; what is left out has its default.

        Raises:
            WrongUse: a name is unknown or missing, or a value is of another type or out of bounds.
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
        """Return what `from_dict` takes to make the same: numbers, texts, true, false, lists and tables of them."""
        return {name: _encoded(getattr(self, name)) for name in parameters(type(self))}

    @classmethod
    def schema(cls) -> Schema:
        """Return a JSON Schema (draft 2020-12) that accepts what `to_dict` gives, and refuses other names and types.

        Rules that join several settings are not in it; `from_dict` checks them.
        """
        return {"$schema": DIALECT, **_table_schema(cls)}


def _require_shape(name: str, kind: Any, value: object) -> None:
    """Refuse what the settings' own check could not tell in the words of JSON and TOML."""
    if is_free(kind):
        return  # it may hold anything JSON can
    require_plain(value, f"The setting {shown(name)}")
    if may_be_none(kind) and isinstance(value, list | tuple) and not value:
        raise WrongUse(f'{name} is an empty list; write {name} = "{NONE}" for no value.')
    if is_several(kind) and kind != Range and not isinstance(value, list | tuple):
        raise WrongUse(f"{name} is {shown(value)}; it must be a list.")


def _decoded(name: str, value: Any, kind: Any) -> Any:
    """A value as Python has it, whatever JSON or TOML wrote."""
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
    """What JSON makes of a mapping, with tuples as lists; refused where JSON cannot hold it."""
    if not all(isinstance(key, str) for key in value):
        raise WrongUse(f"{name} holds {shown(dict(value))}; its names must be texts.")
    try:
        plain: Json = json.loads(json.dumps(dict(value), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise WrongUse(f"{name} holds what JSON cannot: {problem}.") from None
    return plain


def _encoded(value: Any) -> Any:
    """A value as JSON and TOML have it."""
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
    described = parameters(kind)
    return {
        "title": kind.title(),
        "description": (kind.__doc__ or "").partition("\n")[0],
        "type": "object",
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
