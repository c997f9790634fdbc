"""Memory of reading and writing a large picture in bands: `python -m benchmarks.bands 12000`.

For every format a child process writes a picture that is drawn row by row, a second one copies it from band to band,
and a third one reads the copy and compares it with what was drawn. Each says how much memory it had at most, in MB
beyond a Python that has loaded repix, and how long it took.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.timing import save
from repix.pictures import BandReader, Picture, open_bands, write_bands

ROWS = 256
SUFFIXES = (".png", ".jpg", ".tif", ".bmp", ".ppm", ".npy")
JOBS = ("write", "copy", "compare")
CLOSE_TO = {".jpg": 3}
"""The largest mean difference between a file and what was drawn, where there may be any."""


def drawn(side: int) -> Iterator[Picture]:
    """A soft picture in bands: a function of the place, so that any part can be drawn again."""
    across = np.arange(side, dtype=np.int32)
    for top in range(0, side, ROWS):
        down = np.arange(top, min(top + ROWS, side), dtype=np.int32)[:, np.newaxis]
        pixels = np.empty((len(down), side, 3), np.uint8)
        pixels[:, :, 0] = (across + down) >> 6
        pixels[:, :, 1] = (across * 3 - down) >> 7
        pixels[:, :, 2] = (across ^ down) >> 6
        yield Picture(pixels)


def copied(bands: BandReader) -> Iterator[Picture]:
    """The rows of an opened file."""
    while bands.rows_left:
        yield bands.read(ROWS)


def compare(path: Path, side: int) -> None:
    """Return whether a file contains the drawn picture."""
    with open_bands(path) as bands:
        for expected, found in zip(drawn(side), copied(bands), strict=True):
            difference = np.maximum(expected.pixels, found.pixels) - np.minimum(expected.pixels, found.pixels)
            assert difference.mean() <= CLOSE_TO.get(path.suffix, 0), path


def peak() -> float:
    """The most memory that this process has had, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def child(job: str, folder: Path, suffix: str, side: int) -> None:
    """One job, and what it took."""
    source, target = folder / f"a{suffix}", folder / f"b{suffix}"
    write_bands([Picture(np.zeros((1, 1, 3), np.uint8))], (1, 1), folder / f"{job}{suffix}")  # loads all there is
    before, start = peak(), perf_counter()
    held = 0
    if job == "write":
        write_bands(drawn(side), (side, side), source)
    elif job == "copy":
        with open_bands(source) as bands:
            held = bands.decoder_memory
            write_bands(copied(bands), bands.size, target)
    else:
        compare(target, side)
    seconds = round(perf_counter() - start, 1)
    print(json.dumps({"before_mb": before, "peak_mb": peak(), "seconds": seconds, "held_mb": held / 2**20}))


def main() -> None:
    """Measure formats at a size, and keep the data."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", type=int, nargs="?", default=12_000)
    parser.add_argument("suffixes", nargs="*", default=SUFFIXES)
    parser.add_argument("--job", choices=JOBS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.job:
        child(given.job, given.folder, *given.suffixes, given.side)
        return
    rows = []
    for suffix in given.suffixes:
        with tempfile.TemporaryDirectory() as folder:
            row = {"what": f"{given.side}×{given.side} {suffix}"}
            for job in JOBS:
                command = [sys.executable, "-m", "benchmarks.bands", str(given.side), suffix, "--job", job]
                done = subprocess.run([*command, "--folder", folder], capture_output=True, text=True, check=True)
                row[job] = json.loads(done.stdout)
                print(f"{row['what']} {job}: {done.stdout.strip()}", flush=True)
            row["file_mb"] = round(Path(folder, f"a{suffix}").stat().st_size / 2**20, 1)
            rows.append(row)
    save(f"bands_{given.side}", rows, ("numpy", "pyvips"))


if __name__ == "__main__":
    main()
