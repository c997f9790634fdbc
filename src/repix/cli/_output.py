"""Output of commands: the words of an error, and what is left to print at the end."""

import os
import sys

from repix.errors import RepixError
from repix.printable import printable


def flushed(code: int) -> int:
    """Flush the output and return the exit code: 1 if that fails. A closed pipe is not reported."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # otherwise Python flushes again at exit, and reports it
        if not isinstance(error, BrokenPipeError):
            print(f"repix: {sentence(error)}", file=sys.stderr)
        return 1
    return code


def sentence(error: RepixError | MemoryError | OSError) -> str:
    """Return the text of an error: repix's own sentence, or the system's reason."""
    if isinstance(error, RepixError):
        return "\n".join([printable(error.args[0]), *([error.lines] if error.lines else [])])
    if isinstance(error, MemoryError):
        return "Not enough memory; try a smaller picture or smaller settings."
    from repix.pictures.atomic import reason

    return printable(f"{error.filename or 'The output cannot be written'}: {reason(error)}.")
