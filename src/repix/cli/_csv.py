"""Tables for other programs."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_csv(file: Path, rows: Iterable[Sequence[object]], overwrite: bool) -> None:
    """Write a table whose first row names the columns; texts come back as they are, whatever is in a file's name."""
    from repix.pictures.atomic import atomic_file

    kept = list(rows)
    odd = any("\r" in cell for row in kept for cell in row if isinstance(cell, str))  # Python would not quote that
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if odd else csv.QUOTE_MINIMAL)
    table.writerows(kept)
    with atomic_file(file, overwrite) as out:
        out.write(text.getvalue().encode(errors="surrogateescape"))
