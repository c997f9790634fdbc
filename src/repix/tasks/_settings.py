"""What the settings of all tasks have in common: they are checked when they are made, and travel as JSON."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any, Self, get_args, get_origin

import numpy as np

from repix.errors import WrongUse
from repix.members import closest
from repix.parameters import Parameter, parameters

Range = tuple[float, float]
"""The least and the most; each picture draws its own number between them."""


@dataclass(frozen=True)
class Settings:
    """Settings of a task: every field is annotated as `repix.parameters` has it."""

    def __post_init__(self) -> None:
        for parameter in parameters(type(self)).values():
            value = _plain(getattr(self, parameter.name))
            _check(parameter, value)
            object.__setattr__(self, parameter.name, value)

    @classmethod
    def read(cls, given: Mapping[str, object]) -> Self:
        """Settings from what JSON holds; what is left out has its default, what is unknown is refused."""
        known = {f.name: f for f in fields(cls)}
        for key in given:
            if key not in known:
                raise WrongUse(f"There is no setting {key!r}; {closest(str(key), tuple(known))}")
        for name, f in known.items():
            if name not in given and f.default is MISSING:
                raise WrongUse(f"The setting {name} is missing: {parameters(cls)[name].text}.")
        return cls(**given)

    def as_json(self) -> dict[str, Any]:
        """What `read` takes: nothing but what JSON knows."""
        return {name: _listed(value) for name, value in asdict(self).items()}


def _check(parameter: Parameter, value: object) -> None:
    """Ranges and lists, which `Parameter` does not know, have each of their numbers checked."""
    if parameter.kind in (Range, Range | None):
        if value is not None or parameter.kind == Range:
            _check_range(parameter, value)
    elif get_origin(parameter.kind) is tuple:
        if not isinstance(value, tuple):
            raise WrongUse(f"{parameter.name} holds {value!r}; it must be a list.")
        item = replace(parameter, kind=get_args(parameter.kind)[0])
        for one in value:
            item.check(one)
    else:
        parameter.check(value)


def _check_range(parameter: Parameter, value: object) -> None:
    if not isinstance(value, tuple) or len(value) != 2:
        raise WrongUse(
            f"{parameter.name} is {_listed(value)!r}; it must be two numbers, the least and the most, such as [0, 25]."
        )
    for number in value:
        replace(parameter, kind=float).check(number)
    if value[0] > value[1]:
        raise WrongUse(f"{parameter.name} goes from {value[0]:g} to {value[1]:g}; write the smaller number first.")


def _plain(value: Any) -> Any:
    """Lists as tuples and numpy's numbers as Python's."""
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    return value.item() if isinstance(value, np.generic) else value


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value
