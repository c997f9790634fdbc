"""Seconds and memory of planning a list of very many files: `repix convert MODEL --files LIST -o OUT --dry-run`.

    python -m benchmarks.manifests --entries 1000000

The files exist (empty, a thousand in each folder); a dry run looks at each, but opens none. The manifest is written in
JSON lines and, where pyarrow is installed, in Parquet. Memory is the largest resident set of the command's process;
`processor_seconds` is what it would take on a machine without other work.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.timing import save


def names(entries: int) -> list[str]:
    """Names of this many files, a thousand in each folder."""
    return [f"{number // 1000:04}/photo-{number:07}.png" for number in range(entries)]


def prepare(folder: Path, sources: list[str]) -> list[Path]:
    """Return the manifests; make them and the empty files, unless an earlier run did."""
    if manifests := sorted(folder.glob("list.*")):
        return manifests
    for source in sources:
        if source.endswith("000.png"):
            (folder / source).parent.mkdir()
        (folder / source).touch()
    lines = folder / "list.jsonl"
    with lines.open("w") as file:
        file.writelines(json.dumps({"source": source}) + "\n" for source in sources)
    if not find_spec("pyarrow"):
        return [lines]
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"source": sources}), folder / "list.parquet")
    return [lines, folder / "list.parquet"]


def measured(manifest: Path, entries: int) -> dict[str, Any]:
    """Run the command and return its figures; every entry must be planned."""
    words = [sys.executable, "-m", "repix", "convert", "denoise-gray", "--engine", "echo"]
    words += ["--files", str(manifest), "-o", str(manifest.parent / "out"), "--dry-run"]
    start = perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert process.stdout is not None
    planned = sum(line.startswith(b"new ") for line in process.stdout)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    assert (planned, status) == (entries, 0)
    return {
        "format": manifest.suffix[1:],
        "entries": entries,
        "seconds": round(seconds, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "memory_mb": round(usage.ru_maxrss / 1000),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="keep the files in this folder for the next run")
    given = parser.parse_args()
    entries = given.entries
    with tempfile.TemporaryDirectory() as name:
        rows = [measured(manifest, entries) for manifest in prepare(given.folder or Path(name), names(entries))]
    for row in rows:
        print(row)
    save("manifests", rows)


if __name__ == "__main__":
    main()
