"""Options of a batch."""

from dataclasses import dataclass

from repix.batch.place import Place


@dataclass(frozen=True)
class BatchOptions:
    """Options of a batch that do not change results."""

    overwrite: bool = False
    """Replace existing files that repix did not write."""
    workers: int = 1
    """Number of files that are converted at the same time, in threads."""
    place: Place | None = None
    """Where files are made instead, such as the processes of a cluster."""
