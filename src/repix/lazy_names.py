"""Lazy names: a package imports a module when a name of that module is first used."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def lazy_name(package: str, homes: Mapping[str, str], name: str) -> Any:
    """Return a public name of a package; the package's `__getattr__` calls this.

    Args:
        package: the package's name.
        homes: the module of each public name, relative to the package.
        name: the name that is used.

    Returns:
        The class or function.

    Raises:
        AttributeError: the package has no such name.

    >>> lazy_name("repix", {"Picture": "pictures"}, "Picture").__name__
    'Picture'
    """
    if name not in homes:
        raise AttributeError(f"module '{package}' has no attribute '{name}'")
    return getattr(import_module(f"{package}.{homes[name]}"), name)
