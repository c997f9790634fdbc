"""One run of a grid in a process of its own: `python -m repix.comparison.run_alone RECIPE RUN`.

The run is trained, or continued if it was begun. If standard input ends, the grid's process has ended, and this one
stops with a checkpoint, as after SIGTERM. A grid that is started again waits for that.
"""

import errno
import os
import signal
import sys
import threading
from pathlib import Path

from repix.errors import DiskFull, RepixError
from repix.training import Reporter, resume, train
from repix.training.recipe import read_recipe
from repix.training.run_folder import RunFolder, silent
from repix.training.stop import terminable

DISK_FULL = errno.ENOSPC
"""The exit code of a run that ended because the disk is full."""


def run_alone(recipe: Path, run: Path) -> int:
    """Train or continue a run, and return the exit code; an error is one sentence on standard error."""
    try:
        RunFolder(run).wait_until_unlocked()
        if RunFolder(run).recipe.exists():
            trained = resume(run, Reporter(silent))
        else:
            trained = train(read_recipe(recipe), run, Reporter(silent))
    except (RepixError, MemoryError, OSError) as problem:
        said = "not enough memory." if isinstance(problem, MemoryError) else str(problem)
        print(said.replace("\n", " "), file=sys.stderr)
        return DISK_FULL if isinstance(problem, DiskFull) else 1
    return 0 if trained.complete else 130


def _stop_with_parent() -> None:
    """Wait until standard input ends, then ask this process to stop."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    with terminable():
        sys.exit(run_alone(Path(sys.argv[1]), Path(sys.argv[2])))
