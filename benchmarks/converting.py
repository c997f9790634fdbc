"""Time of `repix convert` besides the engine's own time: python -m benchmarks.converting [MODEL...].

- A picture of 2 megapixels, or of --size: the engine alone on its numbers, `repix.conversion.convert` from pixels to
  pixels, and a file to a file, in turns. The bar: at most a tenth more than the engine alone.
- A folder of such pictures by `repix convert`, on a terminal: the time of each, start included, by that of the engine
  (the bar: 1.06), how busy the processor's cores are (the bar: 95 %), and how far the time left that is shown is off,
  between a tenth of the work and nine tenths (the bar: 20 %).

Without MODEL, it is the denoiser that `repix denoise` takes. With --look, what stood on the terminal is printed too.
"""

import argparse
import os
import pty
import re
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.data import photo
from benchmarks.timing import in_turns, ratio, save, summary
from repix.conversion import WHOLE, convert, open_model
from repix.conversion.file import FileOptions, convert_file
from repix.models import model_for
from repix.pictures import Picture, write

Size = tuple[int, int]
"""Height and width."""
ENGINE, PIXELS = "engine alone", "pixels to pixels"
SUFFIXES = (".jpg", ".png", ".tif")
LEFT = re.compile(r"([\d.]+) MP/s, (?:(\d+) h )?(?:(\d+) min ?)?(?:([\d.]+) s)? ?left")
LARGEST_OVERHEAD, LARGEST_OF_FOLDER, LEAST_BUSY, LARGEST_ERROR = 0.10, 0.06, 0.95, 0.20


def around(model: Path, size: Size, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """One picture."""
    engine = open_model(model)
    picture = Picture(photo(*size))
    x = engine.contract.make_task().encode(picture)
    calls: dict[str, Callable[[], object]] = {
        ENGINE: lambda: engine.run(x),
        PIXELS: lambda: convert(picture, engine, WHOLE),
    }
    for suffix in SUFFIXES:
        source, target = folder / f"in{suffix}", folder / f"out{suffix}"
        write(picture, source, overwrite=True)
        calls[f"{suffix} to {suffix}"] = lambda source=source, target=target: convert_file(
            source, target, engine, FileOptions(overwrite=True)
        )
    seconds = in_turns(calls, rounds)
    return [
        {"model": model.stem, "way": way, **summary(taken), "by_engine": ratio(taken, seconds[ENGINE])}
        for way, taken in seconds.items()
    ]


def folder_of(pictures: int, size: Size, folder: Path) -> Path:
    """Pictures, each a little different."""
    place = folder / f"photos{pictures}"
    place.mkdir(exist_ok=True)
    pixels = photo(*size)
    for number in range(pictures):
        write(Picture(np.roll(pixels, 16 * number, axis=1)), place / f"{number:03}.jpg", overwrite=True)
    return place


def on_a_terminal(words: list[str]) -> tuple[float, float, str, list[tuple[float, float]]]:
    """Seconds, seconds of all cores, what stood there, and when how many seconds were said to be left."""
    said, text, began = [], "", perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child, terminal = pty.fork()
    if not child:
        os.environ.update(COLUMNS="110", LINES="40", TERM="xterm-256color")
        os.execv(sys.executable, [sys.executable, "-m", "repix", *words])  # noqa: S606
    while True:
        try:
            new = os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # the other end is closed
            break
        text += new
        for found in LEFT.finditer(new):
            hours, minutes, rest = (float(one or 0) for one in found.groups()[1:])
            said.append((perf_counter() - began, 3600 * hours + 60 * minutes + rest))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert not status, text
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return perf_counter() - began, busy, text, said


def through(model: Path, pictures: int, size: Size, folder: Path, look: bool, engine_ms: float) -> dict[str, Any]:
    """A folder; `engine_ms` is the time of the engine alone for one of its pictures."""
    source, out = folder_of(pictures, size, folder), folder / f"out-{model.stem}"
    seconds, busy, text, said = on_a_terminal(["convert", str(model), str(source), "-o", str(out)])
    if look:
        print(text.replace("\x1b", "<ESC>").replace("\r", "\n"))
    within = [(at, left) for at, left in said if 0.1 < at / seconds < 0.9]
    errors = [abs(left - (seconds - at)) / (seconds - at) for at, left in within]
    return {
        "model": model.stem,
        "way": f"a folder of {pictures}",
        "seconds": round(seconds, 2),
        "mp_per_s": round(pictures * size[0] * size[1] / 1e6 / seconds, 3),
        "by_engine": round(1000 * seconds / pictures / engine_ms, 3),
        "busy": round(busy / seconds / len(os.sched_getaffinity(0)), 3),
        "time_left_off": round(max(errors), 3) if errors else None,
        "times_said": len(within),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--pictures", type=int, default=24, help="in the folder")
    parser.add_argument("--size", default="1728x1152", help="width and height, such as 4000x3000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--look", action="store_true", help="print what stood on the terminal")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    size = height, width
    with tempfile.TemporaryDirectory() as made_here:
        folder = Path(made_here)
        rows = []
        for model in given.models or [model_for("denoise")]:
            rows += around(model, size, folder, given.rounds)
            alone = float(next(row["median_ms"] for row in rows if (row["model"], row["way"]) == (model.stem, ENGINE)))
            rows.append(through(model, given.pictures, size, folder, given.look, alone))
            print(*rows[-6:], sep="\n", flush=True)
    bars = f"{1 + LARGEST_OVERHEAD:g} of the engine, {1 + LARGEST_OF_FOLDER:g} in a folder, {LEAST_BUSY:g} busy"
    print(f"Bars: {bars}, {LARGEST_ERROR:g} off.")
    save(f"converting-{given.size}", rows, ("numpy", "openvino", "pyvips"))


if __name__ == "__main__":
    main()
