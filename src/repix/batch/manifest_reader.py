"""Lines of a manifest, a list of files in JSON lines or Parquet; read one after another, never all at once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from repix.errors import Unreadable, WrongUse
from repix.pictures.atomic import read_error
from repix.printable import shown
from repix.registry import library

JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet",)
ROWS = 2**15
"""Rows of a Parquet file in memory at a time."""


class Line(NamedTuple):
    """One line of a manifest."""

    number: int
    """From 1; blank lines count."""
    source: str
    target: str
    """Path of the result within the output folder; empty if the line names none."""


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a manifest; a line that does not name a source is refused, with its number.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     size = Path(folder, "list.jsonl").write_text('{"source": "a.png"}')
    ...     list(read_lines(Path(folder, "list.jsonl")))
    [Line(number=1, source='a.png', target='')]
    """
    suffix = path.suffix.lower()
    if suffix in JSON_LINES:
        return _json_lines(path)
    if suffix in PARQUET:
        return _parquet_rows(path)
    known = ", ".join(JSON_LINES + PARQUET)
    raise WrongUse(f"{path} is not a manifest that repix can read; name a file that ends in one of {known}.")


def _json_lines(path: Path) -> Iterator[Line]:
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    yield _line(path, number, _parsed(path, number, text))
    except OSError as problem:
        raise read_error(path, problem) from None


def _parsed(path: Path, number: int, text: bytes) -> dict[str, Any]:
    try:
        found = _decoded(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        said = text.strip().decode("utf-8", "replace")
        raise WrongUse(
            f'{path}, line {number} is not a JSON object such as {{"source": "a.png"}}, but {shown(said)}; correct it.'
        )
    return found


def _decoded(text: bytes) -> Any:
    """Return the content of a line; UTF-8 without a mark is what nearly all lists have, and the fastest."""
    try:
        return json.loads(text.decode())
    except ValueError:
        return json.loads(text)


def _parquet_rows(path: Path) -> Iterator[Line]:
    parquet = library("pyarrow.parquet")
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            columns = [name for name in ("source", "target") if name in file.schema_arrow.names]
            for rows in file.iter_batches(ROWS, columns=columns):
                for row in rows.to_pylist():
                    number += 1
                    yield _line(path, number, row)
    except OSError as problem:
        raise read_error(path, problem) from None
    except library("pyarrow").ArrowException as problem:
        raise Unreadable(f"{path} is not a Parquet file, or is damaged: {shown(str(problem))}.") from None


def _line(path: Path, number: int, found: dict[str, Any]) -> Line:
    """Return a checked line; keys besides source and target are for other programs."""
    source, target = found.get("source"), found.get("target")
    if not isinstance(source, str) or not source or "\0" in source:
        raise WrongUse(f"{path}, line {number}: the source is {shown(str(source))}; it must be the path of a picture.")
    if target is None:
        return Line(number, source, "")
    if not _stays_inside(target):
        raise WrongUse(
            f"{path}, line {number}: the target is {shown(str(target))}; it must be a path within the output folder, "
            "such as sub/a.png."
        )
    return Line(number, source, target)


def _stays_inside(target: object) -> bool:
    """Return True for a relative path that does not leave its folder."""
    if not isinstance(target, str) or "\0" in target or target.endswith("/"):
        return False
    path = Path(target)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
