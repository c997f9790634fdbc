"""Training throughput: the same network, pictures and batch, as `repix train` learns and as others do, in turns.

The loop of `repix train` is the real one, Lightning Fabric's own work included; between its steps the others take their
turns. What happens between steps, validating and saving, is left out. The others:

- plain: float32, NCHW, AdamW, a DataLoader that decodes, crops, flips and adds noise for each item, in the process
  itself or in two workers; and without any loader, one ready batch again and again
- Pytorch-UNet's way: channels last, RMSprop, cross-entropy and Dice of classes, gradients cut at 1, float32
- KAIR's way: Adam, L1, float32, workers

Photos are drawn by our own code unless a folder is named: `python -m benchmarks.training FOLDER`. `--quick` only tries
whether everything runs, and keeps nothing.
"""

import argparse
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, RandomSampler

from benchmarks.data import drawn
from benchmarks.timing import RESULTS, ratio, save, summary
from repix.data import check
from repix.training.build import Training, build
from repix.training.checkpoint import Checkpoint
from repix.training.clipping import GradientClipping
from repix.training.config import resolve
from repix.training.ema import ExponentialMovingAverage
from repix.training.logs import Record
from repix.training.loop import Loop
from repix.training.objectives import task_loss
from repix.training.recipe import Recipe
from repix.training.run_folder import RunFolder, new_run
from repix.training.state import TrainingState

OURS, BARE, PLAIN, WORKERS, READY = "repix train", "repix, bare", "plain", "plain, 2 workers", "plain, no loader"
OTHERS = {"unet": "Pytorch-UNet's way", "dncnn": "KAIR's way"}
STRONGEST = 55.0
"""The noise of each item has a standard deviation from 0 to this, in gray levels (8-bit)."""
ENDLESS = 10**9

Step = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """A network with its batch, and the required speed relative to other training loops."""

    network: str
    batch: int
    size: int
    color: bool
    bars: dict[str, float]
    steps: int = 1
    """In a turn."""
    rounds: int = 6

    def __str__(self) -> str:
        return f"{self.network}, {self.batch}×{3 if self.color else 1}×{self.size}×{self.size}"


CASES = (
    Case("unet", 16, 128, True, {PLAIN: 2.0, WORKERS: 2.0, READY: 1.8}),
    Case("dncnn", 32, 64, False, {PLAIN: 4.0, WORKERS: 4.0}),
)
QUICK = (
    Case("unet", 2, 64, True, {PLAIN: 2.0, WORKERS: 2.0, READY: 1.8}, rounds=2),
    Case("dncnn", 2, 32, False, {PLAIN: 4.0, WORKERS: 4.0}, rounds=2),
)


class Photos(Dataset[tuple[Tensor, Tensor]]):
    """Noisy and clean crops as an ordinary data set makes them: decode, crop, flip, add noise, for each item."""

    def __init__(self, files: list[Path], size: int, color: bool) -> None:
        self.files, self.size, self.mode = files, size, "RGB" if color else "L"

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        with Image.open(self.files[index]) as image:
            left, top = (int(torch.randint(side - self.size + 1, ())) for side in image.size)
            crop = image.convert(self.mode).crop((left, top, left + self.size, top + self.size))
        if torch.rand(()) < 0.5:
            crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = torch.frombuffer(bytearray(crop.tobytes()), dtype=torch.uint8)
        clean = pixels.view(self.size, self.size, -1).permute(2, 0, 1).float() / 255
        return clean + torch.randn_like(clean) * (torch.rand(()) * STRONGEST / 255), clean.contiguous()


def loaded(case: Case, training: Training, workers: int) -> Iterator[list[Tensor]]:
    """Batches of a standard loader, without end."""
    root = Path(training.config.folder)
    photos = Photos([root / item.picture for item in training.findings.split.train], case.size, case.color)
    random = RandomSampler(photos, replacement=True, num_samples=ENDLESS)
    return iter(DataLoader(photos, case.batch, sampler=random, num_workers=workers, drop_last=True))


def plain(module: nn.Module, batches: Iterator[Any], optimizer: torch.optim.Optimizer, loss: Any) -> Step:
    """A step as tutorials have it."""
    module.train()

    def step() -> None:
        source, target = next(batches)
        optimizer.zero_grad()
        loss(module(source), target).backward()
        optimizer.step()

    return step


def pytorch_unet(module: nn.Module, batches: Iterator[Any]) -> Step:
    """A step as Pytorch-UNet does it on a processor; the class of a pixel is its strongest channel."""
    module.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.RMSprop(module.parameters(), 1e-5, weight_decay=1e-8, momentum=0.999, foreach=True)

    def step() -> float:
        source, target = next(batches)
        source, classes = source.contiguous(memory_format=torch.channels_last), target.argmax(1)
        with torch.autocast("cpu", enabled=False):
            scores = module(source)
            truth = functional.one_hot(classes, scores.shape[1]).permute(0, 3, 1, 2).float()
            loss = functional.cross_entropy(scores, classes) + overlap_loss(scores.softmax(1), truth)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return step


def overlap_loss(predicted: Tensor, truth: Tensor) -> Tensor:
    """Dice of every class in every picture, and their mean."""
    agreed = 2 * (predicted * truth).sum((-1, -2))
    both = predicted.sum((-1, -2)) + truth.sum((-1, -2))
    return 1 - ((agreed + 1e-6) / (torch.where(both == 0, agreed, both) + 1e-6)).mean()


@dataclass(eq=False)
class Bare:
    """The training step of `repix train`, without Lightning Fabric, and the time of each of its parts."""

    training: Training
    seconds: dict[str, list[float]] = field(default_factory=dict)
    done: int = 0

    def __post_init__(self) -> None:
        network = self.training.random_network().train()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = self.training.config.optimizer_settings.build(self.network)
        self.ema, self.clipping = ExponentialMovingAverage(self.network), GradientClipping()
        self.dataset = self.training.dataset()

    def __call__(self) -> None:
        """One step."""
        self._last = perf_counter()
        batch = self.dataset[self.done]
        self._part("batch")
        with self.training.config.compute.autocast():
            loss = task_loss(self.network, self.training.task, batch)
        self._part("forward")
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._part("backward")
        self.clipping.clip(self.network)
        self._part("clip")
        self.optimizer.step()
        self._part("optimizer")
        self.ema.update_parameters(self.network)
        self._part("average")
        self.done += 1

    def _part(self, name: str) -> None:
        now = perf_counter()
        self.seconds.setdefault(name, []).append(now - self._last)
        self._last = now


class NoCheckpoint(Checkpoint):
    """Saves nothing."""

    due = False

    def save(self, state: TrainingState) -> None:
        """Nothing is saved."""


class Turns(Loop):
    """The real loop, which after some steps gives all others their turn, and neither validates nor saves."""

    def __init__(self, case: Case, others: dict[str, Step], training: Training, folder: RunFolder) -> None:
        super().__init__(training, folder, print)
        self.case, self.others, self.checkpoint = case, others, NoCheckpoint(folder)
        self.rounds = -1  # the first round is not counted
        self.seconds: dict[str, list[float]] = {name: [] for name in (OURS, *others)}
        self._begin = perf_counter()

    def validate_when_due(self, state: TrainingState) -> Record | None:
        """At the end of a turn, let the others have theirs."""
        if state.step % self.case.steps:
            return None
        taken = {OURS: perf_counter() - self._begin}
        for name, step in self.others.items():
            start = perf_counter()
            for _repeated in range(self.case.steps):
                step()
            taken[name] = perf_counter() - start
        self.rounds += 1
        if self.rounds:
            for name, seconds in taken.items():
                self.seconds[name].append(seconds / self.case.steps)
        self.ended = self.rounds == self.case.rounds
        self._begin = perf_counter()
        return None


def ready(case: Case, folder: Path) -> Training:
    """Return the training that `repix train denoise` builds."""
    settings = {"color": case.color, "sigma": [0.0, STRONGEST]}
    recipe = Recipe(
        "denoise",
        str(folder),
        network=case.network,
        patch_size=case.size,
        batch_size=case.batch,
        steps=ENDLESS,
        device="cpu",
        settings=settings,
    )
    findings = check(folder, "denoise")
    return build(resolve(recipe, findings), findings)


def ways(case: Case, training: Training, bare: Bare) -> dict[str, Step]:
    """All but the training itself, each with a network of its own."""
    modules = {name: training.random_network() for name in (PLAIN, WORKERS, READY, OTHERS[case.network])}
    batches = {PLAIN: loaded(case, training, 0), WORKERS: loaded(case, training, 2)}
    batches[READY] = repeat(next(batches[PLAIN]))
    steps: dict[str, Step] = {BARE: bare}
    for name in (PLAIN, WORKERS, READY):
        optimizer = torch.optim.AdamW(modules[name].parameters(), 1e-3)
        steps[name] = plain(modules[name], batches[name], optimizer, functional.mse_loss)
    other = OTHERS[case.network]
    if case.network == "unet":
        steps[other] = pytorch_unet(modules[other], batches[WORKERS])
    else:
        adam = torch.optim.Adam(modules[other].parameters(), 1e-4)
        steps[other] = plain(modules[other], batches[WORKERS], adam, functional.l1_loss)
    return steps


def measured(case: Case, folder: Path) -> list[dict[str, Any]]:
    """A row for each way, and one for the parts of our own step."""
    training = ready(case, folder)
    bare = Bare(training)
    with tempfile.TemporaryDirectory() as runs:
        turns = Turns(case, ways(case, training, bare), training, new_run(Path(runs) / "run"))
        turns.run()
    seconds = turns.seconds
    rows: list[dict[str, Any]] = []
    for name, values in seconds.items():
        row: dict[str, Any] = {
            "case": str(case),
            "way": name,
            "patches_per_second": round(case.batch / median(values), 2),
        }
        row |= {"step": summary(values), "precision": training.config.precision if "repix" in name else "fp32"}
        if name != OURS:
            row |= {"times_as_long_as_repix_train": ratio(values, seconds[OURS]), "bar": case.bars.get(name)}
        rows.append(row)
    first = case.steps  # the round that is not counted
    parts = {name: summary(values[first:]) for name, values in bare.seconds.items()}
    return [*rows, {"case": str(case), "way": f"parts of {BARE}", "parts": parts}]


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown: every way, and the parts of a step of our own."""
    lines = []
    for row in rows:
        if row["way"] == OURS:
            lines += ["", f"**{row['case']}**, {row['precision']}", ""]
            lines += ["| way | ms a step | least–most | patches/s | × repix train | bar |", "|---|---|---|---|---|---|"]
        if "parts" in row:
            said = ", ".join(f"{name} {one['median_ms']:.0f}" for name, one in row["parts"].items())
            lines += ["", f"Of a step of ours, ms: {said}."]
            continue
        step, times, bar = row["step"], row.get("times_as_long_as_repix_train"), row.get("bar")
        lines.append(
            f"| {row['way']} | {step['median_ms']:.0f} | {step['min_ms']:.0f}–{step['max_ms']:.0f} | "
            f"{row['patches_per_second']:.1f} | {'' if times is None else f'{times:.2f}'} | {_verdict(times, bar)} |"
        )
    return "\n".join(lines[1:])


def _verdict(times: float | None, bar: float | None) -> str:
    if times is None or bar is None:
        return ""
    return f"≥ {bar:.1f}: {'nan_spread' if times >= bar else 'missed'}"


def main(folder: Path, quick: bool) -> None:
    """Measure, print and keep."""
    logging.getLogger("lightning").setLevel(logging.ERROR)
    rows = []
    for case in QUICK if quick else CASES:
        found = measured(case, folder)
        print(f"{table(found)}\n", flush=True)
        rows += found
    if not quick:
        text = f"Training on {torch.get_num_threads()} threads, in turns.\n\n{table(rows)}"
        (RESULTS / "training.md").write_text(f"{text}\n", encoding="utf-8")
        save("training", rows, ["torch", "lightning", "numpy", "pillow"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="photos to learn from")
    parser.add_argument("--quick", action="store_true", help="only try whether everything runs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_CACHE_HOME"] = temporary
        pictures = Path(temporary) / "pictures"
        pictures.mkdir()
        main(given.folder or drawn(pictures), given.quick)
