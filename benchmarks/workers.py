"""Threads against processes: a folder of JPEG photos with `--workers 3`, in turns.

    python -m benchmarks.workers --sides 256 1152 --models denoise-gray:echo upscale-x2-clean:openvino

The processes have their model open before, as in a long run. `processor_ms` is the processor time of each file in all
processes; where the machine does other work, it tells more than the seconds. The results are compared byte by byte.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.file_layer import photo
from benchmarks.timing import ratio, save
from repix.batch import BatchOptions, Work, find, run
from repix.batch.children import Children
from repix.batch.journal import NAME
from repix.batch.place import Place
from repix.conversion import open_model
from repix.conversion.file import FileOptions
from repix.conversion.folder import model_work
from repix.pictures import Picture, write

WORKERS = 3


def photos(folder: Path, count: int, side: int) -> None:
    """Photos of 4:3, each a little different."""
    folder.mkdir()
    pixels = photo(3 * side // 4, side)
    for number in range(count):
        write(Picture(np.roll(pixels, 16 * number, axis=1)), folder / f"{number:04}.jpg")


def processor_seconds(children: Children) -> float:
    """Processor time of this process and of the children."""
    ticks = 0
    for child in children.running():
        words = Path(f"/proc/{child}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(words[11]) + int(words[12])
    times = os.times()
    return times.user + times.system + ticks / os.sysconf("SC_CLK_TCK")


def measured(folder: Path, model: str, engine: str, rounds: int) -> list[dict[str, Any]]:
    """Both ways in turns, after a round that is not counted."""
    work = model_work(open_model(model, engine), FileOptions())
    assert work.program is not None
    children = Children(work.program, WORKERS)
    children.begin(print)
    children.wait()
    ways: dict[str, Callable[[Path], int]] = {
        "threads": lambda output: once(folder, output, replace(work, program=None), None),
        "processes": lambda output: once(folder, output, work, children),
    }
    walls: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, call in ways.items():
            start, before = perf_counter(), processor_seconds(children)
            files = call(folder / f"{model}-{engine}-{number}-{name}")
            if number:
                walls[name].append((perf_counter() - start) / files)
                busy[name].append((processor_seconds(children) - before) / files)
        made = [contents(folder / f"{model}-{engine}-{number}-{name}") for name in ways]
        assert made[0] == made[1]
    children.end()
    return [
        {
            "model": model,
            "engine": engine,
            "workers": name,
            "ms_per_file": round(1000 * median(walls[name]), 1),
            "processor_ms": round(1000 * median(busy[name]), 1),
            "speed_of_threads": ratio(walls["threads"], walls[name]),
        }
        for name in ways
    ]


def contents(folder: Path) -> dict[str, bytes]:
    """Results by name."""
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.name != NAME}


def once(folder: Path, output: Path, work: Work, place: Place | None) -> int:
    """Convert the folder once, and return the number of files."""
    report = run(find([folder / "in"], output), work, BatchOptions(workers=WORKERS, place=place))
    assert not report.exit_code, report
    return len(report.outcomes)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sides", type=int, nargs="+", default=[256, 1152, 4000], help="widths of the photos")
    parser.add_argument("--models", nargs="+", default=["denoise-gray:echo", "upscale-x2-clean:openvino"])
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rows = []
    for side in given.sides:
        with tempfile.TemporaryDirectory() as name:
            photos(Path(name, "in"), given.files, side)
            for model, engine in (one.split(":") for one in given.models):
                found = measured(Path(name), model, engine, given.rounds)
                rows += [{"width": side, "load": round(os.getloadavg()[0], 1), **row} for row in found]
                print(*rows[-2:], sep="\n", flush=True)
    save("workers", rows, ("numpy", "openvino"))


if __name__ == "__main__":
    main()
