"""Each restoring model at its best and its worst, on photos of scikit-image: python -m benchmarks.best_and_worst.

A model restores every photo that is degraded as on the demo's page; the best one is the photo with the largest gain in
PSNR, the worst one that with the smallest. A gain is that over the degraded picture; for enlargers, over bicubic
interpolation. Of the best photo, the part with the largest fall of the squared error is kept, of the worst one the part
with the largest error that remains. docs/make_cards.py shows both. --only measures some models again.
"""

import argparse
import json
import shlex
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import skimage
from scipy.ndimage import uniform_filter

import repix
from benchmarks.rows import Row
from benchmarks.timing import RESULTS, save
from repix import metrics
from repix.arithmetic.arrays import Array
from repix.cli._app import run
from repix.conversion import read_model
from repix.models import catalog
from repix.report.showcase import BY_MODELS, Restoration

PHOTOS = Path(skimage.__file__).parent / "data"
COLOR = (
    "astronaut.png", "chelsea.png", "coffee.png", "color.png", "hubble_deep_field.jpg", "ihc.png",
    "motorcycle_left.png", "rocket.jpg",
)  # fmt: skip
GRAY = (
    "brick.png", "camera.png", "cell.png", "coins.png", "grass.png", "gravel.png", "moon.png", "page.png", "text.png",
)  # fmt: skip
SIDE = 200
"""Rows and columns of the part that is shown."""
NAME = "best_and_worst"


def first(model: str) -> Restoration:
    """Return the degradation and the command of a model, as the demo's page has them first."""
    return next(one for one in BY_MODELS if one.model == model)


def models() -> list[str]:
    """Return the names of the restoring models."""
    return list(dict.fromkeys(one.model for one in BY_MODELS if one.model in catalog()))


def photos(model: str) -> tuple[str, ...]:
    """Return the photos that a model is for; colorizing needs the colors as the truth."""
    task = read_model(catalog()[model].path).contract.make_task()
    return COLOR if task.domain.color == "color" or "gray" in task.domain.removes else COLOR + GRAY


def pictures(model: str, photo: str, folder: Path) -> tuple[Path, Path, Path]:
    """Return the files of the picture before and after the model, and of the truth."""
    chosen, source = first(model), PHOTOS / photo
    degraded, before, after = (folder / f"{model}-{source.stem}-{kind}.png" for kind in ("degraded", "before", "after"))
    repix_on(f"degrade {chosen.degrade}", source, degraded)
    repix_on(chosen.restore, degraded, after)
    if chosen.show is None:
        return degraded, after, source
    repix_on(f"filter bicubic --scale {chosen.show[-1]}", degraded, before)
    return before, after, source


def repix_on(words: str, source: Path, target: Path) -> None:
    """Run a command of repix on a file."""
    with redirect_stdout(None):  # the path of each result
        failed = run([*shlex.split(words), str(source), "-o", str(target), "--overwrite"])
    if failed:
        raise SystemExit(f"`repix {words} {source}` failed.")


def measured(model: str, photo: str, folder: Path) -> Row:
    """Return the gain on a photo, and the parts to show of it."""
    before, after, truth = _alike([repix.read(path).colors() for path in pictures(model, photo, folder)])
    psnr = [metrics.psnr_rgb(one, truth) for one in (before, after)]
    errors = [np.square(one - truth).mean(2) for one in (before, after)]
    return {
        "model": model,
        "photo": photo,
        "before": round(float(psnr[0]), 2),
        "after": round(float(psnr[1]), 2),
        "best_part": _corner(errors[0] - errors[1]),
        "worst_part": _corner(errors[1]),
    }


def _alike(pictures: list[Array]) -> list[Array]:
    """Return pictures of one size, which all of them have from the upper left corner, and with three channels."""
    rows, columns = (min(one.shape[axis] for one in pictures) for axis in (0, 1))
    parts = (one[:rows, :columns, :3] for one in pictures)
    return [np.repeat(one, 3, axis=2) if one.shape[2] == 1 else one for one in parts]


def _corner(errors: Array) -> list[int]:
    """Return row and column of the part whose sum is largest."""
    rows, columns = (min(SIDE, side) for side in errors.shape)
    sums = uniform_filter(errors, (rows, columns), mode="constant", origin=(-(rows // 2), -(columns // 2)))
    sums = sums[: errors.shape[0] - rows + 1, : errors.shape[1] - columns + 1]
    return [int(one) for one in np.unravel_index(int(sums.argmax()), sums.shape)]


def main() -> None:
    """Measure the models, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=models(), default=models(), metavar="MODEL")
    only = parser.parse_args().only
    file = RESULTS / f"{NAME}.json"
    old = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []
    kept = [row for row in old if row["model"] in catalog() and row["model"] not in only]
    with tempfile.TemporaryDirectory() as folder:
        for model in only:
            for photo in photos(model):
                kept.append(measured(model, photo, Path(folder)))
                print("{model:18} {photo:22} {before:6.2f} -> {after:6.2f} dB".format(**kept[-1]), flush=True)
    save(NAME, kept, ("numpy", "scikit-image"))


if __name__ == "__main__":
    main()
