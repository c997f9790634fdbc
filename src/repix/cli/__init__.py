"""The command line: one file per verb, imported when asked for. `main` is what the `repix` command calls."""

import sys


def main() -> None:
    """Run the command line and leave the process: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    from repix.cli._app import run

    sys.exit(run(sys.argv[1:]))
