"""What a picture is written to: a path, or a binary file that somebody has opened."""

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
"""Bytes of a file without a path that wait in memory until all of it is there; more wait on the disk."""


@dataclass(frozen=True)
class Destination:
    """Where a picture goes, and in which format."""

    place: Path | BinaryIO
    form: Format

    @classmethod
    def of(cls, given: Target, format_name: str | None) -> "Destination":
        """A path in the format of its suffix, unless another is named; of a file the format must be named.

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
            raise WrongUse(f"A {type(given).__name__} was given to write to; give a path, or a file opened with 'wb'.")
        if format_name is None:
            raise WrongUse("A file without a path has no suffix that says the format; name it, such as format='png'.")
        return cls(given, format_by_name(format_name))

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.place) if isinstance(self.place, Path) else NAMELESS

    def check_free(self, overwrite: bool) -> None:
        """Refuse a path that cannot be taken."""
        if isinstance(self.place, Path):
            check_free(self.place, overwrite)

    @contextmanager
    def whole(self, overwrite: bool) -> Iterator[BinaryIO]:
        """A file to write into, of which the destination gets all or nothing."""
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
