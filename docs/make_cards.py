"""Write the cards of the models that come with repix, models-cards.md, and the pictures in them.

Run it with `python -m docs.make_cards`. The words stand in the catalog, the figures in the models' own files and in
benchmarks/results; the photos are those of `repix demo`.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks import best_and_worst
from benchmarks.best_and_worst import SIDE
from benchmarks.rows import Row

import repix
from repix.arithmetic.arrays import Array
from repix.audit.prediction import LIMIT
from repix.conversion import read_model
from repix.models import Bundled, catalog
from repix.report.showcase import SEGMENTED

FOLDER = Path(__file__).parent
RESULTS = FOLDER.parent / "benchmarks" / "results"
GAP = 6
HEAD = """# Model cards

Purpose, limits, training data and scores of each bundled model; `repix show NAME` prints a card without the scores on
test sets. Pictures: degraded (enlargers: bicubic interpolation), restored, original; of the best photo, the part that
is restored most, of the worst one, the part with the largest error that remains (`python -m
benchmarks.best_and_worst`). For segmentation: the picture and its classes. Written by `python -m docs.make_cards`.

If the weights are not those of the last step, they were selected among twelve checkpoints, by their scores on the
held-out pictures. These scores ("held-out pictures", "Held out") may be a little too high.
"""


def page() -> str:
    """Return all cards."""
    measured = rows("models")
    return "\n".join([HEAD, *(card(one, measured) for one in catalog().values())])


def rows(name: str) -> list[Row]:
    """Return the rows of a benchmark's data."""
    found: list[Row] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["rows"]
    return found


def card(one: Bundled, measured: list[dict[str, Any]]) -> str:
    """Return the card of a model."""
    contract = read_model(one.path).contract
    size = f"{contract.parameters / 1e6:.2f} million parameters, {one.path.stat().st_size / 1e6:.1f} MB"
    lines = [f"## {one.name}", ""]
    lines += _of_extremes(one.name)
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
        *_time(one.name),
        f"**Checkerboards:** {_checkerboards(one.name)}.",
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


def _time(name: str) -> list[str]:
    """Return the line with the time of a model and of its peers, if it was measured."""
    measured = [row for row in rows("models_speed") if row["model"] == name]
    if not measured:
        return []
    own, *others = sorted(measured, key=lambda row: bool(row["by"] != name))
    said = [f"{row['by']} takes {row['times_the_model']:.2g} times as long" for row in others]
    line = "; ".join([f"{own['median_ms']:.0f} ms for [512×512 pixels](results.md#bundled-models-time)", *said])
    return [f"**Time:** {line}.", ""]


def _checkerboards(name: str) -> str:
    """Return the audit's scores of a model."""
    found = next(row for row in rows("audits") if row["model"] == name)
    kinds = " and ".join(f"{found[kind]:.1f} dB on {kind}" for kind in ("constant", "texture"))
    verdict = "visible" if found["score"] > LIMIT else "none visible"
    return f"{verdict}: {kinds}".replace("-", "−") + f"; [{LIMIT:g} dB is visible](checkerboards.md#results)"


def strip_of(name: str) -> str:
    """Return the path of a card's picture, relative to the page."""
    return f"pictures/card-{name}.jpg"


def _own(figure: dict[str, Any]) -> str:
    others = ", ".join(f"{name} {float(value):.4g}" for name, value in figure["others"].items())
    return f"| {figure['metric']} | {float(figure['value']):.4g} | {others} | {figure['examples']} {figure['on']} |"


def _benchmarked(name: str, measured: list[dict[str, Any]]) -> list[str]:
    lines = []
    for own in (row for row in measured if row["by"] == name):
        same = [row for row in measured if (row["what"], row["metric"]) == (own["what"], own["metric"])]
        others = ", ".join(f"{row['by']} {row['value']:.3f}" for row in same if row["by"] != name)
        lines.append(f"| {own['metric']} | {own['value']:.3f} | {others} | {own['what']}, {own['pictures']} pictures |")
    return lines


def draw(extreme: Row, part: Sequence[int], folder: Path) -> Array:
    """A part of a photo before and after the model, and of the truth, side by side."""
    return side_by_side(best_and_worst.pictures(extreme["model"], extreme["photo"], folder), SIDE, SIDE, part)


def draw_classes(model: str, folder: Path) -> Array:
    """The picture, and the classes over it."""
    _, stem, put = SEGMENTED[model]
    picture = folder / f"{stem}.png"
    put(picture)
    best_and_worst.repix_on(f"segment --model {model} --overlay", picture, folder / f"{stem}-mask.png")
    return side_by_side((picture, folder / f"{stem}-mask-overlay.png"), 240, 300)


def side_by_side(paths: Sequence[Path], rows: int, columns: int, corner: Sequence[int] = (0, 0)) -> Array:
    """A part of each picture, so high and wide, from its upper left corner."""
    parts: list[Array] = []
    for path in paths:
        part = repix.read(path).colors()[corner[0] :, corner[1] :, :3][:rows, :columns]
        parts += [np.repeat(part, 3, axis=2) if part.shape[2] == 1 else part, np.ones((len(part), GAP, 3), part.dtype)]
    least = min(len(one) for one in parts)
    return np.concatenate([one[:least] for one in parts[:-1]], axis=1)


def extremes(model: str) -> list[tuple[str, Row, list[int]]]:
    """Return the best and the worst photo of a restoring model, each with the part to show and the picture's name."""
    measured = (row for row in rows(best_and_worst.NAME) if row["model"] == model)
    ordered = sorted(measured, key=lambda row: float(row["before"] - row["after"]))
    if not ordered:
        return []
    best, worst = ordered[0], ordered[-1]
    return [(strip_of(model), best, best["best_part"]), (strip_of(f"{model}-worst"), worst, worst["worst_part"])]


def _of_extremes(model: str) -> list[str]:
    """Return the card's pictures of the best and the worst photo, with their gains."""
    found = extremes(model)
    if not found:
        return []
    command = best_and_worst.first(model)
    lines = [f"`repix degrade {command.degrade}`, then `repix {command.restore}`. Of scikit-image's photos:", ""]
    for kind, (picture, row, _) in zip(("the largest", "the smallest"), found, strict=True):
        name, gain = Path(row["photo"]).stem, row["after"] - row["before"]
        said = f"`{name}` has {kind} gain: {row['before']:.2f} → {row['after']:.2f} dB ({gain:+.2f})"
        lines += [f"{said.replace('-', '−') if gain < 0 else said}.", "", f"![{name}]({picture})", ""]
    return lines


def keep(path: str, strip: Array) -> None:
    """Write a picture of a card."""
    repix.write(repix.Picture.of(strip, None, "8"), FOLDER / path, overwrite=True)


def main() -> None:
    """Draw, and write."""
    with tempfile.TemporaryDirectory() as folder:
        for model in catalog():
            for path, row, part in extremes(model):
                keep(path, draw(row, part, Path(folder)))
        for model in SEGMENTED:
            if model in catalog():
                keep(strip_of(model), draw_classes(model, Path(folder)))
    (FOLDER / "models-cards.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
