"""Pairs that MSE calls equal, by the features of models: python -m benchmarks.perceptual FOLDER [MODEL ...].

Method: the center of each photo is shifted by 1 or 2 pixels, or its brightness is multiplied by 1.1. A Gaussian blur of
the same mean squared error (found by bisection; photos that need σ > 8 are left out) is worse for an eye. Columns:
the share of photos in which the perceptual loss of the blur is larger, and by which factor (geometric mean).
"""

import argparse
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from benchmarks.impulses import SUFFIXES
from benchmarks.timing import RESULTS, save
from repix.arithmetic.arrays import Array
from repix.losses import perceptual
from repix.pictures import read
from repix.training.feature_network import DEFAULT, feature_network

SIDE, MARGIN, LARGEST = 96, 16, 8.0
INNER = np.s_[MARGIN:-MARGIN, MARGIN:-MARGIN]
CHANGES: Mapping[str, Callable[[Array], Array]] = {
    "shift by 1": lambda x: np.roll(x, 1, 1),
    "shift by (1, 1)": lambda x: np.roll(x, (1, 1), (0, 1)),
    "shift by 2": lambda x: np.roll(x, 2, 1),
    "gain of 1.1": lambda x: 1.1 * x,
}
MODELS = (DEFAULT, "segment-street", "denoise-photo", "segment-cells", "upscale-x2")


def center(photo: Array) -> Array | None:
    """Return the middle of a photo with a margin, H×W×3; None if it is too small."""
    side = SIDE + 2 * MARGIN
    if min(photo.shape[:2]) < side:
        return None
    top, left = ((length - side) // 2 for length in photo.shape[:2])
    return photo[top : top + side, left : left + side]


def equal_blur(crop: Array, error: float) -> Array | None:
    """Return the inner part of a crop with the Gaussian blur of this mean squared error; None if none reaches it."""
    low, high = 0.05, LARGEST
    for _ in range(25):
        middle = math.sqrt(low * high)
        reached = ((gaussian_filter(crop, (middle, middle, 0)) - crop)[INNER] ** 2).mean() > error
        low, high = (low, middle) if reached else (middle, high)
    return None if high > 0.99 * LARGEST else gaussian_filter(crop, (high, high, 0))[INNER]


def triples(crops: Sequence[Array], change: Callable[[Array], Array]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield the target, its changed version, and its blurred version of equal error."""
    for crop in crops:
        changed = change(crop)[INNER]
        blurred = equal_blur(crop, float(((changed - crop[INNER]) ** 2).mean()))
        if blurred is not None:
            yield tensor(crop[INNER]), tensor(changed), tensor(blurred)


def tensor(picture: Array) -> Tensor:
    """Return H×W×3 as 1×3×H×W of float32."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))[None]).float()


def rows(models: Sequence[str], crops: Sequence[Array]) -> Iterator[dict[str, Any]]:
    """Yield a row for each model and change."""
    for model in models:
        features = feature_network(model)
        for name, change in CHANGES.items():
            with torch.no_grad():
                ratios = [
                    (perceptual(far, target, features) / perceptual(near, target, features)).item()
                    for target, near, far in triples(crops, change)
                ]
            yield {
                "model": model,
                "change": name,
                "photos": len(ratios),
                "right": fmean(ratio > 1 for ratio in ratios),
                "ratio": math.exp(fmean(map(math.log, ratios))),
            }


def table(made: Sequence[dict[str, Any]]) -> str:
    """Return the rows as Markdown, a line for each model."""
    lines = [f"| features | {' | '.join(CHANGES)} |", "|---" * (1 + len(CHANGES)) + "|"]
    for model in dict.fromkeys(row["model"] for row in made):
        cells = [f"{row['right']:.0%}, ×{row['ratio']:.3g}" for row in made if row["model"] == model]
        lines.append(f"| `{model}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="color photos that the models were not trained on")
    parser.add_argument("models", nargs="*", default=MODELS, help="feature networks: runs or bundled models")
    parser.add_argument("--most", type=int, default=12, help="the first photos of the folder; default: 12")
    given = parser.parse_args()
    if given.folder is None:
        print("needs a folder of photos: python -m benchmarks.perceptual FOLDER [MODEL ...]")
        return
    files = [file for file in sorted(given.folder.iterdir()) if file.suffix.lower() in SUFFIXES][: given.most]
    crops = [crop for file in files if (crop := center(read(file).colors())) is not None]
    made = list(rows(given.models, crops))
    text = f"{len(crops)} photos.\n\n{table(made)}"
    print(text)
    (RESULTS / "perceptual.md").write_text(f"{text}\n", encoding="utf-8")
    save("perceptual", made, ("numpy", "scipy", "torch"))


if __name__ == "__main__":
    main()
