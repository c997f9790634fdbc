"""A bucket of many small pictures, converted into another one by a command that is killed again and again.

    python -m benchmarks.buckets --files 10000 --kills 10

The server is moto's, a process on this machine that speaks like S3: it keeps the objects in memory, and its requests
take processor time that a real store would not. The engine is echo, so what is measured is everything but a model. A
kill (SIGKILL) comes when the server has a drawn number of results. At the end every result must be there, equal, byte
for byte, to that of a run on this machine's disk, and the server's log must show one successful PUT for each.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, sleep

import numpy as np

from benchmarks.timing import save
from repix.pictures import Picture, write
from repix.registry import library

SIDE = 16
CONVERT = ("-m", "repix", "convert", "denoise-gray", "--engine", "echo")
POLL = 0.2
_PUT = re.compile(r'"\S*PUT /results/out/(\w+\.png) HTTP[^"]*" 200')


@dataclass(frozen=True)
class Findings:
    """The findings at the end."""

    files: int
    kills: int
    workers: int
    lost: int
    doubled: int
    different: int
    journal_objects: int
    requests: int
    """Of all runs together."""
    seconds: float
    undisturbed_local_seconds: float
    last_run_seconds: float
    """A run that finds everything up to date."""


@contextmanager
def server(log: Path) -> Iterator[dict[str, str]]:
    """The environment of commands that use the server."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.remote.s3_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        port = int(process.stdout.readline()) if process.stdout else 0
        keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "us-east-1"}
        try:
            yield {**os.environ, **keys, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        finally:
            process.communicate()


def put(log: Path) -> Counter[str]:
    """The number of successful PUTs of each result, from the server's log."""
    return Counter(_PUT.findall(log.read_text(errors="replace")))


def kill_and_compare(files: int, kills: int, workers: int, seed: int) -> Findings:
    """Kill the command so often while it works, let it end, and compare."""
    with tempfile.TemporaryDirectory() as name:
        folder, log = Path(name), Path(name, "log")
        _write_pictures(folder / "in", files, seed)
        local = _seconds([*CONVERT, str(folder / "in"), "-o", str(folder / "out")], dict(os.environ))
        wanted = {file.name: file.read_bytes() for file in (folder / "out").glob("*.png")}
        with server(log) as environment:
            os.environ.update(environment)
            store = library("s3fs").S3FileSystem(use_listings_cache=False)
            for bucket in ("photos", "results"):
                store.call_s3("create_bucket", Bucket=bucket)
            store.put(str(folder / "in") + "/", "photos/set", recursive=True)
            words = [*CONVERT, "s3://photos/set", "-o", "s3://results/out", "--workers", str(workers)]
            before, began = _requests(log), monotonic()
            moments = sorted(random.Random(seed).sample(range(files // 20, files * 19 // 20), kills))  # noqa: S311
            for moment in moments:
                _kill_at(words, environment, log, moment)
                print(f"killed at {sum(put(log).values())} of {files}", flush=True)
            _seconds(words, environment)
            seconds, requests = monotonic() - began, _requests(log) - before
            last = _seconds(words, environment)
            found = {key.rpartition("/")[2]: content for key, content in store.cat("results/out/*.png").items()}
            times = put(log)
            return Findings(
                files,
                kills,
                workers,
                lost=len(wanted.keys() - found.keys()),
                doubled=sum(count - 1 for count in times.values()),
                different=sum(found.get(key) != content for key, content in wanted.items()),
                journal_objects=len(store.ls("results/out/.repix-journal")),
                requests=requests,
                seconds=seconds,
                undisturbed_local_seconds=local,
                last_run_seconds=last,
            )


def _write_pictures(folder: Path, count: int, seed: int) -> None:
    folder.mkdir()
    rng = np.random.default_rng(seed)
    for number in range(count):
        pixels = rng.integers(0, 256, (SIDE, SIDE, 1), dtype=np.uint8)
        write(Picture(pixels), folder / f"picture{number:06}.png")


def _requests(log: Path) -> int:
    return log.read_bytes().count(b"HTTP/1.1")


def _kill_at(words: list[str], environment: dict[str, str], log: Path, moment: int) -> None:
    with subprocess.Popen([sys.executable, *words], env=environment, **_SILENT) as process:
        while sum(put(log).values()) < moment and process.poll() is None:
            sleep(POLL)
        process.kill()


def _seconds(words: list[str], environment: dict[str, str]) -> float:
    began = monotonic()
    subprocess.run([sys.executable, *words], env=environment, check=True, **_SILENT)
    return monotonic() - began


_SILENT: dict[str, int] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def main() -> None:
    """Run the benchmark and save its findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    findings = kill_and_compare(given.files, given.kills, given.workers, given.seed)
    print(findings)
    save("buckets", [asdict(findings)])
    if findings.lost or findings.doubled or findings.different:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
