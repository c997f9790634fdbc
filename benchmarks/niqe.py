"""Order of `niqe` over degradations of photos: python -m benchmarks.niqe PHOTOS.

Each photo is degraded in steps, from the photo itself to the strongest degradation. A step is right if `niqe` becomes
larger. Printed are two tables for docs/metrics.md: the mean values, and the shares of photos and steps in the right
order; then the photos whose own value is not the smallest, and the time per megapixel. Photos that the pristine model
was fitted to (recipes/niqe.py) do not count.
"""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time

import numpy as np

from repix import metrics
from repix.arithmetic.arrays import Array
from repix.batch.jobs import pictures_in
from repix.degradations import gaussian, gaussian_blur, jpeg
from repix.pictures import read

LADDERS: dict[str, tuple[float, ...]] = {
    "noise, σ": (5, 10, 15, 25, 50),
    "blur, σ": (0.6, 1, 1.5, 2, 3),
    "JPEG, quality": (80, 60, 40, 20, 10),
}
SIDE = 1024
"""Side of the picture that measures the time."""


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    files = [file for file, _ in pictures_in(parser.parse_args().photos)]
    values = {kind: np.array([ladder(file, kind) for file in files]) for kind in LADDERS}  # photos × levels
    print(f"Mean of {len(files)} photos:\n")
    for kind, found in values.items():
        levels = ["none", *(f"{level:g}" for level in LADDERS[kind])]
        print(f"| {kind} | {' | '.join(levels)} |\n|{'---|' * (len(levels) + 1)}")
        print(f"| `niqe` | {' | '.join(f'{value:.2f}' for value in found.mean(0))} |\n")
    print("| degradation | photos in order | steps in order | photo has the smallest value |\n|---|---|---|---|")
    for kind, found in values.items():
        right = np.diff(found, axis=1) > 0
        best = found[:, 0] < found[:, 1:].min(1)
        shares = (right.all(1).mean(), right.mean(), best.mean())
        print(f"| {kind} | {' | '.join(f'{share:.0%}' for share in shares)} |")
    for kind, found in values.items():
        steps = " ".join(f"{share:.0%}" for share in (np.diff(found, axis=1) > 0).mean(0))
        wrong = [file.stem for file, row in zip(files, found, strict=True) if row[0] > row[1:].min()]
        print(f"\n{kind}: right at each step {steps}; not the smallest: {', '.join(wrong) or 'none'}")
    print(f"\n{milliseconds():.0f} ms per megapixel")


def ladder(file: Path, kind: str) -> list[float]:
    """Return the values of a photo and of its degradations."""
    photo = read(file).colors().astype(np.float64)
    return [metrics.niqe(photo), *(metrics.niqe(degraded(photo, kind, level)) for level in LADDERS[kind])]


def degraded(photo: Array, kind: str, level: float) -> Array:
    """Return a photo after a degradation."""
    rng = np.random.default_rng(0)
    steps: dict[str, Callable[[], Array]] = {
        "noise, σ": partial(gaussian, photo, rng, level),
        "blur, σ": partial(gaussian_blur, photo, level),
        "JPEG, quality": partial(jpeg, photo, int(level)),
    }
    return np.clip(steps[kind](), 0, 1)


def milliseconds() -> float:
    """Return the processor's milliseconds per megapixel, the smallest of five."""
    picture = np.random.default_rng(0).random((SIDE, SIDE, 3))
    times = []
    for _ in range(5):
        start = process_time()
        metrics.niqe(picture)
        times.append(process_time() - start)
    return min(times) * 1e9 / SIDE**2


if __name__ == "__main__":
    main()
