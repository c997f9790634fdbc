"""Functions generated from settings classes, with real signatures and docstrings.

The settings of a network or an upsampler are defined once, in its settings class. From it come the public function
(`repix.networks.unet(in_channels=1)`), its signature, its docstring, and its stub (`docs/make_stubs.py`).
"""

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repix.errors import WrongUse
from repix.parameters import parameters
from repix.printable import shown
from repix.registry import closest

WIDTH = 116
"""Longest line of a docstring, without indentation."""

EXAMPLE = "\n\nExample:\n"
"""Start of the example in a docstring."""


@dataclass(frozen=True)
class Argument:
    """Parameter of a generated function."""

    name: str
    annotation: Any
    text: str
    """Description, as a sentence."""
    default: Any = inspect.Parameter.empty
    keyword_only: bool = False

    @property
    def parameter(self) -> inspect.Parameter:
        """The parameter for `inspect.Signature`."""
        kind = inspect.Parameter.KEYWORD_ONLY if self.keyword_only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Parameter(self.name, kind, default=self.default, annotation=self.annotation)


@dataclass(frozen=True)
class Docs:
    """Parts of a docstring besides the arguments."""

    summary: str
    """The first line."""
    text: str = ""
    """Further text; it may end with an example after the line `Example:`."""
    returns: str = ""
    raises: str = ""
    """Conditions of a `WrongUse`."""


def settings_arguments(settings: type[Any]) -> tuple[Argument, ...]:
    """Return a keyword argument for each field of a settings class.

    >>> from repix.networks import Network
    >>> from repix import registry
    >>> [one.name for one in settings_arguments(registry.get("networks", "pixelwise").config)]
    ['in_channels', 'out_channels', 'widths', 'norm']
    """
    return tuple(
        Argument(name, one.kind, one.help, one.default, keyword_only=True) for name, one in parameters(settings).items()
    )


def function_of(
    home: str, name: str, arguments: Sequence[Argument], docs: Docs, returns: Any, call: Callable[[dict[str, Any]], Any]
) -> Callable[..., Any]:
    """Return a function with a real signature; `call` gets all arguments by name. Wrong calls raise `WrongUse`.

    >>> size = Argument("size", int, "The side, in pixels.", 3)
    >>> box = function_of("here", "box", [size], Docs("Return a box."), int, lambda given: given["size"] ** 2)
    >>> box(size=4), str(inspect.signature(box))
    (16, '(size: int = 3) -> int')
    >>> box(sise=4)
    Traceback (most recent call last):
    repix.errors.WrongUse: box has no parameter 'sise'; did you mean 'size'?
    """
    signature = inspect.Signature([one.parameter for one in arguments], return_annotation=returns)

    def made(*given: object, **named: object) -> Any:
        return call(_bound(name, signature, given, named))

    made.__module__, made.__name__, made.__qualname__ = home, name, name
    made.__doc__ = _docstring(docs, arguments)
    made.__annotations__ = {one.name: one.annotation for one in arguments} | {"return": returns}
    made.__signature__ = signature  # type: ignore[attr-defined]
    return made


def _bound(
    name: str, signature: inspect.Signature, given: Sequence[object], named: Mapping[str, object]
) -> dict[str, Any]:
    """Return all arguments by name, including defaults."""
    for key in named:
        if key not in signature.parameters:
            raise WrongUse(f"{name} has no parameter {shown(key)}; {closest(key, tuple(signature.parameters))}")
    try:
        bound = signature.bind(*given, **named)
    except TypeError as problem:
        raise WrongUse(f"{name}: {problem}; its parameters are {name}{_listed(signature)}.") from None
    bound.apply_defaults()
    return dict(bound.arguments)


def _listed(signature: inspect.Signature) -> str:
    """Return the parameter list as text, without annotations and defaults."""
    return str(
        signature.replace(
            parameters=[
                one.replace(annotation=inspect.Parameter.empty, default=inspect.Parameter.empty)
                for one in signature.parameters.values()
            ],
            return_annotation=inspect.Signature.empty,
        )
    )


def _docstring(docs: Docs, arguments: Sequence[Argument]) -> str:
    """Return the docstring in Google style."""
    text, found, example = docs.text.strip().partition(EXAMPLE)
    parts = [docs.summary, text]
    parts.append(_section("Args", [f"{one.name}: {one.text}" for one in arguments]))
    parts.append(_section("Returns", [docs.returns] if docs.returns else []))
    parts.append(_section("Raises", [f"WrongUse: {docs.raises}"] if docs.raises else []))
    if found:
        parts.append(f"Example:\n{example}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(title: str, entries: Sequence[str]) -> str:
    further = " " * (4 if title == "Returns" else 8)
    lines = [textwrap.fill(entry, WIDTH, initial_indent="    ", subsequent_indent=further) for entry in entries]
    return "\n".join([f"{title}:", *lines]) if lines else ""
