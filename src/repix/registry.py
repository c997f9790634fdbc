"""Registry of plugin families: filters, tasks, networks, metrics and others, one file per plugin.

A family is a package in which each public file defines one constant; for example, `filters/median.py` defines
`FILTER`. `available` reads file names and imports nothing; `get` imports one plugin. Other distributions add plugins
by entry points of the group `repix.FAMILY`, which name a module with the same constant.
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
"""The families, and the constant that their files define."""

INSIDE = {"engines": "conversion", "objectives": "training"}
"""Parent packages of families inside other packages."""

PLURALS = {"upsampling": "upsamplers"}
"""Plural nouns of plugins that differ from the family's name."""

EXTRAS = {
    "PIL": "train",
    "bm3d": "bm3d",
    "cv2": "filters",
    "anywidget": "notebook",
    "fastapi": "studio",
    "fsspec": "remote",
    "lightning": "train",
    "matplotlib": "plots",
    "nibabel": "volumes",
    "onnx": "import",
    "onnxruntime": "onnxruntime",
    "onnxscript": "train",
    "paramiko": "remote",
    "pi_heif": "photos",
    "pyarrow": "parquet",
    "python_multipart": "studio",
    "pywt": "filters",
    "rawpy": "photos",
    "ray": "cluster",
    "s3fs": "remote",
    "safetensors": "train",
    "scipy": "filters",
    "skimage": "filters",
    "tensorboard": "train",
    "threadpoolctl": "train",
    "tomli_w": "train",
    "torch": "train",
    "uvicorn": "studio",
}
"""The extra of each library that is not in the base install."""

DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "pi_heif": "pi-heif",
    "python_multipart": "python-multipart",
    "pywt": "PyWavelets",
    "skimage": "scikit-image",
    "tomli_w": "tomli-w",
}
"""Names for `pip install` that differ from the import name."""


def available(family: str) -> tuple[str, ...]:
    """Return the names of a family's plugins in alphabetical order; nothing is imported.

    >>> "median" in available("filters")
    True
    """
    return tuple(sorted({*_files(family), *_foreign(family)}))


def get(family: str, name: str) -> Any:
    """Return the constant of a plugin's file; only that file is imported.

    >>> get("filters", "medain")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no 'medain' among the filters; did you mean 'median'?
    """
    module = _module(family, name)
    try:
        return getattr(module, FAMILIES[family])
    except AttributeError:
        raise WrongUse(
            f"{module.__name__} is registered among the {plural(family)} but does not define {FAMILIES[family]}."
        ) from None


def summary(family: str, name: str) -> str:
    """Return the first line of a plugin's docstring, read from its source without importing it.

    >>> summary("filters", "median")
    'Median filter: each pixel becomes the median of its neighborhood.'
    """
    return first_line(_location(family, name))


def first_line(module: str) -> str:
    """Return the first line of a module's docstring, read from its source without importing it.

    >>> first_line("repix.errors")
    'Errors: every error that repix raises on purpose is a `RepixError`.'
    """
    return _docstring(module).partition("\n")[0]


def docstring(family: str, name: str) -> str:
    """Return the docstring of a plugin's file, read from its source without importing it.

    >>> docstring("tasks", "scene")
    'Scene: edge drawing to photo; for training, drawings are made from photos or given.'
    """
    return _docstring(_location(family, name))


def own_names(family: str) -> tuple[str, ...]:
    """Return the names of repix's own plugins; unlike `available`, other distributions are not searched.

    >>> "median" in own_names("filters")
    True
    """
    return _files(family)


def literal(family: str, name: str, constant: str) -> Any:
    """Return a constant of a plugin's file, read from its source without importing it; None if it is missing.

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
        with suppress(SyntaxError):  # parsing only the docstring keeps lists fast
            return ast.get_docstring(ast.parse(text[: end + 3])) or ""
    return ast.get_docstring(ast.parse(text)) or ""


def _evaluated(value: ast.expr, what: str) -> Any:
    try:
        return ast.literal_eval(value)
    except ValueError:
        raise WrongUse(f"{what} must be a literal, because the file is read without importing it.") from None


def library(name: str) -> Any:
    """Return a library of an extra; if it is missing, the error names the command to install it.

    >>> library("math").floor(2.5)
    2
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise missing(_lacking(error)) from None


def require_libraries(*wanted: str) -> None:
    """Import libraries; the error names all that are missing.

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
    """Return the error for missing libraries of one extra, with the command to install them.

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
    """Return the missing library if an extra lists it; otherwise the error is raised again."""
    root = (error.name or "").partition(".")[0]
    if root not in EXTRAS:
        raise error
    return root


def package(family: str) -> str:
    """Return the package of a family.

    >>> package("engines")
    'repix.conversion.engines'
    """
    return ".".join(["repix", *([INSIDE[family]] if family in INSIDE else []), family])


def plural(family: str) -> str:
    """Return the plural noun for a family's plugins.

    >>> plural("upsampling"), plural("filters")
    ('upsamplers', 'filters')
    """
    return PLURALS.get(family, family)


def unknown(family: str, name: str) -> UnknownName:
    """Return the error for an unknown name in a family.

    >>> unknown("upsampling", "nearst").args[0]
    "There is no 'nearst' among the upsamplers; did you mean 'nearest'?"
    """
    return UnknownName(f"There is no {shown(name)} among the {plural(family)}; {closest(name, available(family))}")


def closest(name: str, known: tuple[str, ...]) -> str:
    """Return a hint for an unknown name: the names that begin with it, the most similar one, or all names.

    >>> closest("medain", ("mean", "median"))
    "did you mean 'median'?"
    >>> closest("xyz", ("mean", "median"))
    'choose from mean, median.'
    >>> closest("psnr", ("psnr-rgb", "psnr-y", "ssim"))
    'choose from psnr-rgb, psnr-y.'
    """
    variants = [one for one in known if one.startswith(f"{name}-")]
    if len(variants) > 1:
        return f"choose from {', '.join(variants)}."
    near = difflib.get_close_matches(name.lower().replace("_", "-"), known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"choose from {', '.join(known)}."


def american(word: str) -> str:
    """Return a word in American spelling.

    >>> american("denoise-colour"), american("--grey")
    ('denoise-color', '--gray')
    """
    return word.replace("colour", "color").replace("grey", "gray")


def spelled(word: str, known: Iterable[str]) -> str:
    """Return the known word that differs from a word only in American or British spelling, or else the word itself.

    >>> spelled("gray", ["grey"]), spelled("grey", ["gray"]), spelled("blue", ["grey"])
    ('grey', 'gray', 'blue')
    """
    same = [one for one in known if american(one) == american(word)]
    return word if word in same or not same else same[0]


def function(family: str, attribute: str) -> Callable[..., Any]:
    """Return the function of a plugin; a family's `__getattr__` calls this.

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
    """Make a package keep each plugin's function under its name: `filters.median(picture)`.

    Otherwise, importing `repix/filters/median.py` would replace the function by the module.
    """
    sys.modules[package].__class__ = _FamilyModule


class _FamilyModule(ModuleType):
    """A package in which plugin modules are replaced by their functions."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}":
            offered = getattr(value, FAMILIES[self._family], None)
            value = value if offered is None else offered.function
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        """Return the public names of the package, and its plugins."""
        said = self.__dict__.get("__all__") or super().__dir__()
        return sorted({*said, *(name.replace("-", "_") for name in available(self._family))})

    @property
    def _family(self) -> str:
        return self.__name__.rpartition(".")[2]


def _source(module: str) -> Path | None:
    """Return a module's file. For plugins of other distributions, `find_spec` imports the parent package."""
    package, _, rest = module.partition(".")
    if package == "repix":
        return Path(__file__).parent.joinpath(*rest.split(".")).with_suffix(".py")
    spec = find_spec(module)
    return Path(spec.origin) if spec and spec.origin else None


def _module(family: str, name: str) -> ModuleType:
    """Import a plugin's module; the error names a missing library."""
    where = _location(family, name)
    try:
        return importlib.import_module(where)
    except ModuleNotFoundError as error:
        raise missing(_lacking(error)) from None


def _location(family: str, name: str) -> str:
    """Return the full dotted name of a plugin's module, in American or British spelling."""
    own = spelled(name, _files(family))
    if own in _files(family):
        return f"{package(family)}.{own.replace('-', '_')}"
    name = spelled(name, available(family))
    if name in _foreign(family):
        return _foreign(family)[name].module
    raise unknown(family, name)


@cache
def _files(family: str) -> tuple[str, ...]:
    if family not in FAMILIES:
        raise UnknownName(f"There is no family '{family}'; {closest(family, tuple(FAMILIES))}")
    folder = Path(__file__).parent.joinpath(*package(family).split(".")[1:])
    files = [m.name for m in pkgutil.iter_modules([str(folder)]) if not m.ispkg and not m.name.startswith("_")]
    return tuple(name.replace("_", "-") for name in files)


@cache
def _foreign(family: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=f"repix.{family}")}
