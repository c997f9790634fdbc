"""Timing in turns, and results kept as data.

A machine's speed drifts, so two things are only compared when they took turns in one run: A B A B ... A ratio is the
median over the rounds of the ratio in each round.
"""

import json
import platform
import subprocess
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

RESULTS = Path(__file__).parent / "results"


def in_turns(calls: dict[str, Callable[[], object]], rounds: int = 7) -> dict[str, list[float]]:
    """Seconds of each call in each round, after one round that is not counted.

    >>> sorted(in_turns({"a": lambda: 1, "b": lambda: 2}, rounds=3))
    ['a', 'b']
    """
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            start = perf_counter()
            call()
            seconds[name].append(perf_counter() - start)
    return seconds


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median, least and most, in milliseconds."""
    return {key: round(1000 * f(seconds), 3) for key, f in (("median_ms", median), ("min_ms", min), ("max_ms", max))}


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the time of `one` divided by that of `other`, round by round.

    >>> ratio([2, 2, 9], [1, 1, 1])
    2.0
    """
    return round(float(median(a / b for a, b in zip(one, other, strict=True))), 3)


def save(
    name: str, rows: Sequence[dict[str, Any]], libraries: Sequence[str] = ("numpy",), folder: Path = RESULTS
) -> Path:
    """Keep rows with the commit, the machine and the libraries they were measured with."""
    about = {
        "commit": commit(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "libraries": {library: version(library) for library in libraries},
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"about": about, "rows": list(rows)}, indent=1) + "\n", encoding="utf-8")
    return file


def commit() -> str | None:
    """The commit that is measured, where git knows it."""
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def processor() -> str:
    """Return the number of cores and their name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.processor()
