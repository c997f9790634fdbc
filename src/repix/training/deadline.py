"""Deadline of a training (`--minutes`): everything from the command to the compared model ends in time.

Nothing here is about networks. A clock is a function, so that tests decide how time passes.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from time import perf_counter

Clock = Callable[[], float]
"""Gives the seconds since the training was asked for."""


def stopwatch() -> Clock:
    """A clock that begins now."""
    begun = perf_counter()
    return lambda: perf_counter() - begun


MOST_VALIDATIONS = 12
"""Validations of a training, where they take little time."""
VALIDATING = 0.1
"""The share of the time, or of the work, that validations may take. The one at the end is made in any case."""
OVERFITTING, TIMING = 0.05, 0.05
"""The shares that the overfit sanity check and the timing of steps may take."""
COMPARING = 0.15
"""The share that is kept for the comparison at the end, if it needs so much."""
FEWEST_COMPARED = 4
"""With fewer held-out pictures, the classical filter, which can take minutes for one, is left out."""
EXPORT = 8.0
"""Seconds that are kept for the export where nothing else runs; it takes five or six."""
PRIOR = 4
"""What was expected of a step counts as much as so many steps that were measured."""
OFF = 0.1
"""How far the expected end may be from the deadline, as a share of the time that is left, before a new plan."""
FEWEST_STEPS, APART = 5, 0.05
"""Two plans are so many steps apart, and this share of all time, which must also be left for a new one."""


@dataclass(frozen=True)
class Costs:
    """What was measured before the training, in seconds."""

    step: float
    validation: float
    compared: float = 0.0
    """One held-out picture by the finished model, in all its precisions."""
    classical: float = 0.0
    """One held-out picture by the best classical filter."""
    pictures: int = 0
    """How many there are to compare."""
    export: float = EXPORT

    @property
    def comparison(self) -> float:
        """All pictures in all ways."""
        return self.pictures * (self.compared + self.classical)


class Deadline:
    """Says how many steps fit, when time is over, and when a validation can be afforded."""

    def __init__(self, seconds: float, clock: Clock, costs: Costs) -> None:
        self.seconds, self.clock, self.costs = seconds, clock, costs
        self.longest = costs.validation
        """Of a validation."""
        self.validating = 0.0
        """Seconds that all validations took."""
        self._expected, self._spent, self._steps = costs.step, 0.0, 0
        self._since = clock()

    @property
    def tail(self) -> float:
        """Seconds that are kept for what follows the last step: validation, export, comparison."""
        return self.longest + self.costs.export + min(self.costs.comparison, COMPARING * self.seconds)

    @property
    def left(self) -> float:
        """Seconds that are left for steps, and for validations before the last one."""
        return self.seconds - self.tail - self.clock()

    @property
    def step(self) -> float:
        """Seconds that a step is expected to take."""
        return (PRIOR * self._expected + self._spent) / (PRIOR + self._steps)

    @property
    def over(self) -> bool:
        """Whether no time is left for another step."""
        return self.left < self.step

    @property
    def least(self) -> float:
        """Seconds from the command on in which one step would fit, with all that follows it."""
        return (self.clock() + self.longest + self.costs.export + self.step) / (1 - COMPARING)

    def plan(self) -> tuple[int, int]:
        """Return how many steps fit, one at least, and how many validations.

        >>> Deadline(600, lambda: 20.0, Costs(step=0.5, validation=4.0)).plan()
        (1048, 12)
        >>> Deadline(10, lambda: 20.0, Costs(step=0.5, validation=4.0)).plan()
        (1, 1)
        """
        afforded = MOST_VALIDATIONS if not self.longest else int(VALIDATING * self.left / self.longest)
        validations = min(MOST_VALIDATIONS, max(1, afforded))
        return max(1, int((self.left - (validations - 1) * self.longest) / self.step)), validations

    def began(self) -> None:
        """Steps begin, or go on."""
        self._since = self.clock()

    def stepped(self) -> None:
        """A step was made."""
        now = self.clock()
        self._spent, self._steps, self._since = self._spent + now - self._since, self._steps + 1, now

    @contextmanager
    def validation(self) -> Iterator[None]:
        """A validation, which is measured, and is no part of a step."""
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
        """Whether one more fits into its share, and leaves time for a step after it."""
        within = self.validating + self.longest <= VALIDATING * self.clock()
        return within and self.longest + self.step <= self.left

    def replanned(self, step: int, steps: int, validations: int) -> int | None:
        """Return another number of steps, if after this step so many would end too early or too late; else None.

        `validations` are those between, without the last one. There are few plans, as each changes the schedule.
        Before the last step it is never too soon for one, and only what was measured since the last plan counts.
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
        """Return how many held-out pictures there is time for, and whether for the classical filter too."""
        left, costs = max(0.0, self.seconds - self.clock()), self.costs
        most = costs.pictures
        if left >= min(most, FEWEST_COMPARED) * (costs.compared + costs.classical):
            return _fit(left, costs.compared + costs.classical, most), True
        return _fit(left, costs.compared, most), False


class NoDeadline:
    """A deadline that never comes, where a number of steps was asked for."""

    over, affords_validation = False, True

    def began(self) -> None:
        """No clock runs."""

    def stepped(self) -> None:
        """No step is timed."""

    def validation(self) -> AbstractContextManager[None]:
        """No validation is timed."""
        return nullcontext()

    def replanned(self, step: int, steps: int, validations: int) -> int | None:  # noqa: ARG002
        """Steps stay as they were planned."""
        return None


NO_DEADLINE = NoDeadline()


def _fit(seconds: float, each: float, most: int) -> int:
    return most if not each else min(most, max(1, int(seconds / each)))
