"""Destinations of `write`: a path, or an open binary file."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from repix.errors import WrongUse
from repix.pictures.atomic import atomic_file, check_free, write_error
from repix.pictures.formats import Format, format_by_name, format_for_path
from repix.pictures.sources import NAMELESS, is_binary_file

Target = Path | str | BinaryIO
IN_MEMORY = 2**26
"""Bytes of a file without a path that are buffered in memory until it is complete; larger files use the disk."""


@dataclass(frozen=True)
class Destination:
    """A path or open file to write to, and the file format."""

    place: Path | BinaryIO
    form: Format

    @classmethod
    def of(cls, given: Target, format_name: str | None) -> "Destination":
        """Return the destination for a path or an open file.

        Args:
            given: a path, or a file opened for writing in binary mode.
            format_name: file format; by default that of the path's suffix. Required for an open file.

        Raises:
            WrongUse: `given` is neither a path nor a binary file, or the format is missing or unknown.

        >>> Destination.of("a.png", None).form.name, Destination.of("a.tmp", "png").form.name
        ('PNG', 'PNG')
        """
        if isinstance(given, str | Path):
            path = Path(given)
            return cls(path, format_for_path(path) if format_name is None else format_by_name(format_name))
        try:
            fits = is_binary_file(given, "write")
        except (OSError, ValueError) as problem:  # closed, or opened for reading
            raise write_error(Path(NAMELESS), problem) from None
        if not fits:
            raise WrongUse(f"Cannot write to a {type(given).__name__}; give a path, or a file opened with 'wb'.")
        if format_name is None:
            raise WrongUse("An open file has no suffix to choose the format by; pass the format, such as format='png'.")
        return cls(given, format_by_name(format_name))

    @property
    def name(self) -> str:
        """The destination's name in messages."""
        return str(self.place) if isinstance(self.place, Path) else NAMELESS

    def check_free(self, overwrite: bool) -> None:
        """Check that the path can be written; see `atomic.check_free`."""
        if isinstance(self.place, Path):
            check_free(self.place, overwrite)

    @contextmanager
    def whole(self, overwrite: bool) -> Iterator[BinaryIO]:
        """Open a file for writing; the destination receives it complete or not at all."""
        place: Any = self.place
        if isinstance(place, Path):
            with atomic_file(place, overwrite) as file:
                yield file
            return
        try:
            with SpooledTemporaryFile(IN_MEMORY) as temporary:
                yield temporary  # type: ignore[misc]
                temporary.seek(0)
                shutil.copyfileobj(temporary, place)
        except (OSError, ValueError) as problem:
            raise write_error(Path(NAMELESS), problem) from None
