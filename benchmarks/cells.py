"""Cells and the membranes between them, five times: python -m benchmarks.cells FOLDER -o RUNS.

FOLDER is ISBI 2012's training stack with `train/` and `train-labels/` (0 membrane, 255 cell). Its slices are parted
into five pieces of neighbors; each piece is measured with a model that was trained, and whose weights were chosen, on
the other four alone: a tenth of their slices is held out for that. Reported are the
cells' IoU over all slices of a piece, and the adapted Rand error of the connected cells (scikit-image's; membranes
count for nothing), the mean of the slices. A complete run is not repeated, a stopped one is continued.
"""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import RESULTS, save
from repix.conversion import convert, open_model
from repix.masks import read_mask
from repix.pictures import read
from repix.training import resume, train
from repix.training.recipe import Recipe, read_recipe
from repix.training.run_folder import RunFolder

FOLDS = 5
CELL = 255


def parted(folder: Path, fold: int, output: Path) -> Path:
    """A folder whose `piece` holds this piece, and whose `others` all else: links to the slices and their masks."""
    pictures, masks = (sorted((folder / name).iterdir()) for name in ("train", "train-labels"))
    size = -(-len(pictures) // FOLDS)
    for number, pair in enumerate(zip(pictures, masks, strict=True)):
        part = output / ("piece" if number // size == fold else "others")
        for name, file in zip(("train", "train-labels"), pair, strict=True):
            link = part / name / file.name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.symlink_to(file.resolve())
    return output


def rand_error(result: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Return the adapted Rand error: pairs of pixels wrongly assigned to one cell or to two."""
    from scipy.ndimage import label
    from skimage.metrics import adapted_rand_error

    error: float = adapted_rand_error(label(truth)[0], label(result)[0], ignore_labels=(0,))[0]
    return error


def row(fold: int, data: Path, recipe: Recipe, runs: Path) -> dict[str, Any]:
    """Train, or continue, and measure."""
    run = RunFolder(runs / f"fold-{fold}")
    if not run.recipe.exists():
        complete = train(replace(recipe, folder=str(data / "others")), run.path).complete
    else:
        complete = resume(run.path).complete
    if not complete:
        raise SystemExit(130)
    make = partial(convert, model=open_model(run.model))
    agreed = either = 0
    errors = []
    for file in sorted((data / "piece" / "train").iterdir()):
        result = make(read(file)).pixels[:, :, 0] == CELL
        truth = read_mask(data / "piece" / "train-labels" / file.name).pixels == CELL
        agreed, either = agreed + int((result & truth).sum()), either + int((result | truth).sum())
        errors.append(rand_error(result, truth))
    return {
        "fold": fold,
        "cell_iou": round(agreed / either, 4),
        "rand_error": round(fmean(errors), 4),
        "slices": len(errors),
    }


def main() -> None:
    """Train, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("cell-runs"), help="where the runs are kept")
    parser.add_argument("--recipe", type=Path, default=Path("recipes/segment-cells.toml"))
    given = parser.parse_args()
    if given.folder is None:
        print("needs a folder of slices: python -m benchmarks.cells FOLDER -o RUNS")
        return
    recipe, rows = read_recipe(given.recipe), []
    for fold in range(FOLDS):
        data = parted(given.folder, fold, given.output / f"data-{fold}")
        rows.append(row(fold, data, recipe, given.output))
        print(rows[-1], flush=True)
    iou, error = (fmean(one[name] for one in rows) for name in ("cell_iou", "rand_error"))
    text = f"{FOLDS} folds of neighboring slices: cell IoU {iou:.3f}, adapted Rand error {error:.3f}."
    print(text)
    (RESULTS / "cells.md").write_text(f"{text}\n", encoding="utf-8")
    save("cells", rows, ["torch", "lightning", "openvino", "scikit-image"])


if __name__ == "__main__":
    main()
