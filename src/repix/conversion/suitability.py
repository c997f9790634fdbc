"""Suitability: whether a picture is one that a model is for, and whether the model changed it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from repix.conversion.change import Change
from repix.errors import Unsuitable
from repix.inspection import inspect
from repix.inspection.advice import advice, unsuitable
from repix.pictures import Fidelity, Picture
from repix.tasks import Task

LEAST_CHANGE = 1.0
"""Results that differ less from their source are said, in gray levels (8-bit)."""


@dataclass(frozen=True)
class Suitability:
    """What an inspection before the conversion, and the change by it, tell."""

    source: Path
    problem: str
    """Why the picture is not one the model is for; empty if it is."""
    fail: bool
    """Fail for such a picture, or for a result that is almost unchanged."""
    change: Change | None = None
    """None where results cannot be compared with sources: masks, and results blended with the source."""

    @classmethod
    def of(cls, source: Path, task: Task, strength: float, fail: bool) -> "Suitability":
        """Inspect a picture.

        Raises:
            Unsuitable: the picture is not one the model is for, and `fail` is set.
        """
        domain = task.domain
        quick = domain.blur is domain.motion is domain.defocus is domain.jpeg is None
        problem = unsuitable(inspect(source, quick=quick), domain)
        if problem and fail:
            raise Unsuitable(f"{source}: {problem}; it was not converted (--fail-unsuitable).")
        comparable = strength == 1 and task.masks is None and task.scale == 1
        return cls(source, problem, fail, Change() if comparable else None)

    def watch(self, results: Iterable[Picture]) -> Iterator[Picture]:
        """Yield the bands of a result.

        Raises:
            Unsuitable: after the last band, if the result is almost unchanged and `fail` is set.
        """
        yield from results
        if self.fail and (unchanged := self._unchanged()):
            raise Unsuitable(f"{self.source}: {unchanged}; it was not written (--fail-unsuitable).")

    def report(self) -> Fidelity:
        """Return the advice, at most one line."""
        said = self.problem or self._unchanged()
        return Fidelity(advice=(said,)) if said else Fidelity()

    def _unchanged(self) -> str:
        """Return a sentence about a result that is almost its source; empty for others."""
        levels = None if self.change is None else self.change.levels
        if levels is None or levels >= LEAST_CHANGE:
            return ""
        said = f"the result differs from the picture by only {levels:.1f} gray levels on average"
        better = advice(inspect(self.source))
        return f"{said}; the picture {better[0]}" if better else f"{said}; no noise and no blur were found"
