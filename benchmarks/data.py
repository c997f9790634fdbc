"""Time of training data: crops from the cache, against decoding and cropping for each item, as loaders do.

Both make batches of 32 crops of 128×128 from the same photos, mirrored and turned, in turns, on one thread. The step of
training that waits for them is taken from a network that learns 65 such patches in a second on two cores. Photos are
drawn by our own code and kept as JPEG of 481×321, unless a folder is named: `python -m benchmarks.data FOLDER`.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import repix
from benchmarks.file_layer import photo
from benchmarks.timing import in_turns, ratio, save, summary
from repix.data import Crops, find, store
from repix.data.crops import dihedral

COUNT, SIZE = 32, 128
PATCHES_PER_SECOND = 65
STEP = COUNT / PATCHES_PER_SECOND


def decoded_each_time(folder: Path, names: list[str], rng: np.random.Generator) -> np.ndarray:
    """A batch as an ordinary loader makes it: read, crop, turn, for each item."""
    crops = []
    for name in rng.choice(names, COUNT):
        colors = repix.read(folder / name).colors()
        row, column = (int(rng.integers(side - SIZE + 1)) for side in colors.shape[:2])
        crops.append(dihedral(colors[row : row + SIZE, column : column + SIZE], int(rng.integers(8))))
    return np.stack(crops)


def main(folder: Path) -> None:
    """Measure, print and keep."""
    items = find(folder).parts["train"].items
    with tempfile.TemporaryDirectory() as kept:
        start = perf_counter()
        cache = store(folder, items, folder=kept)
        built = perf_counter() - start
        start = perf_counter()
        store(folder, items, folder=kept)
        opened = perf_counter() - start
        crops, rng = Crops(cache, SIZE), np.random.default_rng(0)
        steps = iter(range(1000))
        names = [item.picture for item in items]
        seconds = in_turns(
            {
                "cache": lambda: crops.batch(next(steps), COUNT),
                "decode": lambda: decoded_each_time(folder, names, rng),
            },
            rounds=15,
        )
    rows: list[dict[str, Any]] = [
        {
            "what": f"batch of {COUNT} crops of {SIZE}×{SIZE}",
            "decode_to_cache": ratio(seconds["decode"], seconds["cache"]),
        }
        | {name: summary(values) for name, values in seconds.items()},
        {"what": f"share of a step of {STEP * 1000:.0f} ms ({PATCHES_PER_SECOND} patches per second)"}
        | {name: round(float(np.median(values)) / STEP, 4) for name, values in seconds.items()},
        {"what": f"{len(items)} pictures", "built_s": round(built, 2), "opened_s": round(opened, 3)},
    ]
    for row in rows:
        print(row)
    save("data", rows, ["numpy", "pyvips"])


def drawn(folder: Path) -> Path:
    """Photos of our own."""
    pixels = photo(962, 642)
    for number in range(60):
        row, column = divmod(number, 8)
        cut = pixels[row * 40 : row * 40 + 321, column * 60 : column * 60 + 481]
        repix.write(repix.Picture(np.ascontiguousarray(cut)), folder / f"{number:02}.jpg")
    return folder


if __name__ == "__main__":
    if len(sys.argv) > 1 and Path(sys.argv[1]).is_dir():
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(drawn(Path(temporary)))
