"""Many files through one conversion, and what happens when one fails."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import TextIO

import numpy as np
import typer

from repix.conversion.many.jobs import Job
from repix.errors import FileProblem, TooLarge, Unreadable, WrongUse
from repix.pictures import Picture, read, write
from repix.pictures.atomic import check_free, folder_error
from repix.pictures.formats import READ_ONLY, format_for_path
from repix.printable import printable


@dataclass(frozen=True)
class Writing:
    """How results are written; the options that every verb with `-o` has."""

    overwrite: bool = False
    quality: int = 90
    verbose: bool = False
    strict: bool = False


def convert_each(jobs: Sequence[Job], convert: Callable[[Picture], Picture], writing: Writing) -> None:
    """Convert every file; of many, one that fails is reported and the others go on, and then the exit code is 1."""
    failed = 0
    for job in _with_progress(jobs):
        try:
            _convert_one(job.source, job.target, convert, writing)
        except (FileProblem, WrongUse) as problem:
            if len(jobs) == 1:
                raise
            failed += 1
            where = "" if isinstance(problem, FileProblem) else f"{job.source}: "
            print(printable(f"repix: {where}{problem}"), file=sys.stderr)
    if failed:
        print(f"repix: {failed} of {len(jobs)} files failed.", file=sys.stderr)
        raise typer.Exit(1)


def _convert_one(source: Path, target: Path, convert: Callable[[Picture], Picture], writing: Writing) -> None:
    check_free(target, writing.overwrite)
    format_for_path(target)
    try:
        picture = read(source)
        _require_finite(picture, source)
        result = convert(picture)
    except Exception as error:
        if not _is_short_of_memory(error):
            raise
        raise TooLarge(f"{source} is too large to be converted in this machine's memory; shrink it first.") from None
    with _folder(target.parent):
        report = write(result, target, overwrite=writing.overwrite, quality=writing.quality, strict=writing.strict)
    print(printable(target))
    if target.suffix != source.suffix and source.suffix.lower() in READ_ONLY:
        print(f"repix: {source.suffix[1:].upper()} is only read; the result became a PNG.", file=sys.stderr)
    if writing.verbose:
        print(f"{printable(target)}:\n{indent(printable(report, lines=True), '  ')}", file=sys.stderr)


def _is_short_of_memory(error: Exception) -> bool:
    """Whether the memory was not enough; OpenCV says that by an error of its own, number -4."""
    return isinstance(error, MemoryError) or (type(error).__module__ == "cv2" and getattr(error, "code", 0) == -4)


def _require_finite(picture: Picture, source: Path) -> None:
    """Refuse floats that are no numbers; no member could say what to make of them."""
    if picture.depth == "float" and not np.isfinite(picture.pixels).all():
        row, column, _ = np.argwhere(~np.isfinite(picture.pixels))[0]
        raise Unreadable(
            f"{source} holds {picture.pixels[row, column].tolist()} in row {row} and column {column}, counted from 0; "
            "replace what is not finite first."
        )


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """A folder to write into; one that had to be made for a file that then failed is taken away again."""
    made = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
    except OSError as problem:
        raise folder_error(folder, problem) from None
    try:
        yield
    except BaseException:
        if made:
            folder.rmdir()
        raise


def _with_progress(jobs: Sequence[Job]) -> Iterator[Job]:
    """A progress bar on the terminal, for more than one file; what goes to a file or a pipe is left alone."""
    if len(jobs) < 2 or not _is_terminal(sys.stderr):
        yield from jobs
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=_is_terminal(sys.stdout)) as progress:
        yield from progress.track(jobs, description="Converting")


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks on; Python has no stream at all for one that was closed before it began."""
    return stream is not None and stream.isatty()
