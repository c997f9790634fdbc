"""Pictures through pipes: `-` as a name stands for the standard input or output."""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from repix.conversion.many.jobs import Naming
from repix.errors import FileProblem, Unreadable, WrongUse
from repix.pictures.atomic import read_error
from repix.pictures.formats import FORMATS, detect_format, require_lossless
from repix.pictures.temporary_files import track

STANDARD = Path("-")
Work = Callable[[Path, Path], object]


def is_pipe(inputs: list[Path], output: Path | None) -> bool:
    """Whether the input or the output is one; then there is but one picture."""
    if STANDARD not in inputs and output != STANDARD:
        return False
    if len(inputs) != 1:
        raise WrongUse("- stands for one picture on the standard input or output; convert one at a time.")
    return True


class Piped:
    """One picture from a pipe, to a pipe, or both."""

    def __init__(self, inputs: list[Path], output: Path | None, naming: Naming) -> None:
        self._input, self._output, self._naming = inputs[0], output or STANDARD, naming

    def through(self, work: Work) -> int:
        """Do the work on files that stand for the pipes, and return the exit code."""
        if self._output == STANDARD and sys.stdout.isatty():
            raise WrongUse("The result would be printed on the terminal; name a file with -o, or send it to a program.")
        if self._output != STANDARD and self._naming.mask:
            require_lossless(self._output, f"-o {self._output}")
        with TemporaryDirectory(prefix="repix-") as folder:
            track(Path(folder))
            source = self._input if self._input != STANDARD else _arrived(Path(folder))
            target = self._output if self._output != STANDARD else Path(folder, f"result{self._suffix(source)}")
            try:
                work(source, target)
            except FileProblem as problem:
                raise type(problem)(str(problem).replace(str(source), "The picture on the standard input")) from None
            if self._output == STANDARD:
                sys.stdout.buffer.write(target.read_bytes())
                sys.stdout.buffer.flush()
        return 0

    def _suffix(self, source: Path) -> str:
        """The result's format: the one that was asked for, or the source's where it holds such a result."""
        if self._naming.format:
            return f".{self._naming.format}"
        try:
            with source.open("rb") as file:
                form = detect_format(file.read(256), str(source))
        except OSError as problem:
            raise read_error(source, problem) from None
        return Path(self._naming.name(f"source{form.suffixes[0]}", "")).suffix


def _arrived(folder: Path) -> Path:
    """What comes from the standard input, as a file."""
    content = sys.stdin.buffer.read()
    if not content:
        raise Unreadable("The standard input is empty; send a picture: repix denoise - -o - < noisy.png > clean.png.")
    form = detect_format(content[:256], "The standard input")
    source = folder / f"source{FORMATS[form.name].suffixes[0]}"
    source.write_bytes(content)
    return source
