"""Many files through one conversion: where each result goes, and what happens when one fails."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from repix.errors import FileProblem, WrongUse
from repix.pictures import Picture, read, write


@dataclass(frozen=True)
class Writing:
    """How results are written; the options that every verb with `-o` has."""

    overwrite: bool = False
    quality: int = 90
    verbose: bool = False
    strict: bool = False


def destinations(inputs: Sequence[Path], output: Path | None, suffix: str) -> list[Path]:
    """Where each result goes: beside its source with a suffix, into a folder, or to the one file named.

    >>> destinations([Path("in/photo.png")], None, "median")
    [PosixPath('in/photo-median.png')]
    """
    if output is None:
        targets = [source.with_name(f"{source.stem}-{suffix}{source.suffix}") for source in inputs]
    elif len(inputs) > 1 or output.is_dir() or str(output).endswith("/"):
        targets = [output / source.name for source in inputs]
    else:
        targets = [output]
    seen: dict[str, Path] = {}
    for source, target in zip(inputs, targets, strict=True):
        other = seen.setdefault(str(target).casefold(), source)
        if other is not source:
            raise WrongUse(f"{other} and {source} would both be written to {target}; convert them one by one.")
    return targets


def convert_each(
    inputs: Sequence[Path], targets: Sequence[Path], convert: Callable[[Picture], Picture], writing: Writing
) -> None:
    """Convert every file; one that fails is reported and the others go on, and then the exit code is 1."""
    failed = 0
    pairs = list(zip(inputs, targets, strict=True))
    for source, target in _with_progress(pairs):
        try:
            _convert_one(source, target, convert, writing)
        except FileProblem as problem:
            failed += 1
            print(f"repix: {problem}", file=sys.stderr)
    if failed:
        if len(pairs) > 1:
            print(f"repix: {failed} of {len(pairs)} files failed.", file=sys.stderr)
        raise typer.Exit(1)


def _convert_one(source: Path, target: Path, convert: Callable[[Picture], Picture], writing: Writing) -> None:
    if target.exists() and not writing.overwrite:
        raise FileProblem(f"{target} exists already; use --overwrite to replace it, or -o to name another file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    write(convert(read(source)), target, overwrite=writing.overwrite, quality=writing.quality)
    print(target)


def _with_progress(pairs: list[tuple[Path, Path]]) -> Iterable[tuple[Path, Path]]:
    """A progress bar on the terminal, for more than one file."""
    if len(pairs) < 2 or not sys.stderr.isatty():
        return pairs
    from rich.console import Console
    from rich.progress import track

    return track(pairs, description="Converting", console=Console(stderr=True), transient=True)
