"""Tables as CSV files, for other programs."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from repix.pictures.atomic import atomic_file


def write_csv(file: Path, rows: Iterable[Sequence[object]], overwrite: bool) -> None:
    """Write a table whose first row names the columns; texts come back as they are, whatever is in a file's name."""
    table_rows = list(rows)
    odd = any("\r" in cell for row in table_rows for cell in row if isinstance(cell, str))  # Python would not quote it
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if odd else csv.QUOTE_MINIMAL)
    table.writerows(table_rows)
    with atomic_file(file, overwrite) as out:
        out.write(text.getvalue().encode(errors="surrogateescape"))
