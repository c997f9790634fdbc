"""Pipes: one picture that comes from a stream, goes to one, or both."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from repix.batch.jobs import Naming
from repix.errors import FileProblem, Unreadable
from repix.pictures.atomic import read_error, track
from repix.pictures.file_bytes import FileBytes
from repix.pictures.formats import require_lossless
from repix.pictures.headers import file_format

ARRIVED = "The picture on the standard input"
"""Its name in errors."""


def through_pipe(
    source: Path | BinaryIO, target: Path | BinaryIO, naming: Naming, function: Callable[[Path, Path], object]
) -> None:
    """Apply a function from file to file where one of them, or both, is a stream.

    A result for a stream has the format that `naming` asks for, else the source's where it can hold such a result.
    """
    if isinstance(target, Path) and naming.mask:
        require_lossless(target, f"-o {target}")
    with TemporaryDirectory(prefix="repix-") as name:
        folder = Path(name)
        track(folder)
        given = source if isinstance(source, Path) else _arrived(source, folder)
        made = target if isinstance(target, Path) else folder / f"result{_suffix(given, naming)}"
        try:
            function(given, made)
        except FileProblem as problem:
            said = str(problem) if isinstance(source, Path) else str(problem).replace(str(given), ARRIVED)
            raise type(problem)(said) from None
        if not isinstance(target, Path):
            target.write(made.read_bytes())
            target.flush()


def _suffix(source: Path, naming: Naming) -> str:
    if naming.format:
        return f".{naming.format}"
    try:
        with source.open("rb") as file:
            form = file_format(FileBytes(file), str(source))
    except OSError as problem:
        raise read_error(source, problem) from None
    return Path(naming.name(f"source{form.suffixes[0]}", "")).suffix


def _arrived(stream: BinaryIO, folder: Path) -> Path:
    """Write what comes from a stream to a file."""
    content = stream.read()
    if not content:
        raise Unreadable("The standard input is empty; send a picture: repix denoise - -o - < noisy.png > clean.png.")
    source = folder / f"source{file_format(content, 'The standard input').suffixes[0]}"
    source.write_bytes(content)
    return source
