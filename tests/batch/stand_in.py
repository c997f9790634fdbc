"""A command that stands in for `repix convert`: many files through a little arithmetic, with the real journal.

python -m tests.batch.stand_in IN... -o OUT [--key K] [--workers N] [--pause SECONDS]
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from repix import batch
from repix.batch.jobs import Naming, find
from repix.errors import RepixError
from repix.pictures import Fidelity, read, write


def work_of(key: str, pause: float = 0.0):
    """Darkens a picture by so much, in strips, as a converter would with its tiles."""

    def work(source: Path, target: Path, advance) -> Fidelity:
        picture = read(source)
        pixels = picture.pixels.copy()
        for row in range(0, len(pixels), 8):
            advance()
            time.sleep(pause)
            pixels[row : row + 8] -= np.minimum(pixels[row : row + 8], np.uint8(int(key)))
        return write(replace(picture, pixels=pixels), target)

    return work


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("inputs", nargs="+", type=Path)
    parser.add_argument("-o", dest="output", type=Path)
    parser.add_argument("--key", default="10")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--overwrite", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        jobs = find(given.inputs, given.output, Naming(), recursive=True)
        work = work_of(given.key, given.pause)
        report = batch.run(
            jobs,
            batch.Work(work, {"key": given.key}),
            batch.BatchOptions(overwrite=given.overwrite, workers=given.workers),
        )
    except RepixError as problem:
        print(f"stand-in: {problem}", file=sys.stderr)
        return problem.exit_code
    if given.json:
        print(json.dumps(report.as_json()))
    for outcome in report.outcomes:
        if outcome.reason:
            print(f"stand-in: {outcome.reason}", file=sys.stderr)
    if report.stopped:
        print(f"stand-in: {report.stopped}", file=sys.stderr)
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
