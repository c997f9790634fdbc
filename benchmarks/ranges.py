"""A large picture in a bucket, converted from ranges and from a copy: memory, room on the disk, requests.

    python -m benchmarks.ranges --side 6000

The server is moto's, a process on this machine that speaks like S3. The engine is echo. The results must be equal, byte
for byte, to that of a run on this machine's disk.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, sleep

import numpy as np

from benchmarks.buckets import server
from benchmarks.timing import save
from repix.pictures import Picture, write_bands
from repix.registry import library

SUFFIXES = (".tif", ".jpg")
POLL = 0.02
ROWS = 500
COPY = "import repix.batch.transfer as transfer; transfer.LARGEST_FETCHED = 2**62; "
CONVERT = "import sys; from repix.cli._app import run; from benchmarks.bands import peak; "
END = "code = run(sys.argv[2:]); open(sys.argv[1], 'w').write(str(peak())); sys.exit(code)"
OPTIONS = ("convert", "denoise-color", "--engine", "echo", "--memory", "1GB")
_GET = re.compile(r'"\S*GET /photos/\S+ HTTP[^"]*" 20[06]')


@dataclass(frozen=True)
class Findings:
    """The findings of one run."""

    format: str
    way: str
    file_megabytes: float
    equal: bool
    gets: int
    memory_megabytes: float
    """Peak of the process."""
    disk_megabytes: float
    """Largest content of the folder for temporary files, looked at 50 times a second."""
    seconds: float


def measure(side: int, seed: int) -> Iterator[Findings]:
    """Convert a picture of each format in three ways: from the disk, from a copy, from ranges."""
    with tempfile.TemporaryDirectory() as name:
        folder, log = Path(name), Path(name, "log")
        with server(log) as environment:
            os.environ.update(environment)
            store = library("s3fs").S3FileSystem(use_listings_cache=False)
            store.call_s3("create_bucket", Bucket="photos")
            for suffix in SUFFIXES:
                source = folder / f"large{suffix}"
                write_bands(_bands(side, seed), (side, side), source, quality=98)
                store.put_file(str(source), f"photos/{source.name}")
                ways = {
                    "disk": str(source),
                    "copy": f"s3://photos/{source.name}",
                    "ranges": f"s3://photos/{source.name}",
                }
                for way, url in ways.items():
                    yield _findings(way, url, source, log, environment)


def _findings(way: str, url: str, source: Path, log: Path, environment: dict[str, str]) -> Findings:
    local, result = source.with_name(f"disk{source.suffix}"), source.with_name(f"{way}{source.suffix}")
    temporary = source.with_name(f"{way}{source.suffix}-tmp")
    temporary.mkdir()
    before, began, most = _gets(log), monotonic(), 0
    said, program = source.with_name("peak"), (COPY if way == "copy" else "") + CONVERT + END
    words = [sys.executable, "-c", program, str(said), *OPTIONS, url, "-o", str(result)]
    process = subprocess.Popen(words, env={**environment, "TMPDIR": str(temporary)}, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        most = max(most, _size(temporary))
        sleep(POLL)
    equal = process.returncode == 0 and result.read_bytes() == local.read_bytes()
    seconds, gets = monotonic() - began, _gets(log) - before
    length, memory = source.stat().st_size / 1e6, float(said.read_text()) * 2**20 / 1e6
    return Findings(source.suffix, way, length, equal, gets, memory, most / 1e6, seconds)


def _bands(side: int, seed: int) -> Iterator[Picture]:
    rng = np.random.default_rng(seed)
    for first in range(0, side, ROWS):
        yield Picture(rng.integers(0, 256, (min(ROWS, side - first), side, 3), dtype=np.uint8))


def _gets(log: Path) -> int:
    return len(_GET.findall(log.read_text(errors="replace")))


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size
        except FileNotFoundError:  # it was deleted meanwhile
            continue
    return total


def main() -> None:
    """Run the benchmark and save its findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = []
    for one in measure(given.side, given.seed):
        print(one, flush=True)
        found.append(one)
    save("ranges", [asdict(one) for one in found])
    if not all(one.equal for one in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
