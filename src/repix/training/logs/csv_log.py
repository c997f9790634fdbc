"""CSV log: a table with a row for each validation."""

import csv
import io

from repix.training.logs import BESIDES, Record
from repix.training.run_folder import RunFolder


class CsvLog:
    """Writes metrics.csv."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def write(self, record: Record) -> None:
        """Write the whole table."""
        text = io.StringIO()
        metrics = (name for row in record.rows for name in row)
        columns = list(dict.fromkeys((*BESIDES, *record.all_terms, *metrics)))
        table = csv.DictWriter(text, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(record.rows)
        self.folder.write(self.folder.metrics, text.getvalue().encode())

    def close(self) -> None:
        """Nothing is open."""
