"""Conversion on a local Ray cluster against one process: throughput, and the driver's processor time for each file.

    python -m benchmarks.clusters --files 200 --size 256 --rounds 3

Both convert the same gray pictures, in turns; the cluster is started once and is not counted. One process computes with
a thread for each core, three files at a time; the cluster has a worker process for each core, with one thread and three
files each. `echo` has no computation to speak of: what is left is the cost of each file. `driver_ms` is the processor
time of the process that decides, writes the journal and moves results.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.timing import ratio, save
from repix.batch import BatchOptions, find, run
from repix.batch.place import Place
from repix.cluster.model_parcel import ModelParcel
from repix.cluster.ray_cluster import ray_crew
from repix.conversion import open_model
from repix.conversion.file import FileOptions
from repix.conversion.folder import model_work
from repix.models import model_named
from repix.pictures import Picture, write

MODEL = "denoise-gray"
SLOTS = 3


def pictures(folder: Path, count: int, size: int) -> None:
    """Smooth noisy pictures."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(60, 180, size)[:, None, None] * np.ones((1, size, 1))
    folder.mkdir()
    for number in range(count):
        noisy = np.clip(ramp + rng.normal(0, 12, ramp.shape), 0, 255).astype(np.uint8)
        write(Picture(noisy), folder / f"{number:04}.png")


def measured(folder: Path, engine: str, rounds: int) -> list[dict[str, Any]]:
    """Both ways in turns, after a round that is not counted."""
    options, cores = FileOptions(), len(os.sched_getaffinity(0))
    alone = open_model(MODEL, engine, precision="exact")
    shared = open_model(MODEL, engine, precision="exact", threads=1)
    with ray_crew("local", ModelParcel.of(model_named(MODEL), shared, options).files(), SLOTS, print) as crew:
        while len(crew.members()) < cores:
            Event().wait(0.2)
        calls: dict[str, Callable[[Path], float]] = {
            "one process": lambda output: once(folder, output, model_work(alone, options), None),
            "cluster": lambda output: once(folder, output, model_work(shared, options), crew),
        }
        walls: dict[str, list[float]] = {name: [] for name in calls}
        driver: dict[str, list[float]] = {name: [] for name in calls}
        for number in range(rounds + 1):
            for name, call in calls.items():
                start, began = perf_counter(), process_time()
                files = call(folder / f"{engine}-{number}-{name.split()[0]}")
                if number:
                    walls[name].append((perf_counter() - start) / files)
                    driver[name].append((process_time() - began) / files)
    return [
        {
            "engine": engine,
            "way": name,
            "ms_per_file": round(1000 * median(walls[name]), 1),
            "driver_ms": round(1000 * median(driver[name]), 1),
            "throughput_of_one_process": ratio(walls["one process"], walls[name]),
        }
        for name in calls
    ]


def once(folder: Path, output: Path, work: Any, place: Place | None) -> float:
    """Convert the folder once, and return the number of files."""
    report = run(find([folder / "in"], output), work, BatchOptions(workers=SLOTS, place=place))
    assert not report.exit_code, report
    return len(report.outcomes)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="+", default=["echo", "openvino"])
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        pictures(Path(name, "in"), given.files, given.size)
        for engine in given.engines:
            rows += [
                {"size": given.size, "files": given.files, **row} for row in measured(Path(name), engine, given.rounds)
            ]
            print(*rows[-2:], sep="\n", flush=True)
    save("clusters", rows, ("numpy", "ray", "openvino"))


if __name__ == "__main__":
    main()
