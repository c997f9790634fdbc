"""Figures of steered enlargers along their map: python -m benchmarks.steering PHOTOS MODEL [--most 15].

Method: each photo is shrunk as MATLAB does it, compressed as JPEG 4:2:0 of quality 85, and enlarged again: bicubic, by
the bundled model of this scale, and by the steered model with constant maps and, if it can choose one, with its own.
Columns, each the mean over the photos: `psnr-rgb`; `niqe` (lower is more natural); the perceptual loss, by the default
feature network; `joint`, the perceptual loss plus 250 times the mean squared error of values from 0 to 1, which is what
the objective `map-choice` minimizes; the energies of the two finest bands of a Laplacian pyramid, as shares of the
photo's; and the mean difference between the result, shrunk back, and the shrunk photo, in gray levels (8-bit).
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.impulses import SUFFIXES
from benchmarks.perceptual import tensor
from benchmarks.rows import Make, as_kind, through
from benchmarks.timing import save
from repix import filters, metrics
from repix.arithmetic.arrays import Array
from repix.conversion import convert, open_model
from repix.degradations import jpeg, shrink
from repix.losses import perceptual
from repix.pictures import Picture, read
from repix.side_inputs import CHOSEN
from repix.training.feature_network import DEFAULT, feature_network
from repix.training.objectives._detail import band_energies
from repix.training.objectives.map_choice import MapChoiceSettings

QUALITY = 85
MAPS = (0.0, 0.25, 0.5, 0.75, 1.0)
SQUARES = MapChoiceSettings().squares


def makers(model: Path, scale: int) -> Mapping[str, Make]:
    """Return the enlargers by name."""
    engine = open_model(model)

    def steered(value: float, small: Array) -> Array:
        return convert(Picture(small.astype(np.float32)), engine, side={"perception": value}).colors()

    others: dict[str, Make] = {"bicubic": partial(filters.bicubic, scale=scale)}
    bundled = f"upscale-x{scale}"
    maps = {f"map of {value:g}": partial(steered, value) for value in MAPS}
    if any(one.chosen for one in engine.contract.side_inputs):
        maps["map of its own"] = partial(steered, CHOSEN)
    return others | {bundled: through(bundled)} | maps


def rows(model: Path, photos: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Yield a row for each enlarger."""
    scale, features = open_model(model).contract.scale, feature_network(DEFAULT)
    truths = [as_kind(read(photo).colors(), "rgb") for photo in photos]
    truths = [one[: one.shape[0] // scale * scale, : one.shape[1] // scale * scale] for one in truths]
    for name, make in makers(model, scale).items():
        scores = []
        for truth in truths:
            small = shrink(truth, scale)
            result = np.clip(make(jpeg(small, QUALITY)), 0, 1)
            finest, second, _ = (
                float(own.mean() / true.mean())
                for own, true in zip(band_energies(tensor(result)), band_energies(tensor(truth)), strict=True)
            )
            distance = float(perceptual(tensor(result), tensor(truth), features))
            scores.append(
                {
                    "psnr-rgb": metrics.psnr_rgb(result, truth),
                    "niqe": metrics.niqe(result),
                    "perceptual": distance,
                    "joint": distance + SQUARES * float(np.square(result - truth).mean()),
                    "finest band": finest,
                    "second band": second,
                    "shrunk back": float(255 * np.abs(shrink(result, scale) - small).mean()),
                }
            )
        means = {column: round(fmean(one[column] for one in scores), 4) for column in scores[0]}
        yield {"by": name, **means, "pictures": len(scores)}


def main() -> None:
    """Measure, print, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="a folder of photos that the model was not trained on")
    parser.add_argument("model", type=Path, help="the model file of a steered enlarger")
    parser.add_argument("--most", type=int, default=15, help="photos to use, evenly spaced")
    given = parser.parse_args()
    files = sorted(one for one in given.photos.iterdir() if one.suffix.lower() in SUFFIXES)
    found = []
    for row in rows(given.model, files[:: -(-len(files) // given.most) or 1]):
        print(row, flush=True)
        found.append(row)
    print(save("steering", found, ("numpy", "torch")))


if __name__ == "__main__":
    main()
