"""Do skips help, and which upsampler? U-Nets on street scenes: python -m benchmarks.segmentation FOLDER -o RUNS.

FOLDER is CamVid with `train/`, `train-labels/`, `val/`, `val-labels/` and label 11 ignored. Its pictures are halved to
240×180 (bicubic with antialiasing; of the labels every second pixel of every second row). Each run trains for so many
minutes and is measured on all validation pictures through its exported model. A complete run is not repeated,
a stopped one is continued; so this can be called again until the table is full.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import RESULTS, save
from repix.conversion import convert, open_model
from repix.data import check
from repix.degradations.shrink import shrink
from repix.evaluation import Example, Examples, measure
from repix.masks import colored, read_mask
from repix.pictures import Picture, read, write
from repix.training import Recipe, resume, train
from repix.training.logs.sample_grid import sample_grid
from repix.training.run_folder import RunFolder

UNLABELLED = 11


@dataclass(frozen=True)
class Contestant:
    """A network to train."""

    name: str
    minutes: float
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Its run's folder."""
        return self.name.replace(", ", "-").replace(" ", "-").replace("=", "")


def contestants(minutes: float, few: float) -> list[Contestant]:
    """With and without skips for long, then every upsampler for a few minutes."""
    skips = [Contestant("skips", minutes), Contestant("no skips", minutes, {"skip": "none"})]
    upsamplers = (
        "nearest", "bilinear", "bicubic", "reshape", "pixel-shuffle", "transposed kernel=2",
        "transposed kernel=3", "transposed kernel=4", "resize-conv", "checkerboard-free",
    )  # fmt: skip
    unpool = Contestant("unpool, no skips", few, {"upsampler": "unpool", "skip": "none"})  # it takes no more channels
    return [*skips, *(Contestant(name, few, {"upsampler": name}) for name in upsamplers), unpool]


def halved(folder: Path, output: Path) -> Path:
    """A copy at half the height and width."""
    for split in ("train", "val"):
        for file in sorted((folder / split).iterdir()):
            target = output / split / f"{file.stem}.png"
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                picture = read(file)
                write(picture.with_colors(shrink(picture.colors(), 2)), target)
        for file in sorted((folder / f"{split}-labels").iterdir()):
            target = output / f"{split}-labels" / file.name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                write(Picture(np.ascontiguousarray(read_mask(file).pixels[::2, ::2])), target)
    return output


def row(one: Contestant, folder: Path, runs: Path) -> tuple[dict[str, Any], list[tuple[Example, Picture]]]:
    """Train, or continue, and measure; with the first results to look at."""
    run = RunFolder(runs / one.folder)
    if not run.recipe.exists():
        recipe = Recipe(
            "segment",
            str(folder),
            network="unet",
            minutes=one.minutes,
            ignore_index=UNLABELLED,
            batch_size=8,
            patch_size=160,
            network_settings=one.settings,
        )
        train(recipe, run.path)
    elif run.resume.exists() or not run.model.exists():
        resume(run.path)
    engine = open_model(run.model)
    findings = check(folder, "segment", ignored=UNLABELLED)
    task = engine.contract.make_task()
    examples = Examples(folder, findings.split.validation, task, encoding=findings.encoding)
    kept: list[tuple[Example, Picture]] = []
    outcome = measure(
        lambda picture: convert(picture, engine),
        examples,
        task.metrics,
        on_result=lambda example, result: kept.append((example, result)) if len(kept) < 90 else None,
    )
    contract = engine.contract
    numbers = {name.partition(" ")[0]: round(value, 4) for name, value in outcome.totals.items()}
    learned = {key: contract.trained[key] for key in ("steps", "best", "seconds", "device", "precision")}
    return (
        {"name": one.name, **numbers, "parameters": contract.parameters, "minutes": one.minutes, **learned},
        kept[::30][:3],
    )


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown."""
    lines = ["| U-Net with | mean IoU | pixels right | parameters | minutes | steps |", "|---" * 6 + "|"]
    for one in rows:
        numbers = f"{one['miou']:.3f} | {one['pixel-accuracy']:.3f} | {one['parameters'] / 1e6:.2f} M"
        lines.append(f"| {one['name']} | {numbers} | {one['minutes']:g} | {one['steps']} |")
    return "\n".join(lines)


def main() -> None:
    """Train, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("segmentation-runs"), help="where the runs are kept")
    parser.add_argument("--minutes", type=float, default=30, help="for the nets with and without skips")
    parser.add_argument("--few", type=float, default=5, help="for each upsampler")
    given = parser.parse_args()
    if given.folder is None:
        print("Skipped: it needs a folder of street scenes, python -m benchmarks.segmentation FOLDER -o RUNS.")
        return
    folder = halved(given.folder, given.output / "half")
    rows: list[dict[str, Any]] = []
    pictures: dict[str, list[tuple[Example, Picture]]] = {}
    for one in contestants(given.minutes, given.few):
        measured, pictures[one.name] = row(one, folder, given.output)
        rows.append(measured)
        print(measured, flush=True)
        save("segmentation", rows, ["torch", "lightning", "openvino"])
        (RESULTS / "segmentation.md").write_text(table(rows) + "\n", encoding="utf-8")
    sides = [pictures[name] for name in ("skips", "no skips")]
    encoding = check(folder, "segment", ignored=UNLABELLED).encoding
    drawn = [
        [example.source, *(colored(mask, encoding) for mask in (example.target, result, without))]
        for (example, result), (_, without) in zip(*sides, strict=True)
    ]
    write(sample_grid(drawn), given.output / "source-truth-skips-none.png", overwrite=True)
    print(table(rows))


if __name__ == "__main__":
    main()
