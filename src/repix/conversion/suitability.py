"""Suitability: whether a picture is one that a model is for, and whether the model changed it."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from repix.conversion.change import Change
from repix.conversion.row_source import Decoder
from repix.errors import Unsuitable
from repix.inspection import inspect
from repix.inspection.advice import advice, parts_for, unsuitable
from repix.inspection.inspector import Specimen, header_of
from repix.inspection.jpeg_tables import JpegHeader
from repix.inspection.samples import Sampler
from repix.pictures import Fidelity, Picture
from repix.pictures.sources import FileSource
from repix.tasks import Task

LEAST_CHANGE = 1.0
"""Results that differ less from their source are said, in gray levels (8-bit)."""


class _Sampled:
    """A decoder that keeps samples of the rows it gives."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder, self._sampler = decoder, Sampler(decoder.size)
        self.channels, self.size = decoder.channels, decoder.size
        self._last: Picture | None = None

    def read(self, rows: int) -> Picture:
        """Return the next rows."""
        self._last = self._decoder.read(rows)
        self._sampler.add(self._last)
        return self._last

    def specimen(self, header: JpegHeader | None) -> Specimen:
        """Return what the estimators see, after the last row."""
        assert self._last is not None  # noqa: S101 (a picture has rows)
        return Specimen(self._last, self.size, self._sampler.samples(), header)


class Suitability:
    """Check of one file: an inspection of samples of its rows, and the change by the conversion.

    Args:
        source: the file.
        rows: its rows; what is converted is read from the attribute `rows`, so that it is decoded once.
        task: the model's task.
        strength: below 1, results are blended with their source, so that the change tells nothing.
        fail: fail for a picture that the model is not for, or that it leaves almost unchanged.
    """

    def __init__(self, source: FileSource, rows: Decoder, task: Task, strength: float, fail: bool) -> None:
        self._source, self._domain, self._fail = source, task.domain, fail
        self._header = header_of(source)
        self._sampled = _Sampled(rows)
        self.rows: Decoder = self._sampled
        comparable = strength == 1 and task.masks is None and task.scale == 1
        self.change: Change | None = Change() if comparable else None

    def look(self) -> None:
        """Inspect the file before anything is converted, if `fail` is set.

        Raises:
            Unsuitable: the picture is not one the model is for, and `fail` is set.
        """
        if self._fail and (problem := unsuitable(inspect(self._source), self._domain)):
            raise Unsuitable(f"{self._source}: {problem}; it was not converted (--fail-unsuitable).")

    def watch(self, results: Iterable[Picture]) -> Iterator[Picture]:
        """Yield the bands of a result.

        Raises:
            Unsuitable: after the last band, if the result is almost unchanged and `fail` is set.
        """
        yield from results
        if self._fail and (unchanged := self._unchanged()):
            raise Unsuitable(f"{self._source}: {unchanged}; it was not written (--fail-unsuitable).")

    def report(self) -> Fidelity:
        """Return the advice, at most one line, after the last row was read."""
        said = self._problem() or self._unchanged()
        return Fidelity(advice=(said,)) if said else Fidelity()

    def _problem(self) -> str:
        """Return why the picture is not one the model is for; empty if it is.

        At first only what the model's domain limits is looked at; the rest is needed for advice.
        """
        if self._fail or not unsuitable(self._specimen.inspection(parts_for(self._domain)), self._domain):
            return ""
        return unsuitable(self._specimen.inspection(), self._domain)

    def _unchanged(self) -> str:
        """Return a sentence about a result that is almost its source; empty for others."""
        levels = None if self.change is None else self.change.levels
        if levels is None or levels >= LEAST_CHANGE:
            return ""
        said = f"the result differs from the picture by only {levels:.1f} gray levels on average"
        found = self._specimen.inspection()
        if better := advice(found, besides=self._domain.removes):
            return f"{said}; the picture {better[0]}"
        return f"{said}: there was little to remove" if advice(found) else f"{said}; no noise and no blur were found"

    @cached_property
    def _specimen(self) -> Specimen:
        return self._sampled.specimen(self._header)
