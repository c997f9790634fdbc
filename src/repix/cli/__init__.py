"""Command line: one file per command, imported on use. `main` is the entry point of `repix`."""

import io
import sys


def main() -> None:
    """Run the command line and exit: 0 success, 1 failure, 2 wrong usage, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # the encoding may lack characters
        sys.stdout.reconfigure(errors="surrogateescape" if sys.stdout.encoding == "utf-8" else "replace")
    from repix.cli._app import run
    from repix.cli._output import flushed

    code = flushed(run(sys.argv[1:]))
    if (ending := sys.modules.get("repix.cli._ending")) is not None and ending.is_busy():
        ending.end_at_once(code=code)
    sys.exit(code)
