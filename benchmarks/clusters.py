"""Conversion on a local Ray cluster against one process: throughput, and seconds of each file around the model.

    python -m benchmarks.clusters --files 200 --size 256 --rounds 3

Both convert the same gray pictures with the same threads in all: one process with two threads and three files at a
time, and `--cluster local` with as many worker processes as cores, one thread each. Throughput is that of the command's
own report, from the first to the last file; the start of the cluster and of its workers is reported as `start`. The
first round is not counted. `echo` has no computation to speak of: what is left are the costs of each file.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.timing import save
from repix.pictures import Picture, write


def pictures(folder: Path, count: int, size: int) -> None:
    """Smooth noisy pictures."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(60, 180, size)[:, None, None] * np.ones((1, size, 1))
    folder.mkdir()
    for number in range(count):
        noisy = np.clip(ramp + rng.normal(0, 12, ramp.shape), 0, 255).astype(np.uint8)
        write(Picture(noisy), folder / f"{number:04}.png")


def seconds(sources: Path, output: Path, engine: str, options: list[str]) -> dict[str, float]:
    """Seconds of the run by its report, and of the rest of the command."""
    words = [sys.executable, "-m", "repix", "convert", "denoise-gray", str(sources), "-o", str(output), "--json"]
    start = perf_counter()
    done = subprocess.run(
        [*words, "--engine", engine, "--precision", "exact", *options], check=True, capture_output=True
    )
    whole = perf_counter() - start
    report = json.loads(done.stdout)
    ended = sorted(one["seconds"] for one in report["files"])
    return {"run": report["totals"]["seconds"], "rest": whole - report["totals"]["seconds"], "file": median(ended)}


def measured(folder: Path, files: int, engine: str, rounds: int) -> list[dict[str, Any]]:
    """Both ways in turns."""
    ways = {"one process": ["--workers", "3"], "cluster": ["--cluster", "local", "--workers", "3"]}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, options in ways.items():
            one = seconds(folder / "in", folder / f"{engine}-{number}-{name.split()[0]}", engine, options)
            if number:
                found[name].append(one)
    return [
        {
            "engine": engine,
            "way": name,
            "files": files,
            "run_s": round(median(one["run"] for one in rows), 2),
            "ms_per_file": round(1000 * median(one["run"] for one in rows) / files, 1),
            "rest_s": round(median(one["rest"] for one in rows), 1),
        }
        for name, rows in found.items()
    ]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        pictures(Path(name, "in"), given.files, given.size)
        for engine in ("echo", "openvino"):
            rows += measured(Path(name), given.files, engine, given.rounds)
    for row in rows:
        print(row)
    save("clusters", [{"size": given.size, **row} for row in rows], ("numpy", "ray", "openvino"))


if __name__ == "__main__":
    main()
