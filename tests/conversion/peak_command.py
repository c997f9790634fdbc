"""A command that says how much memory `repix convert` takes: python -m tests.conversion.peak_command PIXELS WORDS...

It runs the command of these words in this process, and interrupts it when so many pixels are converted, because a
large picture takes no more memory in its last band of tiles than in its fourth. Prints the exit code and the peak.
"""

import json
import sys
from pathlib import Path

from repix.batch.outcome import Progress
from repix.cli import _batches
from repix.cli._app import run


def main(pixels: int, words: list[str]) -> None:
    class Interrupting(_batches.Reporter):
        def show(self, progress: Progress) -> None:
            super().show(progress)
            if progress.converted >= pixels and progress.last is None:
                raise KeyboardInterrupt

    _batches.Reporter = Interrupting  # type: ignore[misc]
    code = run(words)
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = 1024 * int(next(line for line in status if line.startswith("VmHWM:")).split()[1])
    print(json.dumps({"code": code, "peak": peak}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
