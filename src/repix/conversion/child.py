"""Process that converts files for a run: `python -m repix.conversion.child`, started by `repix.batch`."""

from collections.abc import Mapping
from typing import Any

from repix.batch.child import serve
from repix.batch.memory_pool import Pool
from repix.batch.work import WorkFunction
from repix.conversion.child_settings import opened
from repix.conversion.folder import file_function


def work_of(settings: Mapping[str, Any], pool: Pool) -> WorkFunction:
    """Return the function that converts a file as the run's process does."""
    model, options = opened(settings, settings["workers"])
    return file_function(model, options, pool)


if __name__ == "__main__":
    serve(work_of)
