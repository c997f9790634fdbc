"""Two-stage models beside denoise-impulse and the adaptive median: python -m benchmarks.impulses FOLDER MODEL ...

Method: photos of the folder are cropped to 256×256 at their center; salt-and-pepper and random-valued noise (a pixel
becomes a random color) of each density is added with the generator of the photo's place in the folder, and rounded to 8
bits. Results are rounded to 8 bits. Metrics, each the mean over the photos: `psnr-rgb`; the share of clean pixels that
keep their value in all channels; F1 of detection, where a pixel counts as detected if it was changed in any channel. A
model with a mask is measured by its mask. A pixel is corrupted if it differs from the photo.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import RESULTS, save
from repix import filters
from repix.arithmetic.arrays import Array
from repix.conversion import WHOLE, convert, open_model, predict
from repix.degradations import random_valued, salt_and_pepper
from repix.metrics import psnr_rgb
from repix.pictures import Picture, read

DENSITIES = (0.05, 0.1, 0.3, 0.5, 0.7)
NOISES = {"salt and pepper": salt_and_pepper, "random-valued": random_valued}
SIDE = 256
SUFFIXES = (".png", ".jpg", ".jpeg")

Mask = NDArray[np.bool_]
Denoise = Callable[[Picture], tuple[Picture, Mask]]
"""Returns the result for a picture, and the pixels that it calls corrupted."""


@dataclass(frozen=True)
class Outcome:
    """The metrics of a denoiser on one picture."""

    psnr: float
    untouched: float
    """Share of the clean pixels whose value is kept."""
    f1: float


def f1(called: Mask, true: Mask) -> float:
    """Return the harmonic mean of precision and recall; 1 if nothing is to be found and nothing was.

    >>> f1(np.array([True, True, False, False]), np.array([True, False, True, False]))
    0.5
    """
    both = int(called.sum()) + int(true.sum())
    return 2 * int((called & true).sum()) / both if both else 1.0


def changed(one: Picture, other: Picture) -> Mask:
    """Return the pixels that differ in any channel: H×W."""
    found: Mask = (one.pixels != other.pixels).any(axis=2)
    return found


def outcome(denoise: Denoise, clean: Picture, noisy: Picture) -> Outcome:
    """Return the metrics of a denoiser on one picture."""
    result, called = denoise(noisy)
    true, kept = changed(noisy, clean), ~changed(result, noisy)
    untouched = 1.0 if true.all() else float(kept[~true].mean())
    return Outcome(psnr_rgb(result.colors(), clean.colors()), untouched, f1(called, true))


def by_changes(convert_one: Callable[[Picture], Picture]) -> Denoise:
    """Return a denoiser without a mask: it calls those pixels corrupted that it changes."""

    def denoise(noisy: Picture) -> tuple[Picture, Mask]:
        result = convert_one(noisy)
        return result, changed(result, noisy)

    return denoise


def through_filter(function: Callable[[Array], Array]) -> Denoise:
    """Return a filter as a denoiser of 8-bit pictures."""
    return by_changes(lambda noisy: noisy.with_colors(function(noisy.colors())))


def through_model(path: str) -> Denoise:
    """Return a model as a denoiser; with a mask, this is what it calls corrupted."""
    engine = open_model(path)
    task = engine.contract.make_task()
    corrupted = task.corrupted
    if corrupted is None:
        return by_changes(lambda noisy: convert(noisy, engine, WHOLE))

    def denoise(noisy: Picture) -> tuple[Picture, Mask]:
        y = predict(noisy, engine, WHOLE)
        return task.decode(y, noisy), corrupted(y)

    return denoise


def photos(folder: Path, most: int) -> list[Picture]:
    """Return the centers of the folder's first photos, in color and 8 bits."""
    found = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in SUFFIXES][:most]
    return [Picture(_center(read(file).pixels)) for file in found]


def _center(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    top, left = (max(side - SIDE, 0) // 2 for side in pixels.shape[:2])
    return np.ascontiguousarray(pixels[top : top + SIDE, left : left + SIDE])


def rows(denoisers: Mapping[str, Denoise], clean: Sequence[Picture]) -> Iterator[dict[str, Any]]:
    """Yield a row for each noise, density and denoiser."""
    for noise, add in NOISES.items():
        for density in DENSITIES:
            noisy = [x.with_colors(add(x.colors(), np.random.default_rng(i), density)) for i, x in enumerate(clean)]
            for name, denoise in denoisers.items():
                found = [outcome(denoise, *both) for both in zip(clean, noisy, strict=True)]
                yield {
                    "noise": noise,
                    "density": density,
                    "denoiser": name,
                    "psnr": round(fmean(one.psnr for one in found), 2),
                    "untouched": round(fmean(one.untouched for one in found), 5),
                    "f1": round(fmean(one.f1 for one in found), 4),
                }


def table(made: Sequence[dict[str, Any]]) -> str:
    """Return the rows as Markdown."""
    lines = ["| noise | density | denoiser | PSNR, dB | clean pixels untouched | detection F1 |", "|---" * 6 + "|"]
    lines += [
        f"| {row['noise']} | {row['density']:.0%} | {row['denoiser']} | {row['psnr']:.2f} "
        f"| {row['untouched']:.2%} | {row['f1']:.3f} |"
        for row in made
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="color photos that the models were not trained on")
    parser.add_argument("models", nargs="*", help="two-stage models: a run, a model file, or a bundled model's name")
    parser.add_argument("--most", type=int, default=24, help="the first photos of the folder; default: 24")
    given = parser.parse_args()
    if given.folder is None:
        print("needs a folder of photos: python -m benchmarks.impulses FOLDER [MODEL ...]")
        return
    clean = photos(given.folder, given.most)
    denoisers: dict[str, Denoise] = {"nothing": by_changes(lambda noisy: noisy)}
    denoisers["adaptive-median"] = through_filter(filters.adaptive_median)
    denoisers["denoise-impulse"] = through_model("denoise-impulse")
    denoisers |= {Path(model).name: through_model(model) for model in given.models}
    made = list(rows(denoisers, clean))
    text = f"{len(clean)} photos.\n\n{table(made)}"
    print(text)
    (RESULTS / "impulses.md").write_text(f"{text}\n", encoding="utf-8")
    save("impulses", made, ("numpy", "scipy", "openvino"))


if __name__ == "__main__":
    main()
