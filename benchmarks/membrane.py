"""2-D or 3-D? Networks on ISBI's membrane stack in contiguous folds: python -m benchmarks.membrane FOLDER -o RUNS.

FOLDER has the slices in `train/` and their masks in `train-labels/`. Fold k of n holds out the k-th part of the slices;
the others are the training volumes, one before and one after it. Each network gets as many steps as take so many
seconds of processor time on this machine (--seconds), so that other programs do not change the comparison. A complete
run is not repeated, a stopped one is continued. Every network is measured on whole held-out slices.
"""

import argparse
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.timing import RESULTS, save
from repix.data import check
from repix.evaluation.results import evaluate
from repix.training import Recipe, resolve, resume, train
from repix.training.build import build
from repix.training.calibration import seconds_per_step
from repix.training.run_folder import RunFolder

TIMED = 5.0
"""Seconds of processor time in which a step is timed."""


@dataclass(frozen=True)
class Contestant:
    """A network, and the patches that it is trained on: about 130,000 pixels or voxels a step."""

    network: str
    patch_size: int
    batch_size: int
    settings: dict[str, Any] = field(default_factory=dict)
    patch_slices: int | None = None


CONTESTANTS = (
    Contestant("unet", 128, 8, {"widths": [16, 32, 64, 128]}),
    Contestant("unet-3d", 96, 2, {"widths": [16, 32, 64], "blocks": 1}, 8),
    Contestant("transunet-3d", 128, 1, {}, 8),
)


def fold(folder: Path, output: Path, number: int, folds: int, volumes: bool) -> Path:
    """A folder that holds out a part of the slices: pictures, or a volume before it and one after it."""
    root = output / f"fold-{number}-{'volumes' if volumes else 'pictures'}"
    files = sorted((folder / "train").iterdir())
    first, end = (len(files) * place // folds for place in (number - 1, number))
    for place, file in enumerate(files):
        held = first <= place < end
        part = (
            "val" if held else "train",
            "train" if not volumes else "held" if held else "before" if place < first else "after",
        )
        for ending in ("", "-labels"):
            target = root / f"{part[0]}{ending}" / (part[1] if volumes else "") / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copy(folder / f"train{ending}" / file.name, target)
    return root


def recipe(one: Contestant, folder: Path, steps: int) -> Recipe:
    """The training of a network for a number of steps."""
    return Recipe(
        "segment",
        str(folder),
        network=one.network,
        network_settings=one.settings,
        patch_size=one.patch_size,
        patch_slices=one.patch_slices,
        batch_size=one.batch_size,
        steps=steps,
        optimizer="muon",
        lr=0.002,
        settings={"color": False, "rotations": True, "photometric_jitter": 0.3},
    )


def affordable(one: Contestant, folder: Path, seconds: float) -> int:
    """The steps that take this processor time."""
    made = recipe(one, folder, 1000)
    findings = check(made.folder, made.task, volumes=made.of_volumes)
    training = build(resolve(made, findings), findings)
    return max(1, round(seconds / seconds_per_step(training, training.random_network(), process_time, TIMED)))


def trained(one: Contestant, folder: Path, runs: Path, seconds: float) -> Path:
    """The run of a network, which may be there already."""
    run = RunFolder(runs / f"{folder.name}-{one.network}")
    if not run.recipe.exists():
        train(recipe(one, folder, affordable(one, folder, seconds)), run.path)
    elif run.resume.exists() or not run.model.exists():
        resume(run.path)
    return run.path


def rows(folder: Path, runs: Path, numbers: Sequence[int], folds: int, seconds: float) -> Iterator[dict[str, Any]]:
    """A row for each fold and network."""
    for number in numbers:
        for one in CONTESTANTS:
            volumes = one.patch_slices is not None
            run = trained(one, fold(folder, runs, number, folds, volumes), runs, seconds)
            result = evaluate(str(run), fold(folder, runs, number, folds, volumes)).outcomes[0]
            scores = {label.partition(" ")[0]: round(value, 4) for label, value in result.totals.items()}
            told = RunFolder(run).read_recipe()[1]["trained"]
            yield {"fold": number, "network": one.network, **scores, "steps": told["steps"], "seconds": seconds}


def main() -> None:
    """Train, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("membrane-runs"), help="where the runs are kept")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--fold", type=int, action="append", help="only this one, from 1; may be repeated")
    parser.add_argument("--seconds", type=float, default=480, help="processor time for the steps of each network")
    given = parser.parse_args()
    if given.folder is None:
        print("Skipped: it needs ISBI's membrane stack, python -m benchmarks.membrane FOLDER -o RUNS.")
        return
    numbers = given.fold or range(1, given.folds + 1)
    found = []
    for one in rows(given.folder, given.output, numbers, given.folds, given.seconds):
        found.append(one)
        print(one, flush=True)
    save("membrane", found, ["torch", "openvino"])
    lines = ["| fold | network | mean IoU | pixels right | steps |", "|---" * 5 + "|"]
    lines += [
        f"| {one['fold']} | `{one['network']}` | {one['miou']:.3f} | {one['pixel-accuracy']:.3f} | {one['steps']} |"
        for one in found
    ]
    (RESULTS / "membrane.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
