"""Pictures larger than the memory: python -m benchmarks.large MODEL --side 12000 --suffixes .tif .png.

Each picture is drawn band by band, then `repix convert` turns it with --memory 1GB in a process of its own, whose peak
of resident memory is read from the system. Its speed is compared with that of a 2-megapixel picture converted whole,
by the same command in the same run. MODEL may be `echo`, which copies pixels; its results are compared with the source.
With a model, a picture of --check pixels a side is converted within 400 MB and without limit, and both are compared.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bands import CLOSE_TO, copied, drawn
from benchmarks.timing import save
from repix.conversion import Contract, write_model
from repix.pictures import open_bands, read, write_bands

SMALL = 1414
"""Side of a picture of 2 megapixels."""
PEAK = (
    "import json,resource,subprocess,sys;"
    "done=subprocess.run(sys.argv[1:],capture_output=True,text=True);"
    "peak=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024;"
    "print(json.dumps([done.returncode,peak,done.stdout,done.stderr]))"
)


def converted(model: str, engine: str, source: Path, target: Path, memory: str) -> dict[str, Any]:
    """One file by the command line, in a process of its own: peak memory in MiB, seconds, megapixels per second."""
    command = [sys.executable, "-m", "repix", "convert", model, str(source), "-o", str(target), "--json"]
    options = ["--engine", engine, "--memory", memory, "--overwrite"]
    done = subprocess.run([sys.executable, "-c", PEAK, *command, *options], capture_output=True, text=True, check=True)
    code, peak, out, said = json.loads(done.stdout)
    if code:
        return {"refused": said.strip(), "peak_mib": round(peak)}
    file = json.loads(out)["files"][0]
    return {
        "peak_mib": round(peak),
        "seconds": file["seconds"],
        "mp_per_s": round(file["pixels"] / 1e6 / file["seconds"], 3),
    }


def picture(path: Path, side: int) -> Path:
    """A drawn picture, where there is none yet."""
    if not path.exists():
        write_bands(drawn(side), (side, side), path)
    return path


def same(one: Path, other: Path) -> float:
    """The largest mean difference of a band."""
    worst = 0.0
    with open_bands(one) as first, open_bands(other) as second:
        assert first.size == second.size
        for a, b in zip(copied(first), copied(second), strict=True):
            worst = max(worst, float(np.abs(a.pixels.astype(np.int16) - b.pixels).mean()))
    return worst


def row(model: str, engine: str, suffix: str, side: int, folder: Path) -> dict[str, Any]:
    """One format."""
    small = picture(folder / f"small{suffix}", SMALL)
    reference = max(
        (converted(model, engine, small, folder / f"small-out{suffix}", "16GB") for _ in range(3)),
        key=lambda one: float(one.get("mp_per_s", 0)),
    )
    large, out = picture(folder / f"large{suffix}", side), folder / f"large-out{suffix}"
    found = converted(model, engine, large, out, "1GB")
    found |= {"what": f"{Path(model).stem} {side}×{side} {suffix}", "whole_2mp": reference.get("mp_per_s")}
    if "mp_per_s" in found:
        found["share"] = round(found["mp_per_s"] / reference["mp_per_s"], 2)
        if engine == "echo":
            found["equal"] = same(large, out) <= CLOSE_TO.get(suffix, 0)
    large.unlink()
    out.unlink(missing_ok=True)
    return found


def exact(model: str, side: int, folder: Path) -> dict[str, Any]:
    """Return whether a small budget changes the result."""
    source = picture(folder / "check.png", side)
    results = []
    for memory in ("400MB", "20GB"):
        target = folder / f"check-{memory}.png"
        said = converted(model, "auto", source, target, memory)
        assert "refused" not in said, said
        results.append(read(target).pixels.astype(np.int16))
    levels = int(np.abs(results[0] - results[1]).max())
    return {"what": f"{Path(model).stem} {side}×{side}: 400MB against 20GB", "largest_difference_in_levels": levels}


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="echo")
    parser.add_argument("--side", type=int, default=12_000)
    parser.add_argument("--suffixes", nargs="+", default=[".tif", ".png", ".jpg", ".bmp", ".ppm", ".npy"])
    parser.add_argument("--check", type=int, default=2000)
    parser.add_argument("--name", default="", help="of the file that the results are kept in")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        engine, model = "auto", given.model
        if given.model == "echo":
            engine, model = "echo", str(folder / "echo.onnx")
            write_model(model, EMPTY, ECHO)
        rows = []
        for suffix in given.suffixes:
            rows.append(row(model, engine, suffix, given.side, folder))
            print(rows[-1], flush=True)
        if engine != "echo":
            rows.append(exact(model, given.check, folder))
            print(rows[-1])
        shutil.rmtree(folder, ignore_errors=True)
    save(given.name or f"large_{Path(given.model).stem}_{given.side}", rows, ("numpy", "pyvips", "openvino"))


EMPTY = b"\x08\x08\x3a\x00"
"""An ONNX model of version 8 with an empty graph: enough to carry a contract, and the echo reads no more."""
ECHO = Contract("denoise", {"color": True}, channels=(3, 3), halo=0, bytes_per_pixel=24)

if __name__ == "__main__":
    main()
