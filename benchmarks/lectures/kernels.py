"""(d) Kernel 3 against kernel 4 against bilinear and 1×1, before and after training, on one photo."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import torch
from torch import nn

from benchmarks.lectures import pictures
from benchmarks.lectures.experiment import Experiment, Found, Given, Row
from benchmarks.lectures.grids import found, member, plan_of, trained_grid
from repix.arithmetic.arrays import Array
from repix.audit import audit_model
from repix.comparison import Plan
from repix.comparison.plan import Planned
from repix.comparison.results import Run
from repix.conversion import convert, open_model
from repix.degradations.gray import gray
from repix.degradations.shrink import shrink
from repix.pictures import Picture, read
from repix.report import Figure, Section
from repix.report.checkerboard import pattern
from repix.report.embedded import embedded_svg
from repix.report.figure import figure, plane_item, write_figure
from repix.training import Recipe
from repix.training.build import build

STEPS, SEEDS = 300, 2
LAYERS = ("transposed kernel=3", "transposed kernel=4", "corner-aligned")
NAMES = ("kernel 3", "kernel 4", "bilinear, then 1×1")
BEFORE, AFTER = "before training", "after training"
CORNER, ZOOM, WIDTH = (20, 300), 64, 260
"""Upper left corner and side of the part of the result that the figure enlarges, and its width there."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A layer before or after training, with one seed."""

    name: str
    stage: str
    score: float
    """Checkerboard score in dB."""
    plane: Array
    """The photo, enlarged, H×W."""


def run(given: Given) -> Iterator[Found]:
    """Train the three layers, and measure them before and after."""
    folder = pictures.one_photo(given.output / "photos", given.pictures or 40)
    base = Recipe(
        "upscale", str(folder.resolve()), steps=given.steps or STEPS, patch_size=48, batch_size=8, lr=0.005,
        optimizer="adamw", validations=3, settings={"color": False}, network="channel-mixer",
    )  # fmt: skip
    members = [member(name, base, upsampler=layer) for name, layer in zip(NAMES, LAYERS, strict=True)]
    seeds = given.seeds or SEEDS
    plan = plan_of(members, seeds)
    results = trained_grid("Kernels", plan, given.output / "grid")
    trained = found("Kernels", results, plan, given.output / "grid")
    source = shrink(gray(read(folder / "val" / pictures.FREE[0]).colors()), 2)
    stages = [_before(one, plan, seed, source) for one in plan.members for seed in range(seeds)]
    stages += [_after(row.name, run, given.output / "grid", source) for row in results.ranked for run in row.finished]
    rows = [_row(name, stage, stages) for stage in (BEFORE, AFTER) for name in NAMES]
    drawing = _figure(stages)
    write_figure(drawing, given.output / "kernels.png", overwrite=True)
    lines = [[str(row[key]) for key in ("name", "stage", "checkerboard_db", "pattern_percent")] for row in rows]
    text = "Score: mean of the seeds. Pattern: range of the means of the four phases, in percent of all values."
    shown = Figure("The same part of the photo, of the first seed", embedded_svg(drawing))
    header = ["layer", "stage", "checkerboard (dB)", "pattern (%)"]
    section = Section("Before and after", text, [shown], header, lines)
    yield Found([*rows, *trained.rows], [section, *trained.sections], trained.answer)


def _before(one: Planned, plan: Plan, seed: int, source: Array) -> Stage:
    network = build(replace(one.config, seed=seed), plan.findings).initial_network().eval()
    score = audit_model(network).score
    return Stage(one.member.name, BEFORE, math.nan if score is None else score, _applied(network, source))


def _after(name: str, run: Run, grid: Path, source: Array) -> Stage:
    engine = open_model(grid / run.folder / "model.onnx")
    made = convert(Picture(source.astype(np.float32)), engine).colors()
    return Stage(name, AFTER, run.artifact, made[:, :, 0])


def _applied(network: nn.Module, source: Array) -> Array:
    x = torch.from_numpy(np.ascontiguousarray(source.transpose(2, 0, 1)[np.newaxis], dtype=np.float32))
    with torch.no_grad():
        made: Array = network(x)[0, 0].float().numpy()
    return made


def _row(name: str, stage: str, stages: Sequence[Stage]) -> Row:
    own = [one for one in stages if (one.name, one.stage) == (name, stage)]
    scores = [round(one.score, 2) for one in own]
    return {
        "part": "Before and after",
        "name": name,
        "stage": stage,
        "checkerboard_db": round(fmean(scores), 1),
        "spread": round(stdev(scores), 1) if len(scores) > 1 else None,
        "values": scores,
        "pattern_percent": round(fmean(pattern(one.plane) for one in own), 2),
        "seeds": len(own),
    }


def _figure(stages: Sequence[Stage]) -> str:
    row, column = CORNER
    rows = []
    for stage in (BEFORE, AFTER):
        firsts = [next(one for one in stages if (one.name, one.stage) == (name, stage)) for name in NAMES]
        crops = [one.plane[row : row + ZOOM, column : column + ZOOM] for one in firsts]
        rows.append([
            plane_item(_stretched(crop), f"{one.name}, {stage}\n{one.score:.1f} dB", WIDTH)
            for one, crop in zip(firsts, crops, strict=True)
        ])  # fmt: skip
    text = ("A convolution, ×2 by the named layer, on a photo of 224×224; enlarged, values stretched.",)
    return figure("Kernel 3, kernel 4, and bilinear with 1×1", text, rows)


def _stretched(plane: Array) -> Array:
    low, high = np.percentile(plane, (0.5, 99.5))
    return np.asarray((plane - low) / max(high - low, 1e-9))


EXPERIMENT = Experiment(
    "kernels",
    "Kernel 3 against kernel 4, before and after training",
    "a transposed convolution with kernel 3 and stride 2 makes a checkerboard, kernel 4 doubles, and bilinear "
    "interpolation with a 1×1 convolution has none.",
    run,
)
