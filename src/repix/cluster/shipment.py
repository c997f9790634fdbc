"""Shipment: what a worker process needs to do the tasks of a run."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from repix._version import VERSION
from repix.batch.work import Advance, Work
from repix.cluster.file_maker import FileMaker
from repix.errors import RepixError, WrongUse

TaskFunction = Callable[[Any, Advance], Any]
"""Does one task, such as making a file, and returns the answer, which is never None."""


@dataclass(frozen=True)
class Shipment:
    """A function that opens what the tasks need, and what each worker process takes of a machine.

    >>> Shipment(lambda: lambda task, advance: task + 1).opened()(1, None)
    2
    """

    open: Callable[[], TaskFunction]
    """Called once in each worker process. Ray copies it there, so it refers to data and functions only."""
    threads: int = 1
    """Processors that each worker process takes."""
    memory: int | None = None
    """Bytes that each worker process takes; None: not known."""
    gpus: int = 0
    """GPUs that each worker process takes."""
    folder: str | None = None
    """The folder in which relative paths are found; None if there are no relative paths."""
    version: str = VERSION

    def opened(self) -> TaskFunction:
        """Return the function that does the tasks; another version of repix is refused."""
        if self.version != VERSION:
            raise WrongUse(f"it has repix {VERSION}, but the run was started with {self.version}; install one version")
        if self.folder is not None:
            try:
                os.chdir(self.folder)
            except OSError:
                raise WrongUse(
                    f"the folder {self.folder}, in which the command was started, does not exist there; start it in a "
                    "folder that all machines share"
                ) from None
        return self.open()


def files_of(work: Work, folder: str | None = None) -> Shipment:
    """Return the shipment for files that a work's function makes, such as filtered pictures; it opens nothing.

    Args:
        work: the work.
        folder: where relative paths are found that its function holds.
    """
    return Shipment(partial(FileMaker, work.function), folder=folder)


def refusal(problem: RepixError, node: str) -> str:
    """Return the sentence for a worker process that cannot be used."""
    return f"The worker process {os.getpid()} on {node} is not used: {str(problem).rstrip('.')}."
