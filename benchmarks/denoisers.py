"""PSNR and time of each denoiser on a folder of gray pictures: python -m benchmarks.denoisers FOLDER.

Method: white Gaussian noise of sigma 25/255 is added, not clipped, from the generator of the picture's place in
the folder; each filter works on float32 with its default parameters, and with known sigma if it has this parameter;
metric `psnr-gray`, results neither rounded nor clipped. Set12 gives the figures that others publish.
"""

import argparse
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import Any, get_type_hints

import numpy as np

from benchmarks.timing import RESULTS, save
from repix import registry
from repix.arithmetic.arrays import Array
from repix.degradations import gaussian
from repix.filters import NoiseLevel
from repix.metrics import psnr_gray
from repix.pictures import read

SIGMA = 25.0
LIBRARIES = ("numpy", "scipy", "scikit-image", "opencv-python-headless", "PyWavelets", "bm3d")


def denoisers() -> list[str]:
    """The filters that say they take out noise."""
    return [name for name in registry.available("filters") if registry.get("filters", name).denoises]


def row(name: str, pairs: dict[str, tuple[Array, Array]]) -> dict[str, Any]:
    """One filter on every picture."""
    function = registry.get("filters", name).function
    told = {"sigma": SIGMA} if get_type_hints(function, include_extras=True).get("sigma") == NoiseLevel else {}
    pictures = {}
    for file, (clean, noisy) in pairs.items():
        start = perf_counter()
        result = function(noisy, **told)
        seconds = perf_counter() - start
        pictures[file] = {
            "psnr": round(psnr_gray(result, clean), 3),
            "ms": round(1000 * seconds, 2),
            "size": f"{clean.shape[1]}×{clean.shape[0]}",
        }
    return {"filter": name, "psnr": round(fmean(p["psnr"] for p in pictures.values()), 2), "pictures": pictures}


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown, the best first, with the median time for each size of picture."""
    sizes = sorted({picture["size"] for one in rows for picture in one["pictures"].values()})
    lines = [f"| filter | PSNR, dB | {' | '.join(f'ms, {size}' for size in sizes)} |", "|---" * (2 + len(sizes)) + "|"]
    for one in sorted(rows, key=lambda one: -one["psnr"]):
        times = [median(p["ms"] for p in one["pictures"].values() if p["size"] == size) for size in sizes]
        lines.append(f"| {one['filter']} | {one['psnr']:.2f} | {' | '.join(f'{ms:.1f}' for ms in times)} |")
    return "\n".join(lines)


def main() -> None:
    """Compare all denoisers on a folder of pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="gray pictures, such as Set12")
    folder = parser.parse_args().folder
    if folder is None:
        print("needs a folder of gray pictures: python -m benchmarks.denoisers FOLDER")
        return
    pairs = {}
    for index, file in enumerate(sorted(folder.glob("*.png"))):
        clean = read(file).colors()[:, :, 0]
        pairs[file.name] = clean, gaussian(clean, np.random.default_rng(index), sigma=SIGMA)
    untouched = round(fmean(psnr_gray(noisy, clean) for clean, noisy in pairs.values()), 2)
    rows = [row(name, pairs) for name in denoisers()]
    text = f"Noise {SIGMA:g}/255 on {len(pairs)} pictures of {folder.name}; untouched: {untouched} dB.\n\n{table(rows)}"
    print(text)
    (RESULTS / "denoisers.md").write_text(f"{text}\n", encoding="utf-8")
    save("denoisers", rows, LIBRARIES)


if __name__ == "__main__":
    main()
