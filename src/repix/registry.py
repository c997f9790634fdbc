"""Families and their members: the file's name is the registration.

A family is a package of repix whose every public file offers one constant, for example `filters/median.py` and its
`FILTER`. Listing a family reads file names and imports nothing; asking for one member imports that one. Other
distributions add members through entry points of the group `repix.FAMILY` that name a module with the same constant.
"""

import ast
import difflib
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from repix.errors import MissingLibrary, UnknownName, WrongUse
from repix.printable import shown

FAMILIES = {
    "degradations": "DEGRADATION",
    "engines": "open",
    "filters": "FILTER",
    "losses": "LOSS",
    "metrics": "METRIC",
    "networks": "NETWORK",
    "objectives": "OBJECTIVE",
    "tasks": "make",
    "upsampling": "UPSAMPLER",
}
"""Every family, and the constant that each of its files offers."""

INSIDE = {"engines": "conversion", "objectives": "training"}
"""The room of a family that is not a room of its own."""

PLURALS = {"upsampling": "upsamplers"}
"""What people call the members of a family, where that is not the family's name."""

EXTRAS = {
    "bm3d": "bm3d",
    "cv2": "filters",
    "lightning": "train",
    "onnx": "import",
    "onnxruntime": "onnxruntime",
    "onnxscript": "train",
    "pywt": "filters",
    "safetensors": "train",
    "scipy": "filters",
    "skimage": "filters",
    "tensorboard": "train",
    "tomli_w": "train",
    "torch": "train",
}
"""Which extra of repix lists a library that is not in the base install."""

DISTRIBUTIONS = {
    "cv2": "opencv-python-headless",
    "pywt": "PyWavelets",
    "skimage": "scikit-image",
    "tomli_w": "tomli-w",
}
"""What `pip install` calls a library, where it is not the name that is imported."""


def available(family: str) -> tuple[str, ...]:
    """The names of a family's members, in alphabetical order; nothing is imported.

    >>> "median" in available("filters")
    True
    """
    return tuple(sorted({*_files(family), *_strangers(family)}))


def get(family: str, name: str) -> Any:
    """The constant that the member's file offers; only that file is imported.

    >>> get("filters", "medain")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no 'medain' among the filters; did you mean 'median'?
    """
    module = _module(family, name)
    try:
        return getattr(module, FAMILIES[family])
    except AttributeError:
        raise WrongUse(
            f"{module.__name__} is listed among the {plural(family)} but has no {FAMILIES[family]}."
        ) from None


def summary(family: str, name: str) -> str:
    """The first line of the member's docstring, read from its source without importing it.

    >>> summary("filters", "median")
    'Median filter: each pixel becomes the median of its neighborhood.'
    """
    return first_line(_location(family, name))


def first_line(module: str) -> str:
    """The first line of a module's docstring, read from its source without importing it.

    >>> first_line("repix.errors")
    'Errors: every error that repix raises on purpose is a `RepixError`.'
    """
    return _docstring(module).partition("\n")[0]


def docstring(family: str, name: str) -> str:
    """Return the docstring of a member's file, read from its source without importing it.

    >>> docstring("tasks", "scene")
    'Scene: a drawing of edges to a photo; the drawings are made from photos, or given.'
    """
    return _docstring(_location(family, name))


def own_names(family: str) -> tuple[str, ...]:
    """Return the names of repix's own members, without the search for other distributions that `names` begins with.

    >>> "median" in own_names("filters")
    True
    """
    return _files(family)


def literal(family: str, name: str, constant: str) -> Any:
    """Return a constant of a member's file, read from its source without importing it; None where there is none.

    >>> literal("tasks", "denoise", "COMMAND")["summary"]
    'Remove noise from pictures.'
    """
    where = _location(family, name)
    source = _source(where)
    for statement in ast.parse(source.read_text(encoding="utf-8")).body if source else ():
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == constant for target in targets):
                return _evaluated(statement.value, f"{constant} in {where}")
    return None


def _docstring(module: str) -> str:
    source = _source(module)
    text = source.read_text(encoding="utf-8") if source else ""
    if text.startswith('"""') and (end := text.find('"""\n', 3)) > 0:
        with suppress(SyntaxError):  # the rest of the file need not be parsed, for which every list would wait
            return ast.get_docstring(ast.parse(text[: end + 3])) or ""
    return ast.get_docstring(ast.parse(text)) or ""


def _evaluated(value: ast.expr, what: str) -> Any:
    try:
        return ast.literal_eval(value)
    except ValueError:
        raise WrongUse(f"{what} is read without importing the file; write plain literals only.") from None


def library(name: str) -> Any:
    """Import a library that an extra of repix lists, or say how to install it.

    >>> library("math").floor(2.5)
    2
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise missing(_lacking(error)) from None


def require_libraries(*wanted: str) -> None:
    """Import all of these libraries, or name all of them that are not installed at once.

    >>> require_libraries("math", "json")
    """
    lacking = []
    for name in wanted:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            lacking.append(_lacking(error))
    if lacking:
        raise missing(*dict.fromkeys(lacking))


def missing(*libraries: str) -> MissingLibrary:
    """The error for libraries of one extra that are not installed: it names them as `pip install` does.

    >>> missing("pywt", "scipy").args[0]
    'This needs PyWavelets and scipy, which are not installed: `pip install PyWavelets scipy` (extra filters).'
    """
    called = [DISTRIBUTIONS.get(name, name) for name in libraries]
    listed = " and ".join([", ".join(called[:-1]), called[-1]] if len(called) > 1 else called)
    verb = "are" if len(called) > 1 else "is"
    extra = EXTRAS[libraries[0]]
    return MissingLibrary(
        f"This needs {listed}, which {verb} not installed: `pip install {' '.join(called)}` (extra {extra})."
    )


def _lacking(error: ModuleNotFoundError) -> str:
    """The library that is not installed, where an extra lists it; what another one lacks goes on as it is."""
    root = (error.name or "").partition(".")[0]
    if root not in EXTRAS:
        raise error
    return root


def package(family: str) -> str:
    """The package that a family's files lie in.

    >>> package("engines")
    'repix.conversion.engines'
    """
    return ".".join(["repix", *([INSIDE[family]] if family in INSIDE else []), family])


def plural(family: str) -> str:
    """What people call a family's members.

    >>> plural("upsampling"), plural("filters")
    ('upsamplers', 'filters')
    """
    return PLURALS.get(family, family)


def unknown(family: str, name: str) -> UnknownName:
    """What to raise where a family has no member of this name.

    >>> unknown("upsampling", "nearst").args[0]
    "There is no 'nearst' among the upsamplers; did you mean 'nearest'?"
    """
    return UnknownName(f"There is no {shown(name)} among the {plural(family)}; {closest(name, available(family))}")


def closest(name: str, known: tuple[str, ...]) -> str:
    """A half sentence that helps after a typo.

    >>> closest("medain", ("mean", "median"))
    "did you mean 'median'?"
    >>> closest("xyz", ("mean", "median"))
    'choose from mean, median.'
    """
    near = difflib.get_close_matches(name.lower().replace("_", "-"), known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"choose from {', '.join(known)}."


def american(word: str) -> str:
    """A word with American spelling, so that two can be compared.

    >>> american("denoise-colour"), american("--grey")
    ('denoise-color', '--gray')
    """
    return word.replace("colour", "color").replace("grey", "gray")


def spelled(word: str, known: Iterable[str]) -> str:
    """The known word that this one is in American or British spelling; any other word as it is.

    >>> spelled("gray", ["grey"]), spelled("grey", ["gray"]), spelled("blue", ["grey"])
    ('grey', 'gray', 'blue')
    """
    same = [one for one in known if american(one) == american(word)]
    return word if word in same or not same else same[0]


def function(family: str, attribute: str) -> Callable[..., Any]:
    """The function that a member offers; what a family's `__getattr__` answers with.

    >>> function("filters", "median").__name__
    'median'
    """
    name = spelled(attribute.replace("_", "-"), available(family))
    if name not in available(family):
        known = tuple(one.replace("-", "_") for one in available(family))
        near = difflib.get_close_matches(attribute, known, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise AttributeError(f"module 'repix.{family}' has no attribute '{attribute}'{hint}")
    found: Callable[..., Any] = get(family, name).function
    return found


def open_family(package: str) -> None:
    """Keep each member's function under the member's name: `filters.median(picture)`.

    Importing the file `repix/filters/median.py` would otherwise leave a module where the function should be.
    """
    sys.modules[package].__class__ = _FamilyModule


class _FamilyModule(ModuleType):
    """A package whose public files stand for the functions that they offer."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}":
            offered = getattr(value, FAMILIES[self._family], None)
            value = value if offered is None else offered.function
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        """The public list: what the package says of itself, and its members."""
        said = self.__dict__.get("__all__") or super().__dir__()
        return sorted({*said, *(name.replace("-", "_") for name in available(self._family))})

    @property
    def _family(self) -> str:
        return self.__name__.rpartition(".")[2]


def _source(module: str) -> Path | None:
    """A module's file; to find a stranger's, Python imports the package around it, so repix's own are found by name."""
    package, _, rest = module.partition(".")
    if package == "repix":
        return Path(__file__).parent.joinpath(*rest.split(".")).with_suffix(".py")
    spec = find_spec(module)
    return Path(spec.origin) if spec and spec.origin else None


def _module(family: str, name: str) -> ModuleType:
    """The member's module; a library of an extra that it lacks is named."""
    where = _location(family, name)
    try:
        return importlib.import_module(where)
    except ModuleNotFoundError as error:
        raise missing(_lacking(error)) from None


def _location(family: str, name: str) -> str:
    """Where the member's module is, by full dotted name; American and British spelling name the same one."""
    own = spelled(name, _files(family))
    if own in _files(family):
        return f"{package(family)}.{own.replace('-', '_')}"
    name = spelled(name, available(family))
    if name in _strangers(family):
        return _strangers(family)[name].module
    raise unknown(family, name)


@cache
def _files(family: str) -> tuple[str, ...]:
    if family not in FAMILIES:
        raise UnknownName(f"There is no family '{family}'; {closest(family, tuple(FAMILIES))}")
    folder = Path(__file__).parent.joinpath(*package(family).split(".")[1:])
    files = [m.name for m in pkgutil.iter_modules([str(folder)]) if not m.ispkg and not m.name.startswith("_")]
    return tuple(name.replace("_", "-") for name in files)


@cache
def _strangers(family: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=f"repix.{family}")}
