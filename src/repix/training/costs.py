"""What steps, validations and the comparison cost on this machine, measured before a training that has a deadline."""

import math
import os
from typing import Any

from repix.conversion import WHOLE, convert
from repix.errors import RepixError
from repix.evaluation import Examples, measure
from repix.pictures import Picture
from repix.training.comparison import others
from repix.training.engine import TorchEngine
from repix.training.preparing import Prepared
from repix.training.rehearsal import TIMED_FOR, seconds_per_step
from repix.training.time_budget import COMPARING, EXPORT, FEWEST_COMPARED, TIMING, Clock, Costs

FEW, ENOUGH = 4, 1.0
"""Pictures that a validation is timed on, or fewer if they take so many seconds."""
CROPS = 16, 64
"""Rows and columns that the classical filter is timed on: some take minutes for a picture."""
BUSIEST = 8.0
"""More is not believed."""
MARGIN = 2.0
"""A whole picture can take so many times as long as its crops say."""
PASSES = 4
"""How often a picture goes through the finished model, exact and with bf16, or is measured without it."""


def costs(prepared: Prepared, module: Any, clock: Clock, seconds: float) -> Costs:
    """What everything takes, measured before a training of so many seconds."""
    feed = prepared.feed(prepared.schedule(1000))
    step = seconds_per_step(
        module, feed, prepared.optimizing, prepared.machine, clock, min(TIMED_FOR, TIMING * seconds)
    )
    judged, compared = len(prepared.judged), len(prepared.compared)
    export = EXPORT * busy()
    if not judged:
        return Costs(step, 0.0, export=export)
    each = _validating(prepared, module, clock)
    return Costs(step, each * judged, PASSES * each, _filtering(prepared, clock, COMPARING * seconds), compared, export)


def busy() -> float:
    """How much longer everything takes because others use this machine too; 1 where it has a core for everybody."""
    if not hasattr(os, "getloadavg"):  # Windows
        return 1.0
    return min(BUSIEST, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def _validating(prepared: Prepared, module: Any, clock: Clock) -> float:
    """Seconds to validate one picture."""
    engine = TorchEngine(module.to(prepared.machine.device), prepared.contract, prepared.machine, prepared.task.scores)
    begin, done = clock(), 0
    while done < min(FEW, len(prepared.judged)) and (not done or clock() - begin < ENOUGH):
        one: Examples = prepared.judged[done : done + 1]
        measure(lambda picture: convert(picture, engine, WHOLE), one, prepared.task.metrics)
        done += 1
    return (clock() - begin) / done


def _filtering(prepared: Prepared, clock: Clock, most: float) -> float:
    """Seconds that the classical filter takes for one picture, from crops; 0 where there is no filter.

    Where a crop alone takes too long for a few pictures in `most` seconds, nothing larger is tried.
    """
    ways, source = others(prepared)[1:], prepared.judged[0].source
    if not ways:
        return 0.0
    seconds: list[float] = []
    crops = [Picture(source.pixels[:side, :side]) for side in CROPS]
    for crop in crops:
        begin = clock()
        try:
            ways[0].convert(crop)
        except RepixError:
            return 0.0  # it will say the same of the whole picture, at once
        seconds.append(clock() - begin)
        if seconds[0] * FEWEST_COMPARED > most:
            return seconds[0]
    pixels = [math.prod(one.size) for one in (*crops, source)]
    each = max(0.0, seconds[1] - seconds[0]) / max(1, pixels[1] - pixels[0])
    return MARGIN * (seconds[0] + each * (pixels[2] - pixels[0]))
