"""Write the cards of the models that come with repix, models-cards.md, and the pictures in them.

Run it with `python docs/make_cards.py`. The words stand in the catalog, the figures in the models' own files and in
benchmarks/results/models.json; the photos are those of `repix demo`.
"""

import json
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import skimage

import repix
from repix.arithmetic.arrays import Array
from repix.cli._app import run
from repix.conversion import read_model
from repix.models import Bundled, catalog
from repix.report.showcase import BY_MODELS, SEGMENTED, Restoration

FOLDER = Path(__file__).parent
RESULTS = FOLDER.parent / "benchmarks" / "results" / "models.json"
SIDE = 200
"""Of the part of each picture that is shown."""
GAP = 6
HEAD = """# Model cards

Purpose, limits, training data and scores of each bundled model; `repix show NAME` prints a card without the scores on
test sets. Pictures: degraded, restored, original; for segmentation, the picture and its classes. Written by `python
docs/make_cards.py`.

If the weights are not those of the last step, they were selected among twelve checkpoints, by their scores on the
held-out pictures. These scores ("held-out pictures", "Held out") may be a little too high.
"""


def page() -> str:
    """Return all cards."""
    measured = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    return "\n".join([HEAD, *(card(one, measured) for one in catalog().values())])


def card(one: Bundled, measured: list[dict[str, Any]]) -> str:
    """Return the card of a model."""
    contract = read_model(one.path).contract
    restoration = restoration_by(one.name)
    size = f"{contract.parameters / 1e6:.2f} million parameters, {one.path.stat().st_size / 1e6:.1f} MB"
    lines = [f"## {one.name}", ""]
    if restoration is not None:
        lines += [f"![{restoration.title}]({strip_of(one.name)})", "", f"`repix degrade {restoration.degrade}`, then "]
        lines[-1] += f"`repix {restoration.restore}`; the photo is scikit-image's `{restoration.photo}`."
        lines += [""]
    if one.name in SEGMENTED:
        title = SEGMENTED[one.name][0]
        lines += [
            f"![{title}]({strip_of(one.name)})",
            "",
            f"{title}; `repix segment --model {one.name} --overlay`.",
            "",
        ]
    lines += [
        f"**For:** {one.purpose}",
        "",
        f"**Not for:** {one.limits}",
        "",
        f"**Trained on:** {one.pictures}, by [its recipe](../recipes/{one.name}.toml): {one.made}.",
        "",
        f"**Network:** {contract.network}, {size}, {_step(contract.trained)}, SHA-256 `{one.sha256}`.",
        "",
        "| metric | the model | others | measured on |",
        "|---|---|---|---|",
        *(_own(figure) for figure in contract.metrics),
        *_benchmarked(one.name, measured),
        "",
    ]
    return "\n".join(lines)


def _step(trained: Mapping[str, Any]) -> str:
    best, last = trained["best"], trained["of"]
    return "the weights of the last step" if best == last else f"the weights of step {best} of {last}"


def strip_of(name: str) -> str:
    """Return the path of a card's picture, relative to the page."""
    return f"pictures/card-{name}.jpg"


def _own(figure: dict[str, Any]) -> str:
    others = ", ".join(f"{name} {float(value):.4g}" for name, value in figure["others"].items())
    return f"| {figure['metric']} | {float(figure['value']):.4g} | {others} | {figure['examples']} {figure['on']} |"


def _benchmarked(name: str, measured: list[dict[str, Any]]) -> list[str]:
    rows = []
    for own in (row for row in measured if row["by"] == name):
        same = [row for row in measured if (row["what"], row["metric"]) == (own["what"], own["metric"])]
        others = ", ".join(f"{row['by']} {row['value']:.3f}" for row in same if row["by"] != name)
        rows.append(f"| {own['metric']} | {own['value']:.3f} | {others} | {own['what']}, {own['pictures']} pictures |")
    return rows


def draw(restoration: Restoration, folder: Path) -> Array:
    """The degraded photo, the restored one and the photo itself, a part of each, side by side."""
    photo = Path(skimage.__file__).parent / "data" / f"{restoration.photo}.png"
    degraded, restored, shown = (
        folder / f"{restoration.model}-{kind}.png" for kind in ("degraded", "restored", "shown")
    )
    _repix(f"degrade {restoration.degrade}", photo, degraded)
    _repix(restoration.restore, degraded, restored)
    if restoration.show is None:
        shown = degraded
    else:
        _repix(f"filter {restoration.show}", degraded, shown)
    return side_by_side((shown, restored, photo), SIDE, SIDE)


def draw_classes(model: str, folder: Path) -> Array:
    """The picture, and the classes over it."""
    _, stem, put = SEGMENTED[model]
    picture = folder / f"{stem}.png"
    put(picture)
    _repix(f"segment --model {model} --overlay", picture, folder / f"{stem}-mask.png")
    return side_by_side((picture, folder / f"{stem}-mask-overlay.png"), 240, 300)


def side_by_side(paths: Sequence[Path], rows: int, columns: int) -> Array:
    """A part of each picture, so high and wide, or all of it."""
    parts: list[Array] = []
    for path in paths:
        colors = repix.read(path).colors()
        top, left = (max(0, have - want) // 3 for have, want in zip(colors.shape[:2], (rows, columns), strict=True))
        part = colors[top : top + rows, left : left + columns]
        parts += [np.repeat(part, 3, axis=2) if part.shape[2] == 1 else part, np.ones((len(part), GAP, 3), part.dtype)]
    return np.concatenate(parts[:-1], axis=1)


def _repix(words: str, source: Path, target: Path) -> None:
    if run([*shlex.split(words), str(source), "-o", str(target)]):
        raise SystemExit(f"`repix {words} {source}` failed.")


def restoration_by(model: str) -> Restoration | None:
    """Return the first restoration of the demo by a model."""
    return next((restoration for restoration in BY_MODELS if restoration.model == model), None)


def keep(model: str, strip: Array) -> None:
    """Write the picture of a model's card."""
    repix.write(repix.Picture.of(strip, None, "8"), FOLDER / strip_of(model), overwrite=True)


def main() -> None:
    """Draw, and write."""
    with tempfile.TemporaryDirectory() as folder:
        for model in catalog():
            restoration = restoration_by(model)
            if restoration is not None:
                keep(model, draw(restoration, Path(folder)))
        for model in SEGMENTED:
            if model in catalog():
                keep(model, draw_classes(model, Path(folder)))
    (FOLDER / "models-cards.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
