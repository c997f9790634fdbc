"""Described parameters: an annotation holds the type, description and range of a setting, for all its uses.

    @checked
    def median(picture: Array, size: Annotated[int, "side of the neighborhood, in pixels", Bounds(1, odd=True)] = 3)

From it come the option `--size` with its help and range, the parsing of `size=5` in a chain of degradations, and the
checks of `@checked` in Python; all give the same error messages. A parameter without a description, such as `rng`, does
not become an option.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache, wraps
from numbers import Integral, Real
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from repix.arithmetic.arrays import require_picture
from repix.errors import WrongUse
from repix.printable import shown
from repix.registry import closest, spelled

P = ParamSpec("P")
R = TypeVar("R")

Range = tuple[float, float]
"""Smallest and largest value; each picture gets a random value between them."""

Json = Mapping[str, Any]
"""A JSON object with any content."""

YES_NO = {"yes": True, "no": False, "true": True, "false": False}
"""The words for true and false."""

NONE = "none"
"""Text for None."""
DEEPEST = 20
"""Deepest nesting of lists and tables in settings; at most four levels are used."""


@dataclass(frozen=True)
class Bounds:
    """Range of valid numbers.

    >>> str(Bounds(0, 1)), str(Bounds(1, odd=True)), str(Bounds(above=0))
    ('from 0 to 1', 'odd, at least 1', 'more than 0')
    """

    low: float | None = None
    high: float | None = None
    above: float | None = None
    """Exclusive lower bound."""
    odd: bool = False

    def allow(self, number: float) -> bool:
        """Return True if a number is in the range.

        >>> Bounds(1, odd=True).allow(4)
        False
        """
        return (
            (self.low is None or number >= self.low)
            and (self.high is None or number <= self.high)
            and (self.above is None or number > self.above)
            and (not self.odd or number % 2 == 1)
        )

    def __str__(self) -> str:
        ends = {"at least": self.low, "more than": self.above, "at most": self.high}
        if self.low is not None and self.high is not None:
            parts = [f"from {self.low} to {self.high}"]
        else:
            parts = [f"{word} {end}" for word, end in ends.items() if end is not None]
        return ", ".join(["odd"] * self.odd + [" and ".join(parts)] * bool(parts))


@dataclass(frozen=True)
class Parameter:
    """A described parameter of a plugin's function or of settings."""

    name: str
    kind: Any
    """Type: `int`, `float`, `bool`, `str`, `tuple[int, ...]`, `tuple[int, int]`, `Range`, a `Literal` of strings,
    `Json`, a settings class, a tuple of these, or one of these `| None`."""
    text: str
    bounds: Bounds
    default: Any
    """`inspect.Parameter.empty` if required."""

    @property
    def help(self) -> str:
        """Description with the range, as a sentence."""
        limits = str(self.bounds)
        return f"{self.text[0].upper()}{self.text[1:]}{', ' if limits else ''}{limits}."

    def check(self, value: object) -> None:
        """Refuse a value of the wrong type or out of range; an empty tuple is valid if it is the default."""
        if not (isinstance(value, tuple) and value == () == self.default):
            _check(self.name, self.kind, self.bounds, value)

    def read(self, text: str) -> Any:
        """Return the value of a text, after checking it.

        >>> Parameter("sigma", float | None, "strength", Bounds(0), 1.0).read("none")
        >>> Parameter("sigma", float, "strength", Bounds(0), 1.0).read("-2")
        Traceback (most recent call last):
        repix.errors.WrongUse: sigma is -2; it must be at least 0.
        """
        value = _read(self.name, self.kind, text)
        self.check(value)
        return value


def parameters(function: Callable[..., Any]) -> Mapping[str, Parameter]:
    """Return the described parameters of a function, or fields of a dataclass, by name.

    >>> def blur(picture: np.ndarray, sigma: Annotated[float, "spread, in pixels", Bounds(above=0)] = 1.6): ...
    >>> parameters(blur)["sigma"].help
    'Spread, in pixels, more than 0.'
    """
    return _parameters(function)


@cache
def _parameters(function: Any) -> Mapping[str, Parameter]:
    hints = get_type_hints(function, include_extras=True)
    found = {}
    for name, default in _defaults(function).items():
        if name not in hints:  # an array or a generator
            continue
        kind, *notes = get_args(hints[name]) if get_origin(hints[name]) is Annotated else (hints[name],)
        text = next((note for note in notes if isinstance(note, str)), None)
        bounds = next((note for note in notes if isinstance(note, Bounds)), Bounds())
        if text is not None:
            found[name] = Parameter(name, kind, text, bounds, default)
    return MappingProxyType(found)


def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the default of each parameter; `inspect.Parameter.empty` if it has none."""
    if not (isinstance(function, type) and is_dataclass(function)):
        return {name: one.default for name, one in inspect.signature(function).parameters.items()}
    empty = inspect.Parameter.empty
    made = {one.name: one.default_factory() for one in fields(function) if one.default_factory is not MISSING}
    return {one.name: made.get(one.name, empty if one.default is MISSING else one.default) for one in fields(function)}


def read_settings(owner: str, function: Callable[..., Any], words: Sequence[str]) -> dict[str, Any]:
    """Return the settings of texts `name=value`, checked against the described parameters of a function.

    >>> def blur(picture: np.ndarray, sigma: Annotated[float, "spread, in pixels", Bounds(above=0)] = 1.6): ...
    >>> read_settings("blur", blur, ["sigma=2.5"])
    {'sigma': 2.5}
    """
    described = parameters(function)
    settings: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        key = spelled(key.replace("-", "_"), described)
        if not equals:
            raise WrongUse(f"{shown(word)} is not a setting; write name=value.")
        if key not in described:
            known = closest(key, tuple(described)) if described else "it has none."
            raise WrongUse(f"{owner} has no setting {shown(key)}; {known}")
        if key in settings:
            raise WrongUse(f"{key} is set twice.")
        settings[key] = described[key].read(value)
    return settings


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that checks its picture, generator and described parameters before it runs."""
    described = parameters(function)
    signature = inspect.signature(function)

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs).arguments
        for name, value in given.items():
            if name in described:
                described[name].check(value)
            elif name == "picture":
                require_picture(value)
            elif name == "rng" and not isinstance(value, np.random.Generator):
                raise WrongUse(f"rng is {shown(value)}; it must be a generator: numpy.random.default_rng(seed).")
        return function(*args, **kwargs)

    return guarded


def require_plain(value: object, where: str) -> None:
    """Refuse deeply nested lists or tables, and integers of more than 64 bits.

    Parsers accept them, but code that traverses them would exceed the recursion limit or take very long.

    >>> require_plain({"steps": 10**5000}, "run.toml")
    Traceback (most recent call last):
    repix.errors.WrongUse: run.toml contains a whole number of about 5001 digits; whole numbers have at most 64 bits.
    """
    level: list[object] = [value]
    for _ in range(DEEPEST):
        for one in level:
            if isinstance(one, int) and not -(2**63) <= one < 2**64:
                raise WrongUse(f"{where} contains {shown(one)}; whole numbers have at most 64 bits.")
        tables = [one for one in level if isinstance(one, dict | list | tuple)]
        level = [inner for one in tables for inner in (one.values() if isinstance(one, dict) else one)]
        if not level:
            return
    raise WrongUse(f"{where} contains lists or tables nested more than {DEEPEST} deep; settings never are.")


def may_be_none(kind: Any) -> bool:
    """Return True if None is valid for a type.

    >>> may_be_none(int | None), may_be_none(int)
    (True, False)
    """
    return get_origin(kind) in (Union, UnionType)


def without_none(kind: Any) -> Any:
    """Return the type without None: `int` for `int | None`.

    >>> without_none(int | None)
    <class 'int'>
    """
    return next(part for part in get_args(kind) if part is not NoneType)


def is_several(kind: Any) -> bool:
    """Return True for tuple types, of any or a fixed length.

    >>> is_several(tuple[int, ...]), is_several(tuple[int, int]), is_several(int)
    (True, True, False)
    """
    return get_origin(kind) is tuple


def is_free(kind: Any) -> bool:
    """Return True for `Json` and tuples of it.

    >>> is_free(Json), is_free(tuple[Json, ...]), is_free(str)
    (True, True, False)
    """
    return get_origin(get_args(kind)[0] if is_several(kind) else kind) is Mapping


def _check(name: str, kind: Any, bounds: Bounds, value: object) -> None:
    if may_be_none(kind):
        if value is not None:
            _check(name, without_none(kind), bounds, value)
    elif get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise WrongUse(f"{name} is {shown(value)}; choose from {', '.join(get_args(kind))}.")
    elif kind == Range:
        _check_range(name, bounds, value)
    elif is_several(kind):
        _check_several(name, kind, bounds, value)
    elif kind in (int, float):
        _check_number(name, kind, bounds, value)
    elif not isinstance(value, get_origin(kind) or kind):
        raise WrongUse(f"{name} is {shown(value)}; it must be {_called(kind)}.")


def _check_several(name: str, kind: Any, bounds: Bounds, value: object) -> None:
    one, *others = get_args(kind)
    word = {int: "number", float: "number", str: "text"}.get(one, "part")
    exactly = None if others == [...] else 1 + len(others)
    if exactly is not None and (not isinstance(value, tuple) or len(value) != exactly):
        raise WrongUse(f"{name} is {shown(value)}; it must be {exactly} {word}s.")
    if not isinstance(value, tuple) or not value:
        raise WrongUse(f"{name} is {shown(value)}; it must be a tuple of at least one {word}.")
    for part in value:
        _check(f"A {word} of {name}", one, bounds, part)


def _check_range(name: str, bounds: Bounds, value: object) -> None:
    if not isinstance(value, tuple) or len(value) != 2:
        text = shown(list(value) if isinstance(value, tuple) else value)
        raise WrongUse(f"{name} is {text}; it must be two numbers, the smaller one first, such as [0, 25].")
    for number in value:
        _check_number(name, float, bounds, number)
    if value[0] > value[1]:
        raise WrongUse(f"{name} is [{value[0]:g}, {value[1]:g}]; write the smaller number first.")


def _check_number(name: str, kind: Any, bounds: Bounds, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral if kind is int else Real):
        raise WrongUse(f"{name} is {shown(value)}; it must be {_called(kind)}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise WrongUse(f"{name} is {shown(value)}; it must be a finite number.")
    if not bounds.allow(number):
        raise WrongUse(f"{name} is {value:g}; it must be {bounds}.")


def _read(name: str, kind: Any, text: str) -> Any:
    if may_be_none(kind):
        return None if text == NONE else _read(name, without_none(kind), text)
    if kind is bool:
        if text not in YES_NO:
            raise WrongUse(f"{name} is {shown(text)}; write yes or no.")
        return YES_NO[text]
    if get_origin(kind) is tuple:
        return tuple(_read(name, get_args(kind)[0], word) for word in text.replace(",", " ").split())
    if get_origin(kind) is Literal:
        return spelled(text, get_args(kind))
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            raise WrongUse(f"{name} is {shown(text)}; it must be {_called(kind)}.") from None
    return text


def _called(kind: Any) -> str:
    called = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return called.get(kind, "a table of names and values")
