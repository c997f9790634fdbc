"""Validation: the metrics of the network on held-out pictures; the best weights are saved.

Side inputs have values drawn as in training, so that the best weights are not those that ignore them.
"""

import io
import math
from typing import Any

from repix.conversion import WHOLE, convert
from repix.evaluation import Example, Measurement, Outcome, measure_examples
from repix.masks import Encoding, colored
from repix.pictures import Picture, write
from repix.training.build import Training
from repix.training.drawn_side import drawn_side
from repix.training.logs import Record
from repix.training.logs.sample_grid import sample_grid
from repix.training.objectives import Diverged
from repix.training.run_folder import RunFolder
from repix.training.state import TrainingState
from repix.training.torch_engine import TorchEngine
from repix.volumes.stack import one_slice

SHOWN = 3
"""Pictures in a sample grid."""
EQUAL = 60.0
"""Counts as the PSNR of equal pictures when weights are selected; rounding to 8 bits alone leaves 58.9 dB."""
FLAT_TIMES = 3
"""The training ends after this many validations in a row with flat results only, except early ones."""


def validation_steps(steps: int, times: int) -> frozenset[int]:
    """Return the steps after which a training is validated; the last step is always one of them.

    >>> sorted(validation_steps(5, 12)), len(validation_steps(2440, 12)), validation_steps(19, 1)
    ([1, 2, 3, 4, 5], 12, frozenset({19}))
    """
    return frozenset(max(1, steps * k // times) for k in range(1, times + 1))


class Validator:
    """Measures the EMA of the weights on the held-out pictures."""

    def __init__(self, training: Training, folder: RunFolder) -> None:
        self.training, self.folder, self.contract = training, folder, training.contract
        self.checkerboards = training.checkerboards

    def validate(self, state: TrainingState) -> Record:
        """Return the record of a validation after this step; the best weights so far are saved."""
        history, step = state.history, state.step
        lr = self.training.config.lr * state.schedule.lr_factor(step)
        row = {"step": step, "seconds": round(history.seconds, 1), "lr": lr, **history.take_means()}
        score, flat = float(step), False  # the last weights are the best
        samples = _Samples(self.training.task.masks)
        if len(self.training.holdout.validation):
            outcome = self._measured(state, samples)
            row |= outcome.totals
            flat = samples.all_flat
            if not state.objective.exports_last:
                score = selection_score(outcome.measurements[0])
        row |= self.checkerboards.row(state.ema.module)
        history.rows.append(row)
        history.flat = history.flat + 1 if flat and not state.schedule.is_early(step) else 0
        if score > history.best:
            history.best, history.best_step = score, step
            self.folder.write_weights(state.ema.module.state_dict())
        title = f"{self.training.task.name}: {self.training.network.name}"
        return Record(history.rows, title, samples.png(), tuple(history.terms))

    def _measured(self, state: TrainingState, samples: "_Samples") -> Outcome:
        """Return the metrics of the EMA of the weights."""
        task, config = self.training.task, self.training.config
        engine = TorchEngine(state.ema.module, self.contract, config.compute, task.logits)
        outcome = measure_examples(
            lambda example: convert(example.source, engine, WHOLE, side=drawn_side(task, task.side.draw, example)),
            self.training.holdout.validation,
            task.metrics,
            on_result=samples.add,
        )
        if not outcome.totals:
            raise Diverged(f"No held-out picture could be validated in step {state.step}: {outcome.failures[0]}")
        return outcome


def selection_score(deciding: Measurement[Any]) -> float:
    """Return the number that the best weights maximize: the total, of finite values.

    A chain of degradations may leave a held-out picture as it is. If the network does so too, its PSNR is infinite, and
    so is the mean, whatever the other pictures are like.

    >>> from repix.evaluation import Score
    >>> from repix.metrics import Metric
    >>> scores = {"a": Score(30.0, {}), "b": Score(math.inf, {})}
    >>> selection_score(Measurement("psnr-gray", Metric(max, unit="dB"), {}, scores))
    45.0
    """
    total = deciding.total.value
    if math.isinf(total) and deciding.joined == "mean":
        values = [min(score.value, EQUAL) for score in deciding.scores.values()]
        total = sum(values) / len(values)
    return deciding.metric.goodness(total)


def require_variation(state: TrainingState) -> None:
    """End a training whose network returns flat pictures only."""
    if state.history.flat >= FLAT_TIMES:
        raise Diverged(
            f"The network returned the same value for every pixel of every picture in {FLAT_TIMES} validations in a "
            f"row, the last in step {state.step}; it learns nothing. Try a lower learning rate (--lr; it was "
            f"{state.objective.settings.lr:g}), or another network or loss."
        )


class _Samples:
    """The pictures of the sample grid, and whether all results were flat."""

    def __init__(self, masks: Encoding | None) -> None:
        self.masks = masks
        self.rows: list[list[Picture]] = []
        self.flat: list[bool] = []

    def add(self, example: Example, result: Picture) -> None:
        self.flat.append(is_flat(result) and not is_flat(example.target))
        if len(self.rows) < SHOWN:
            shown = [_visible(one_slice(one), self.masks) for one in (result, example.target)]
            self.rows.append([one_slice(example.source), *shown])

    @property
    def all_flat(self) -> bool:
        return bool(self.flat) and all(self.flat)

    def png(self) -> bytes | None:
        if not self.rows:
            return None
        file = io.BytesIO()
        write(sample_grid(self.rows), file, format="png")
        return file.getvalue()


def is_flat(picture: Picture) -> bool:
    """Return whether all pixels are equal."""
    return bool((picture.pixels == picture.pixels[:1, :1]).all())


def _visible(picture: Picture, masks: Encoding | None) -> Picture:
    """Return a mask in colors, and any other picture as it is."""
    return picture if masks is None else colored(picture, masks)
