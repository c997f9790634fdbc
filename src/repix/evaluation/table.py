"""CSV tables."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from repix.pictures.atomic import atomic_file


def write_csv(file: Path, rows: Iterable[Sequence[object]], overwrite: bool) -> None:
    """Write a table; its first row names the columns. Any text can be read back unchanged."""
    table_rows = list(rows)
    odd = any("\r" in cell for row in table_rows for cell in row if isinstance(cell, str))  # Python does not quote \r
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if odd else csv.QUOTE_MINIMAL)
    table.writerows(table_rows)
    with atomic_file(file, overwrite) as out:
        out.write(text.getvalue().encode(errors="surrogateescape"))
