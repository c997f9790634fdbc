"""Bundled models by their names; a file that was removed or damaged while the server runs is a sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from repix.conversion import Contract, open_model, read_model
from repix.conversion.model_loader import LoadedModel
from repix.errors import RepixError, Unreadable
from repix.models import catalog

T = TypeVar("T")


def contract_of(name: str) -> Contract:
    """Return the contract of a bundled model; raise Unreadable if its file is gone or damaged."""
    return _read(name, lambda path: read_model(path).contract)


def opened(name: str) -> LoadedModel:
    """Open a bundled model; raise Unreadable if its file is gone or damaged."""
    return _read(name, open_model)


def present() -> list[str]:
    """Return the names of the bundled models whose files are there."""
    return [name for name, one in catalog().items() if one.path.is_file()]


def _read(name: str, read: Callable[[Path], T]) -> T:
    path = catalog()[name].path
    try:
        return read(path)
    except RepixError as problem:
        said = str(problem).replace(f"{path.parent}/", "")
        raise Unreadable(
            f"The model {name} cannot be used any more ({said.rstrip('.')}); install repix again."
        ) from None
