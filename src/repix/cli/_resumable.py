"""Commands that the same command continues: Ctrl-C and SIGTERM say so, and unfinished files are removed."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from repix.cli._progress import tell


@contextmanager
def resumable() -> Iterator[None]:
    """Within the block, Ctrl-C ends the command with exit code 130, SIGTERM with 143, and a sentence."""
    from repix.cli._ending import INTERRUPTED
    from repix.training.stop import Terminated, terminable

    with terminable():
        try:
            yield
        except KeyboardInterrupt:
            tell("Stopped; the same command continues.")
            raise typer.Exit(INTERRUPTED) from None
        except Terminated:
            tell("Terminated; the same command continues.")
            raise
