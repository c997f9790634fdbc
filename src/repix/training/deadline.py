"""Deadline of a training (`--minutes`), from the command to the compared model.

A clock is a function, so that tests decide how time passes.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from time import perf_counter

Clock = Callable[[], float]
"""Returns the seconds since the command began."""


def stopwatch() -> Clock:
    """Return a clock that starts now."""
    begun = perf_counter()
    return lambda: perf_counter() - begun


MOST_VALIDATIONS = 12
"""The most validations of a training."""
VALIDATING = 0.1
"""The share of the time, or of the work, that validations may take; the last validation is always made."""
OVERFITTING, TIMING = 0.05, 0.05
"""The shares that the overfit sanity check and the timing of steps may take."""
COMPARING = 0.15
"""The share that is reserved for the comparison, if it needs that much."""
FEWEST_COMPARED = 4
"""The classical filter, which can take minutes for a picture, is left out if this many do not fit."""
EXPORT = 8.0
"""Seconds reserved for the export on an idle machine; it takes five or six."""
PRIOR = 4
"""The expected time of a step has the weight of this many measured steps."""
OFF = 0.1
"""The steps are planned again if their expected end misses the deadline by this share of the time left."""
FEWEST_STEPS, APART = 5, 0.05
"""Between two plans are at least this many steps and this share of all time; a new plan needs this share too."""


@dataclass(frozen=True)
class Costs:
    """Seconds that were measured before the training."""

    step: float
    validation: float
    compared: float = 0.0
    """One held-out picture with the finished model, in all its precisions."""
    classical: float = 0.0
    """One held-out picture with the classical filter."""
    pictures: int = 0
    """The number of held-out pictures in the comparison."""
    export: float = EXPORT

    @property
    def comparison(self) -> float:
        """All pictures, with the model and the filter."""
        return self.pictures * (self.compared + self.classical)


class Deadline:
    """Plans the steps that fit, and says when the time is over and when there is time for a validation."""

    def __init__(self, seconds: float, clock: Clock, costs: Costs) -> None:
        self.seconds, self.clock, self.costs = seconds, clock, costs
        self.longest = costs.validation
        """The longest validation so far."""
        self.validating = 0.0
        """Seconds of all validations."""
        self._expected, self._spent, self._steps = costs.step, 0.0, 0
        self._since = clock()

    @property
    def tail(self) -> float:
        """Seconds reserved for the last validation, the export and the comparison."""
        return self.longest + self.costs.export + min(self.costs.comparison, COMPARING * self.seconds)

    @property
    def left(self) -> float:
        """Seconds left for steps, and for validations before the last one."""
        return self.seconds - self.tail - self.clock()

    @property
    def step(self) -> float:
        """The expected seconds of a step."""
        return (PRIOR * self._expected + self._spent) / (PRIOR + self._steps)

    @property
    def over(self) -> bool:
        """True if there is no time for another step."""
        return self.left < self.step

    @property
    def least(self) -> float:
        """The shortest deadline in which one step, the export and the comparison fit, in seconds."""
        return (self.clock() + self.longest + self.costs.export + self.step) / (1 - COMPARING)

    def plan(self) -> tuple[int, int]:
        """Return the steps that fit, at least one, and the validations.

        >>> Deadline(600, lambda: 20.0, Costs(step=0.5, validation=4.0)).plan()
        (1048, 12)
        >>> Deadline(10, lambda: 20.0, Costs(step=0.5, validation=4.0)).plan()
        (1, 1)
        """
        afforded = MOST_VALIDATIONS if not self.longest else int(VALIDATING * self.left / self.longest)
        validations = min(MOST_VALIDATIONS, max(1, afforded))
        return max(1, int((self.left - (validations - 1) * self.longest) / self.step)), validations

    def began(self) -> None:
        """Start timing the steps."""
        self._since = self.clock()

    def stepped(self) -> None:
        """Add the time of a step."""
        now = self.clock()
        self._spent, self._steps, self._since = self._spent + now - self._since, self._steps + 1, now

    @contextmanager
    def validation(self) -> Iterator[None]:
        """Time a validation within a `with` block; its time is not counted as a step's."""
        begin = self.clock()
        yield
        now = self.clock()
        self.validating, self.longest, self._since = (
            self.validating + now - begin,
            max(self.longest, now - begin),
            now,
        )

    @property
    def affords_validation(self) -> bool:
        """True if one more validation stays within its share, and leaves time for a step."""
        within = self.validating + self.longest <= VALIDATING * self.clock()
        return within and self.longest + self.step <= self.left

    def replanned(self, step: int, steps: int, validations: int) -> int | None:
        """Return a new number of steps where `steps` would end too early or too late; else None.

        `step` were made, and `validations` are still due before the last one. Plans are rare, because each changes the
        schedule; before the last step there may always be one, from the steps measured since the last plan.
        """
        left, is_last = self.left - validations * self.longest, step + 1 == steps
        expected = self._spent / self._steps if is_last else self.step
        is_soon = self._steps < FEWEST_STEPS or self._spent < APART * self.seconds
        if (is_soon and not is_last) or left < max(APART * self.seconds, expected):
            return None
        changed = step + int(left / expected)
        if changed == steps or abs((steps - step) * expected - left) <= OFF * left:
            return None
        self._expected, self._spent, self._steps = expected, 0.0, 0
        return changed

    def compared(self) -> tuple[int, bool]:
        """Return the number of held-out pictures there is time for, and whether the classical filter is included."""
        left, costs = max(0.0, self.seconds - self.clock()), self.costs
        most = costs.pictures
        if left >= min(most, FEWEST_COMPARED) * (costs.compared + costs.classical):
            return _fit(left, costs.compared + costs.classical, most), True
        return _fit(left, costs.compared, most), False


class NoDeadline:
    """A deadline that never comes, where a number of steps was asked for."""

    over, affords_validation = False, True

    def began(self) -> None:
        """Time nothing."""

    def stepped(self) -> None:
        """Time nothing."""

    def validation(self) -> AbstractContextManager[None]:
        """Time nothing."""
        return nullcontext()

    def replanned(self, step: int, steps: int, validations: int) -> int | None:  # noqa: ARG002
        """Keep the planned steps."""
        return None


NO_DEADLINE = NoDeadline()


def _fit(seconds: float, each: float, most: int) -> int:
    return most if not each else min(most, max(1, int(seconds / each)))
