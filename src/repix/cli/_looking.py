"""The bar while the files of a folder are looked at."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repix.data.file_scan import FileScan


def with_progress(looks: "Iterable[FileScan]", total: int) -> "Iterator[FileScan]":
    """A progress bar on the terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return iter(looks)
    from rich.console import Console
    from rich.progress import track

    return iter(track(looks, "Looking", total, console=Console(stderr=True), transient=True))
