"""Calibration: measures the time of a step, a validation and the comparison, and plans the steps until a deadline."""

import copy
import math
import os

from torch import nn

from repix.arithmetic.step_text import plural
from repix.conversion import WHOLE, convert
from repix.errors import RepixError
from repix.evaluation import Examples, measure
from repix.pictures import Picture
from repix.training.build import Training
from repix.training.comparison import baselines
from repix.training.deadline import (
    COMPARING,
    EXPORT,
    FEWEST_COMPARED,
    NO_DEADLINE,
    TIMING,
    Clock,
    Costs,
    Deadline,
    NoDeadline,
)
from repix.training.run_folder import Message
from repix.training.torch_engine import TorchEngine

TIMED_FOR = 5.0
"""Seconds in which steps are timed."""
FEW, ENOUGH = 4, 1.0
"""A validation is timed on this many pictures, or for this many seconds."""
CROPS = 16, 64
"""Rows and columns that the classical filter is timed on: some take minutes for a picture."""
BUSIEST = 8.0
"""The largest slowdown that `busy` returns."""
MARGIN = 2.0
"""A whole picture may take this many times the time that its crops predict."""
PASSES = 4
"""The comparison of a picture takes about this many validations: it is converted exactly and in bf16, and measured."""


def plan(
    training: Training, network: nn.Module, clock: Clock, validations: int | None, message: Message
) -> tuple[Training, Deadline | NoDeadline]:
    """Return the training with as many steps as its minutes allow, and its deadline.

    `validations` are those asked for, if any. Where a number of steps was asked for, nothing changes.
    """
    minutes = training.config.minutes
    if not training.config.has_deadline:
        return training, NO_DEADLINE
    deadline = Deadline(60 * minutes, clock, calibrate(training, network, clock, 60 * minutes))
    steps, affordable = deadline.plan()
    training = training.planned(steps, affordable if validations is None else validations)
    config, given = training.config, f"{minutes:g} {'minute' if minutes == 1 else 'minutes'}"
    message(
        f"{given}, of which {clock():.0f} s have passed: "
        f"{plural(config.steps, 'step')} of {deadline.step * 1000:.0f} ms, "
        f"{plural(config.validations, 'validation')} of {deadline.longest:.1f} s, "
        f"and {deadline.tail - deadline.longest:.0f} s to export and compare"
    )
    if deadline.over:
        message(
            f"note: {given} is too short a time on this machine: one step, the export and the comparison would end "
            f"after {deadline.least:.0f} s. One step is made, which is too little to learn from; give more minutes."
        )
    return training, deadline


def calibrate(training: Training, network: nn.Module, clock: Clock, seconds: float) -> Costs:
    """Return the measured times of a step, a validation and the comparison; `seconds` are those of the training."""
    step = seconds_per_step(training, network, clock, min(TIMED_FOR, TIMING * seconds))
    validated, compared = len(training.holdout.validation), len(training.holdout.comparison)
    export = EXPORT * busy()
    if not validated:
        return Costs(step, 0.0, export=export)
    each = _seconds_to_validate(training, network, clock)
    classical = _seconds_to_filter(training, clock, COMPARING * seconds)
    passes = PASSES + len(training.task.side.examples)
    return Costs(step, each * validated, passes * each, classical, compared, export)


def seconds_per_step(training: Training, network: nn.Module, clock: Clock, seconds: float = TIMED_FOR) -> float:
    """Return the seconds of a step with its batch, measured on a copy of the network.

    The first step is slower and is left out, unless it took all the seconds. Steps of a warm-up are not timed.
    """
    fabric = training.config.compute.fabric()
    objective, dataset = training.objective(copy.deepcopy(network), fabric), training.dataset()
    begin = clock()
    objective.step(fabric.to_device(dataset[0]), objective.warm_up + 1)
    first = clock() - begin
    if first > seconds:
        return first
    begin, timed = clock(), 0
    while not timed or clock() - begin < seconds:
        timed += 1
        objective.step(fabric.to_device(dataset[timed]), objective.warm_up + 1 + timed)
    return (clock() - begin) / timed


def busy() -> float:
    """Return the slowdown by other programs on this machine; 1 if a core is free."""
    if not hasattr(os, "getloadavg"):  # Windows
        return 1.0
    return min(BUSIEST, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def _seconds_to_validate(training: Training, network: nn.Module, clock: Clock) -> float:
    """Return the seconds to validate one picture."""
    device, task = training.config.compute, training.task
    engine = TorchEngine(network.to(device.name), training.contract, device, task.logits)
    begin, done = clock(), 0
    while done < min(FEW, len(training.holdout.validation)) and (not done or clock() - begin < ENOUGH):
        one: Examples = training.holdout.validation[done : done + 1]
        measure(lambda picture: convert(picture, engine, WHOLE), one, task.metrics)
        done += 1
    return (clock() - begin) / done


def _seconds_to_filter(training: Training, clock: Clock, most: float) -> float:
    """Return the seconds of the classical filter for one picture, predicted from crops; 0 without a filter.

    Where a few crops alone would take more than `most` seconds, nothing larger is tried.
    """
    filters, source = baselines(training)[1:], training.holdout.validation[0].source
    if not filters:
        return 0.0
    seconds: list[float] = []
    crops = [Picture(source.pixels[:side, :side]) for side in CROPS]
    for crop in crops:
        begin = clock()
        try:
            filters[0].convert(crop)
        except RepixError:
            return 0.0  # the whole picture is refused in the same way, at once
        seconds.append(clock() - begin)
        if seconds[0] * FEWEST_COMPARED > most:
            return seconds[0]
    pixels = [math.prod(one.size) for one in (*crops, source)]
    each = max(0.0, seconds[1] - seconds[0]) / max(1, pixels[1] - pixels[0])
    return MARGIN * (seconds[0] + each * (pixels[2] - pixels[0]))
