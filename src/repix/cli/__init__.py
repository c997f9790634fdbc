"""The command line: one file per verb, imported when asked for. `main` is what the `repix` command calls."""

import io
import sys


def main() -> None:
    """Run the command line and leave the process: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # no file name and no × may fail for the terminal's encoding
        sys.stdout.reconfigure(errors="surrogateescape" if sys.stdout.encoding == "utf-8" else "replace")
    from repix.cli._app import flushed, run

    code = flushed(run(sys.argv[1:]))
    if (ending := sys.modules.get("repix.cli._ending")) is not None and ending.is_busy():
        ending.end_at_once(code=code)
    sys.exit(code)
