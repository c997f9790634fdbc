"""Run tests in several random orders, and print a table of those that did not pass each time.

    python -m release.flakes -- tests/cli
    python -m release.flakes --runs 3 --first-seed 40 -- -n 2 tests/arithmetic tests/metrics

Words after `--` go to pytest. Each run has another seed of pytest-randomly, which draws the order and the random cases;
`pytest --randomly-seed=SEED` repeats one run. A test whose outcome is the same skip in all runs is not in the table.
Exit code 1 if a test is in the table, 2 if a run did not reach its end.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
FINISHED = (0, 1)
"""pytest's exit codes of a run that reached its end: all passed, some failed."""

Run = Mapping[str, str]
"""Outcomes by test."""


def outcomes(text: str) -> dict[str, str]:
    r"""Return the outcomes that `release.outcomes` wrote.

    >>> outcomes('{"test": "t.py::test_a", "outcome": "passed"}\n')
    {'t.py::test_a': 'passed'}
    """
    return {one["test"]: one["outcome"] for one in map(json.loads, text.splitlines())}


def unsteady(runs: Mapping[int, Run]) -> dict[str, dict[int, str]]:
    """Return the outcomes by seed of each test that failed, or was skipped in some of its runs only.

    A run that does not have a test does not count for it: names of random cases change with the seed.

    >>> unsteady({1: {"a": "passed", "b": "skipped"}, 2: {"a": "failed", "b": "skipped"}})
    {'a': {1: 'passed', 2: 'failed'}}
    """
    tests = sorted({test for run in runs.values() for test in run})
    found = {test: {seed: run[test] for seed, run in runs.items() if test in run} for test in tests}
    return {test: had for test, had in found.items() if set(had.values()) not in ({"passed"}, {"skipped"})}


def table(runs: Mapping[int, Run]) -> str:
    """Return a Markdown table of the unsteady tests, or a sentence if there is none.

    >>> print(table({7: {"a": "passed"}, 8: {"a": "failed"}}))
    | test | passed | other outcomes, with their seeds |
    |---|---|---|
    | `a` | 1 of 2 | failed 8 |
    """
    found = unsteady(runs)
    if not found:
        return f"All {len(set().union(*runs.values()))} tests had the same outcome in {len(runs)} runs, none failed."
    lines = ["| test | passed | other outcomes, with their seeds |", "|---|---|---|"]
    for test, had in found.items():
        passed = sum(one == "passed" for one in had.values())
        others = ", ".join(f"{outcome} {seed}" for seed, outcome in had.items() if outcome != "passed")
        lines.append(f"| `{test}` | {passed} of {len(had)} | {others} |")
    return "\n".join(lines)


def run(seed: int, words: Sequence[str], file: Path) -> int:
    """Run pytest in the order of a seed, write the outcomes to the file, and return pytest's exit code."""
    plugin = ["-p", "release.outcomes", "--outcomes", str(file), f"--randomly-seed={seed}"]
    command = [sys.executable, "-m", "pytest", "-q", *plugin, *words]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = done.stdout.strip().splitlines() or [""]
    print(f"seed {seed}: {lines[-1].strip('= ')}", flush=True)
    if done.returncode not in FINISHED:
        print(done.stdout, file=sys.stderr)
    return done.returncode


def main(given: Sequence[str] | None = None) -> int:
    """Run the tests and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10, help="number of runs, at least 1; default: 10")
    parser.add_argument("--first-seed", type=int, default=1, help="seed of the first run; the next ones count up")
    parser.add_argument("words", nargs="+", metavar="-- WORD", help="tests and options of pytest")
    asked = parser.parse_args(given)
    if asked.runs < 1:
        parser.error(f"--runs {asked.runs}: give 1 or more.")
    runs: dict[int, Run] = {}
    with tempfile.TemporaryDirectory() as place:
        for seed in range(asked.first_seed, asked.first_seed + asked.runs):
            file = Path(place, f"{seed}.jsonl")
            code = run(seed, asked.words, file)
            if code not in FINISHED:
                print(f"The run with seed {seed} did not reach its end: pytest's exit code is {code}.", file=sys.stderr)
                return 2
            runs[seed] = outcomes(file.read_text(encoding="utf-8"))
    print(table(runs))
    return int(bool(unsteady(runs)))


if __name__ == "__main__":
    sys.exit(main())
