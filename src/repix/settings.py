"""Settings: frozen dataclasses, described as `repix.parameters` has it, and their way through JSON and TOML.

    settings = made(Denoise, {"sigma": [25, 25]}, "denoise")  # every value held to its description
    plain(settings)                                           # what `made` takes, and nothing but what TOML knows

TOML has no null, so what is None is left out. Where that would bring back a default, an empty list stands for None:
`sigma = []` asks for no Gaussian noise.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Self, TypeVar, get_origin

import numpy as np

from repix.errors import WrongUse
from repix.members import closest
from repix.parameters import Range, may_be_none, parameters, require_plain
from repix.printable import shown

D = TypeVar("D")


@dataclass(frozen=True)
class Settings:
    """Settings that are checked whenever they are made; every field is described."""

    def __post_init__(self) -> None:
        settle(self)

    @classmethod
    def read(cls, given: Mapping[str, object]) -> Self:
        """Settings from what JSON or TOML hold; what is left out has its default, what is unknown is refused."""
        return made(cls, given, cls.__name__.lower())

    def as_json(self) -> dict[str, Any]:
        """What `read` takes: nothing but what JSON and TOML know."""
        return plain(self)


def made(kind: type[D], given: Mapping[str, object], owner: str) -> D:
    """The dataclass with these settings, which may come from JSON or TOML; the owner is named where one is unknown.

    >>> from typing import Annotated
    >>> @dataclass(frozen=True)
    ... class Blur:
    ...     sizes: Annotated[tuple[int, ...], "sides of the kernels"] = (3, 5)
    >>> made(Blur, {"sizes": [7]}, "blur").sizes
    (7,)
    >>> made(Blur, {"size": 7}, "blur")
    Traceback (most recent call last):
    repix.errors.WrongUse: blur has no setting 'size'; did you mean 'sizes'?
    """
    for name, value in given.items():
        require_plain(value, f"The setting {shown(name)}")
    known: dict[str, Any] = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    described = parameters(kind)
    for name in given:
        if name not in known:
            raise WrongUse(f"{owner} has no setting {shown(str(name))}; {closest(str(name), tuple(known))}")
    for name, field in known.items():
        if name not in given and field.default is MISSING:
            raise WrongUse(f"The setting {name} is missing: {described[name].text}.")
    for name, parameter in described.items():
        several = get_origin(parameter.kind) is tuple and parameter.kind != Range
        if several and name in given and not isinstance(given[name], list | tuple):
            raise WrongUse(f"{name} is {shown(given[name])}; it must be a list.")
    return kind(**{name: _settled(value, described[name].kind) for name, value in given.items()})


def plain(settings: Any) -> dict[str, Any]:
    """What `made` takes to make the same: numbers, texts, true, false and lists of them.

    >>> @dataclass(frozen=True)
    ... class Blur:
    ...     sizes: tuple[int, ...] = (3, 5)
    ...     sigma: float | None = None
    ...     angle: float | None = 45.0
    >>> plain(Blur()), plain(Blur(angle=None))
    ({'sizes': [3, 5], 'angle': 45.0}, {'sizes': [3, 5], 'angle': []})
    """
    values = {field.name: (getattr(settings, field.name), field.default) for field in fields(settings)}
    return {
        name: [] if value is None else _listed(value)
        for name, (value, default) in values.items()
        if value is not None or default is not None
    }


def settle(settings: Any) -> None:
    """What settings do when they are made: lists become tuples, numpy's numbers Python's, and everything is checked."""
    for name, parameter in parameters(type(settings)).items():
        value = _settled(getattr(settings, name), parameter.kind)
        parameter.check(value)
        object.__setattr__(settings, name, value)


def _settled(value: Any, kind: Any) -> Any:
    """A value as Python has it; an empty list is None where there may be one."""
    value = _tupled(value)
    return None if value == () and may_be_none(kind) else value


def _tupled(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_tupled(item) for item in value)
    return value.item() if isinstance(value, np.generic) else value


def _listed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_listed(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
