"""Speed of converters, measured in turns, so that a busy moment of the machine does not hit one of them only."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter, process_time
from typing import NamedTuple

from repix.errors import RepixError
from repix.evaluation.examples import Examples
from repix.pictures import Picture
from repix.tasks import Baseline
from repix.volumes import Stack

SIDE = 512
"""Height and width of the result, at most, in pixels."""
SLICES = 8
"""Slices of a volume, at most."""
ROUNDS = 7
"""Each converter converts the picture once in each round; the first round warms up, and is hardly ever the fastest."""
FEWEST = 3
"""Rounds of slow converters."""
BUSY = 0.8
"""Below this processor time per time, the process had to wait, because an idle machine runs one thread or more."""
PATIENCE = 30.0
"""Seconds after which no further round begins, except for the fewest ones."""


@dataclass(frozen=True)
class Speeds:
    """Conversion times of several converters, measured in the same rounds on the same picture."""

    source: tuple[int, int]
    """Height and width of the picture."""
    rounds: int
    """Number of rounds."""
    seconds: Mapping[str, float]
    """Seconds per megapixel of the result in the fastest round, by the converter's name; NaN for one that failed."""
    slices: int = 0
    """Slices of a volume; 0 for a picture."""
    busy: bool = False
    """True if other programs used the processors even in the fastest rounds, so that the times are too long."""

    def of(self, name: str) -> float:
        """Return the seconds per megapixel of a converter; NaN if it was not measured."""
        return self.seconds.get(name, math.nan)

    @property
    def protocol(self) -> str:
        """Return the protocol as text: the picture, and the rounds.

        >>> Speeds((384, 512), 7, {}).protocol
        'one picture of 512×384 pixels, the fastest of 7 rounds in which all models take turns'
        """
        height, width = self.source
        busy = "; other programs used the processors, so the times are too long" if self.busy else ""
        source = f"{self.slices} slices" if self.slices else "one picture"
        return (
            f"{source} of {width}×{height} pixels, the fastest of {self.rounds} rounds in which all models take "
            f"turns{busy}"
        )


class _Round(NamedTuple):
    """A conversion: its time, the processors' time, and the pixels of the result; the fastest is the smallest."""

    seconds: float
    used: float
    pixels: int


def timed_source(examples: Examples, side: int) -> Picture | None:
    """Return the center of the first source that can be read, of at most side×side; None if there is none."""
    for index in range(len(examples)):
        with suppress(RepixError, MemoryError):
            return _center(examples[index].source, side)
    return None


def in_turns(
    converters: Sequence[Baseline],
    source: Picture,
    progress: Callable[[int, int], None] | None = None,
    clock: Callable[[], float] = perf_counter,
    processor: Callable[[], float] = process_time,
) -> Speeds:
    """Return the speed of converters: A B C A B C ..., and of each the fastest round.

    Other programs can only make a round slower, so the fastest one is closest to the speed of the idle machine.

    Args:
        converters: the converters; names are unique.
        source: the picture.
        progress: gets the number of finished rounds, and their total.
        clock: returns the time in seconds.
        processor: returns the time that this process used the processors, in seconds.
    """
    found: dict[str, list[_Round]] = {one.name: [] for one in converters}
    failed: set[str] = set()
    begun, rounds = clock(), 0
    while rounds < ROUNDS and (rounds < FEWEST or clock() - begun < PATIENCE):
        for one in converters:
            if one.name in failed:
                continue
            start, used = clock(), processor()
            try:
                result = one.convert(source)
            except (RepixError, MemoryError):
                failed.add(one.name)
            else:
                found[one.name].append(_Round(clock() - start, processor() - used, math.prod(result.size)))
        rounds += 1
        if progress is not None:
            progress(rounds, ROUNDS)
    fastest = {name: min(each) for name, each in found.items() if name not in failed}
    seconds = {
        name: fastest[name].seconds * 1e6 / fastest[name].pixels if name in fastest else math.nan for name in found
    }
    waited = sum(one.used for one in fastest.values()) < BUSY * sum(one.seconds for one in fastest.values())
    if isinstance(source, Stack):
        return Speeds(source.slice_size, rounds, seconds, source.slices, waited)
    return Speeds(source.size, rounds, seconds, busy=waited)


def _center(picture: Picture, side: int) -> Picture:
    if isinstance(picture, Stack):
        first = max(0, picture.slices - SLICES) // 2
        picture = Stack.of_voxels(picture.voxels[first : first + SLICES])
        height, width = (min(side, length) for length in picture.slice_size)
        return Stack.of_voxels(picture.voxels[:, :height, :width])
    height, width = (min(side, length) for length in picture.size)
    top, left = (picture.size[0] - height) // 2, (picture.size[1] - width) // 2
    return replace(picture, pixels=picture.pixels[top : top + height, left : left + width])
