"""Time of `repix --help` relative to `python -c "import numpy"`; the limit is 2.5."""

import subprocess
import sys

from benchmarks.timing import in_turns, ratio, save, summary

COMMANDS = {
    "repix --help": ["-m", "repix", "--help"],
    "repix filter --help": ["-m", "repix", "filter", "--help"],
    "import repix": ["-c", "import repix"],
    "import numpy": ["-c", "import numpy"],
}


def main() -> None:
    """Time the commands in turns and print their ratios."""
    calls = {
        name: lambda words=words: subprocess.run([sys.executable, *words], capture_output=True, check=True)
        for name, words in COMMANDS.items()
    }
    seconds = in_turns(calls, rounds=15)
    rows = [{"command": name, **summary(s), "ratio": ratio(s, seconds["import numpy"])} for name, s in seconds.items()]
    for row in rows:
        print(f"{row['command']:<22} {row['median_ms']:8.1f} ms   {row['ratio']:.2f} × import numpy")
    save("command_line", rows, ["numpy", "typer"])


if __name__ == "__main__":
    main()
