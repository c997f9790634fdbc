"""The command line: one file per verb, imported when asked for. `main` is what the `repix` command calls."""

import io
import sys


def main() -> None:
    """Run the command line and leave the process: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # no file name and no × may fail for the terminal's encoding
        sys.stdout.reconfigure(errors="surrogateescape" if sys.stdout.encoding == "utf-8" else "replace")
    from repix.cli._app import flushed, run

    sys.exit(flushed(run(sys.argv[1:])))
