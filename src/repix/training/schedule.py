"""Schedule of a training: the learning rate and the patch size of each step."""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from repix.errors import WrongUse

WARM_UP = 0.03
"""The share of the steps during which the learning rate rises."""
LATE = 0.75
"""The share of the steps after which patches are larger: first for details, then for their surroundings."""
GROWTH = 1.5
LAST_RATE = 0.01
"""The learning rate at the end, as a share of the highest."""
EARLY, EARLY_STEPS = 0.25, 200
"""Up to this share of the steps, and at least this number, a flat result does not mean that the network fails."""


@dataclass(frozen=True)
class Phase:
    """The steps with patches of one size."""

    first: int
    """Its first step."""
    size: int
    count: int
    """Patches in a step."""
    before: int
    """Patches of all earlier phases."""


@dataclass(frozen=True)
class Schedule:
    """The phases of a training with a number of steps.

    >>> schedule = Schedule.of(1000, size=128, batch=16, multiple=8, largest=321)
    >>> [(phase.first, phase.size, phase.count) for phase in schedule.phases]
    [(0, 128, 16), (750, 192, 7)]
    """

    steps: int
    phases: tuple[Phase, ...]

    @classmethod
    def of(cls, steps: int, size: int, batch: int, multiple: int, largest: int) -> "Schedule":
        """Return a schedule with patches of about `size`, later of 1.5 times that, in multiples of `multiple`.

        No patch is larger than `largest`. Every step has about the same number of pixels, so larger patches are fewer.
        """
        size = min(size, largest) // multiple * multiple
        if not size:
            raise WrongUse(
                f"The network takes multiples of {multiple} pixels, and the pictures have only {largest}; "
                "choose a network with a smaller step, or larger pictures."
            )
        grown = min(int(size * GROWTH), largest) // multiple * multiple
        late = int(steps * LATE)
        phases = [Phase(0, size, batch, 0)]
        if grown > size and late:
            phases.append(Phase(late, grown, max(1, round(batch * size**2 / grown**2)), late * batch))
        return cls(steps, tuple(phases))

    def replanned(self, step: int, steps: int) -> "Schedule":
        """Return the schedule with another number of steps from this step on; larger patches begin at the new time.

        >>> schedule = Schedule.of(1000, size=128, batch=16, multiple=8, largest=321).replanned(300, 380)
        >>> [(phase.first, phase.size, phase.before) for phase in schedule.phases]
        [(0, 128, 0), (300, 192, 4800)]
        """
        early, *late = self.phases
        first = max(step, int(steps * LATE))
        moved = [
            one if one.first < step else replace(one, first=first, before=first * early.count)
            for one in late
            if one.first < step or first < steps
        ]
        return replace(self, steps=steps, phases=(early, *moved))

    def to_dict(self) -> dict[str, int]:
        """Return the values that replanning changes, for a checkpoint."""
        return {"steps": self.steps, "late": self.phases[-1].first}

    def as_saved(self, saved: Mapping[str, Any]) -> "Schedule":
        """Return the schedule with the values of a checkpoint; damaged values raise a ValueError."""
        steps, late = saved.get("steps"), saved.get("late")
        if type(steps) is not int or type(late) is not int or not 0 <= late < steps:
            raise ValueError("This is not the state of a schedule.")
        early, *grown = self.phases
        moved = [replace(one, first=late, before=late * early.count) for one in grown if late]
        return replace(self, steps=steps, phases=(early, *moved))

    def is_early(self, step: int) -> bool:
        """Return whether it is too early to judge a network by its results.

        >>> [Schedule.of(steps, 8, 1, 1, 8).is_early(step) for steps, step in ((12, 12), (1000, 240), (1000, 260))]
        [True, True, False]
        """
        return step <= max(EARLY_STEPS, self.steps * EARLY)

    def phase(self, step: int) -> Phase:
        """Return the phase of a step."""
        return self.phases[bisect_right([phase.first for phase in self.phases], step) - 1]

    def lr_factor(self, step: int) -> float:
        """Return the learning rate of a step, as a share of the highest: linear warm-up, then half a cosine.

        >>> schedule = Schedule.of(100, 8, 1, 1, 8)
        >>> [round(schedule.lr_factor(step), 2) for step in (0, 2, 3, 51, 99)]
        [0.33, 1.0, 1.0, 0.51, 0.01]
        """
        warm = max(1, round(self.steps * WARM_UP))
        if step < warm:
            return (step + 1) / warm
        done = min(1.0, (step - warm) / max(1, self.steps - warm))
        return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * done)) / 2
