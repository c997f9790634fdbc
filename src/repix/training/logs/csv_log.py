"""CSV log: the table of all validations."""

import csv
import io

from repix.training.logs import Record
from repix.training.run_folder import RunFolder


class CsvLog:
    """The table of all validations."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def write(self, record: Record) -> None:
        """Write the table anew."""
        text = io.StringIO()
        columns = list(dict.fromkeys(name for row in record.rows for name in row))
        table = csv.DictWriter(text, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(record.rows)
        self.folder.write(self.folder.metrics, text.getvalue().encode())

    def close(self) -> None:
        """Nothing waits."""
