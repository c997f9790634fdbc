"""Scores of finished runs, and of models and filters that exist already, on the same held-out pictures."""

import csv
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.audit import audit_model
from repix.conversion import Contract, Engine, convert, open_model
from repix.data import Findings, find
from repix.errors import RepixError, Unreadable, WrongUse
from repix.evaluation import Example, Examples, class_pixels, measure, nothing
from repix.evaluation.selection import contestant, engine_of
from repix.evaluation.speed import SIDE as SIDE_OF_RESULT
from repix.evaluation.speed import timed_source
from repix.masks import class_colors
from repix.pictures import Picture
from repix.report.crops import Crop, Pixels, center_crop, largest_crop, resized, shrunk_size, visible
from repix.tasks import Baseline, Task
from repix.training import TrainingConfig
from repix.training.holdout import comparison_items, examples, validation_items

Progress = Callable[[str, int, int], None]

SHOWN = 3
"""Pictures on the page."""
SIDE = 192
"""Height and width of the crops, in pixels."""
LONGEST = 256
"""Longest side of class maps, which are shrunk instead, in pixels."""
COMPARED = 1024
"""Crops are searched in the center of this height and width."""


@dataclass(frozen=True)
class Scores:
    """Metrics of a model or filter."""

    totals: dict[str, float]
    failure: str | None
    contract: Contract | None = None
    artifact: float = math.nan
    """Checkerboard score in dB."""


class HeldOut:
    """The held-out pictures that all models are measured on; it collects the pictures for the page."""

    def __init__(self, config: TrainingConfig, findings: Findings, side: int | None) -> None:
        self.task: Task = config.make_task()
        self.folder, self.findings, self._side = Path(config.folder), findings, side
        items = comparison_items(findings)
        self.examples: Examples = examples(self.folder, items, self.task, side, findings)
        self.independent = not set(items) & set(validation_items(findings, self.task))
        step = max(1, -(-len(items) // SHOWN))
        self.shown = {item.picture: ShownPicture() for item in items[::step][:SHOWN]}

    def require_pictures(self) -> None:
        """Refuse a folder of which no picture is held out."""
        parts = self.findings.split
        if not len(self.examples) and len(parts.train) + len(parts.validation) == 1:
            raise WrongUse(
                f"{self.folder} has one picture; a comparison needs more: some to train on, and some to measure with."
            )
        if not len(self.examples):
            raise WrongUse(
                f"No picture of {self.folder} is held out, so the models cannot be compared; hold some out with "
                "--holdout."
            )

    def nothing(self) -> Baseline:
        """Return the baseline without conversion."""
        if not self.task.logits:
            return nothing(self.task)
        masks = (self.folder / item.partner for item in self.findings.split.train if item.partner is not None)
        return nothing(self.task, class_pixels(masks, self.task, self.findings.encoding))

    def other(self, text: str) -> tuple[Baseline, Contract | None]:
        """Return a model or filter that exists already; one for another task is refused."""
        engine = engine_of(text)
        if engine is not None:
            self._require_same(text, engine)
        found = contestant(text, engine, find(self.folder), self.findings.split, self.task)
        return found, None if engine is None else engine.contract

    def _require_same(self, text: str, engine: Engine) -> None:
        contract, task = engine.contract, self.task
        if (contract.task, contract.scale) != (task.name, task.scale):
            raise WrongUse(
                f"--with {text}: this model is for {contract.task} at scale {contract.scale}, and the grid for "
                f"{task.name} at scale {task.scale}; leave it out."
            )

    def timed_source(self) -> Picture | None:
        """Return the picture that measures the speed of all models; None if none can be read."""
        return timed_source(self.examples, self._side or SIDE_OF_RESULT // self.task.scale)

    def of_run(self, name: str, model: Path, progress: Progress, shown: bool) -> Scores:
        """Return the scores of a finished run; if `shown`, the page shows its results."""
        try:
            engine = open_model(model)
        except RepixError as problem:
            return Scores({}, str(problem))
        scores = self.of(Baseline(name, partial(convert, model=engine)), progress, shown)
        return replace(scores, contract=engine.contract, artifact=artifact_score(model))

    def of(self, one: Baseline, progress: Progress, shown: bool = True) -> Scores:
        """Return the scores of a converter; none if it fails for a picture, because all need the same pictures."""
        keep = partial(self._keep, one.name) if shown else None
        outcome = measure(one.convert, self.examples, self.task.metrics, partial(progress, one.name), keep)
        failed = outcome.failures[0] if outcome.failures else None
        return Scores(outcome.compared if failed is None else {}, failed)

    def _keep(self, name: str, example: Example, result: Picture) -> None:
        if example.name in self.shown and result.size == example.target.size:
            self.shown[example.name].add(name, example, result, self.task)


class ShownPicture:
    """A picture on the page: source, truth and all results, as 8-bit pixels of equal size."""

    def __init__(self) -> None:
        self.views: dict[str, Pixels] = {}
        self._is_classes = False

    def add(self, name: str, example: Example, result: Picture, task: Task) -> None:
        """Add a result; the source and the truth come first."""
        self._is_classes = task.masks is not None
        if not self.views:
            self.views["source"] = self._reduced(visible(example.source, example.target.size))
            self.views["truth"] = self._drawn(example.target, task)
        self.views[name] = self._drawn(result, task)

    @property
    def crop(self) -> Crop:
        """The part in which the results differ most; all of a class map."""
        results = [pixels for name, pixels in self.views.items() if name not in ("source", "truth")]
        height, width = self.views["truth"].shape[:2]
        if self._is_classes:
            return Crop(0, 0, height, width)
        spread: NDArray[Any] = np.std([pixels.mean(axis=2) for pixels in results], axis=0)
        return largest_crop(spread, SIDE)

    def _drawn(self, picture: Picture, task: Task) -> Pixels:
        if task.masks is None:
            return self._reduced(visible(picture))
        return self._reduced(class_colors(task.masks)[task.masks.ids_of(picture)])

    def _reduced(self, pixels: Pixels) -> Pixels:
        size = (pixels.shape[0], pixels.shape[1])
        if self._is_classes:
            return resized(pixels, shrunk_size(size, LONGEST))
        return np.ascontiguousarray(center_crop(size, COMPARED).of(pixels))


def artifact_score(model: Path | str) -> float:
    """Return the checkerboard score of a model in dB; NaN if it has no upsampling, or cannot be measured."""
    with suppress(RepixError):
        found = audit_model(model)
        if found.prediction.layers and found.score is not None:
            return found.score
    return math.nan


def read_curve(file: Path) -> list[dict[str, float]]:
    """Return the rows of a run's metrics.csv; empty if there are none. A damaged file is refused."""
    if not file.is_file():
        return []
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(lines)]
    except (ValueError, TypeError, AttributeError, csv.Error):  # a row longer than the header has the name None
        raise Unreadable(
            f"{file} is damaged; move {file.parent} away, and repeat the command to train it again."
        ) from None


def one_size(configs: Sequence[TrainingConfig]) -> int | None:
    """Return the one height and width that members take; None if all take any size."""
    made = (config.make_network() for config in configs)
    sizes = sorted({size for network, settings in made if (size := network.fixed(settings)) is not None})
    if len(sizes) > 1:
        raise WrongUse(
            f"The networks take pictures of different sizes ({', '.join(map(str, sizes))} pixels), so they cannot be "
            "measured on the same pictures; give them one size."
        )
    return sizes[0] if sizes else None
