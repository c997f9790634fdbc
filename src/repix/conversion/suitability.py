"""Suitability: whether a picture is one that a model is for, and whether the model changed it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from repix.conversion.change import Change
from repix.errors import Unsuitable
from repix.inspection import inspect
from repix.inspection.advice import advice, unsuitable
from repix.pictures import Fidelity, Picture
from repix.tasks import Task

LEAST_CHANGE = 1.0
"""Results that differ less from their source are said, in gray levels (8-bit)."""


class Suitability:
    """Check of one file: an inspection before the conversion, and the change by the conversion.

    Args:
        source: the file.
        task: the model's task.
        strength: below 1, results are blended with their source, so that the change tells nothing.
        fail: fail for a picture that the model is not for, or that it leaves almost unchanged.
    """

    def __init__(self, source: Path, task: Task, strength: float, fail: bool) -> None:
        self._source, self._domain, self._fail = source, task.domain, fail
        self._problem = ""
        comparable = strength == 1 and task.masks is None and task.scale == 1
        self.change: Change | None = Change() if comparable else None

    def look(self) -> None:
        """Inspect the file, before anything is converted.

        Raises:
            Unsuitable: the picture is not one the model is for, and `fail` is set.
        """
        domain = self._domain
        quick = domain.blur is domain.motion is domain.defocus is domain.jpeg is None
        self._problem = unsuitable(inspect(self._source, quick=quick), domain)
        if self._problem and self._fail:
            raise Unsuitable(f"{self._source}: {self._problem}; it was not converted (--fail-unsuitable).")

    def watch(self, results: Iterable[Picture]) -> Iterator[Picture]:
        """Yield the bands of a result.

        Raises:
            Unsuitable: after the last band, if the result is almost unchanged and `fail` is set.
        """
        yield from results
        if self._fail and (unchanged := self._unchanged()):
            raise Unsuitable(f"{self._source}: {unchanged}; it was not written (--fail-unsuitable).")

    def report(self) -> Fidelity:
        """Return the advice, at most one line."""
        said = self._problem or self._unchanged()
        return Fidelity(advice=(said,)) if said else Fidelity()

    def _unchanged(self) -> str:
        """Return a sentence about a result that is almost its source; empty for others."""
        levels = None if self.change is None else self.change.levels
        if levels is None or levels >= LEAST_CHANGE:
            return ""
        said = f"the result differs from the picture by only {levels:.1f} gray levels on average"
        found = inspect(self._source)
        if better := advice(found, besides=self._domain.removes):
            return f"{said}; the picture {better[0]}"
        return f"{said}: there was little to remove" if advice(found) else f"{said}; no noise and no blur were found"
