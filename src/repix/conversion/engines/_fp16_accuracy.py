"""Accuracy in fp16 on a device besides the processor: measured there when a model is first opened in fp16.

Drawn pictures are converted in fp16 on the device and in float32 on the processor. The measurement is kept beside the
compiled models, so that it is made once.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.arithmetic.synthetic import street
from repix.conversion.contract import Contract, mirrored_indices
from repix.conversion.contract_parts import MeasuredPrecision
from repix.conversion.engine import Engine
from repix.conversion.engines import _cache
from repix.conversion.precision import FAST_ON_DEVICES, MOST_DECIBELS, least_agreement, least_psnr, with_verdict
from repix.errors import RepixError
from repix.pictures.picture import Picture
from repix.tasks import Task

PICTURES = 3
"""Drawn pictures."""


def measured_once(kept_at: Path | None, opened: Callable[[], tuple[Engine, Engine]]) -> MeasuredPrecision:
    """Return the kept measurement of a model on a device; without one, measure it and keep it.

    Args:
        kept_at: a path of the cache; None: nothing is kept.
        opened: opens the model in float32 and in fp16.
    """
    content = _cache.load(kept_at)
    if content is not None:
        with suppress(ValueError, RepixError):  # of another version
            return MeasuredPrecision.from_dict(json.loads(content))
    found = measured_accuracy(*opened())
    _cache.store(kept_at, lambda: json.dumps(found.to_dict()).encode())
    return found


def measured_accuracy(exact: Engine, fast: Engine) -> MeasuredPrecision:
    """Return the accuracy of a model for pictures in fp16: of the worst picture, and the loss against the truth.

    A task that cannot make pairs from clean pictures has no truth; then only the results are compared. Results that are
    not finite, because fp16 ends at 65504, have the accuracy 0.
    """
    contract, task = exact.contract, exact.contract.make_task()
    pairs = [_pair(contract, task, number) for number in range(PICTURES)]
    both = [[_output(engine, source) for source, _ in pairs] for engine in (exact, fast)]
    metric = task.metrics[0]
    measured = MeasuredPrecision(
        FAST_ON_DEVICES,
        psnr=None if task.logits else 0.0,
        agreement=0.0 if task.logits else None,
        metric=metric.name,
        unit=registry.get("metrics", metric.name).unit,
        examples=len(pairs),
    )
    if all(np.isfinite(y).all() for y in both[1]):
        results = [[task.decode(y, source) for y, (source, _) in zip(each, pairs, strict=True)] for each in both]
        measured = replace(
            measured,
            psnr=None if task.logits else least_psnr(*results),
            agreement=least_agreement(*results) if task.logits else None,
            worse=_loss(task, [truth for _, truth in pairs], *results),
        )
    return with_verdict(measured)


def _pair(contract: Contract, task: Task, number: int) -> tuple[Picture, Picture | None]:
    """Return a source, of the only size that the model takes if there is one, and the truth if the task makes pairs."""
    scene = street(number)
    fixed = contract.size if contract.windows is None else contract.windows.size
    rows, columns = (
        mirrored_indices(0, contract.scale * (fixed or side // contract.scale), side) for side in scene.shape[:2]
    )
    clean = Picture(np.ascontiguousarray(scene[rows][:, columns]))
    if task.make_pair is not None:
        return task.make_pair(clean, np.random.default_rng(number))
    return Picture(clean.pixels[:: contract.scale, :: contract.scale]), None


def _output(engine: Engine, source: Picture) -> Array:
    """Return the model's output for a picture, computed in one piece."""
    contract = engine.contract
    return contract.crop(engine.run(contract.pad(contract.make_task().encode(source))), source.size)


def _loss(task: Task, truths: Sequence[Picture | None], exact: Sequence[Picture], fast: Sequence[Picture]) -> float:
    """Return the mean loss of fast results by the task's first metric; 0 without truths."""
    lost = [
        _goodness(task, one, truth) - _goodness(task, other, truth)
        for truth, one, other in zip(truths, exact, fast, strict=True)
        if truth is not None
    ]
    limited = np.clip(np.nan_to_num(lost), -MOST_DECIBELS, MOST_DECIBELS)
    return round(float(np.mean(limited)), 5) if lost else 0.0


def _goodness(task: Task, result: Picture, truth: Picture) -> float:
    spec = task.metrics[0]
    metric = registry.get("metrics", spec.name)
    arrays: dict[str, Array] = {"result": result.colors(), "truth": truth.colors()}
    taken = {name: arrays[name].astype(np.float64) for name in metric.arrays}
    goodness: float = metric.goodness(metric.function(**taken, **metric.complete(spec.settings)))
    return goodness
