"""Outcomes of a list's files in little memory: an `Outcome` exists only while it is used."""

from array import array
from collections.abc import Sequence
from typing import overload

from repix.batch.jobs import Job
from repix.batch.outcome import STATES, Outcome
from repix.pictures.fidelity_report import Fidelity

UNKNOWN = -1


class Outcomes(Sequence[Outcome]):
    """A sequence of outcomes, one for each job, which takes some 30 bytes for each.

    >>> from pathlib import Path
    >>> jobs = [Job(Path("a.png"), Path("out/a.png")), Job(Path("b.png"), Path("out/b.png"))]
    >>> outcomes = Outcomes(jobs)
    >>> outcomes.put(1, Outcome(jobs[1].source, jobs[1].target, "done", pixels=12))
    >>> [(one.state, one.source.name, one.pixels) for one in outcomes]
    [('left', 'a.png', None), ('done', 'b.png', 12)]
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._states = bytearray([STATES.index("left")]) * len(jobs)
        self._seconds = array("d", [0.0]) * len(jobs)
        self._pixels = array("q", [UNKNOWN]) * len(jobs)
        self._notes = array("L", [0]) * len(jobs)
        self._fidelities = [Fidelity()]
        self._numbers = {Fidelity(): 0}
        """Most pictures of a list have the same notes as others."""
        self._failures: dict[int, Outcome] = {}

    def put(self, number: int, outcome: Outcome) -> None:
        """Keep the outcome of a job."""
        self._states[number] = STATES.index(outcome.state)
        if outcome.reason:
            self._failures[number] = outcome
            return
        self._seconds[number] = outcome.seconds
        self._pixels[number] = UNKNOWN if outcome.pixels is None else outcome.pixels
        note = self._numbers.setdefault(outcome.fidelity, len(self._fidelities))
        if note == len(self._fidelities):
            self._fidelities.append(outcome.fidelity)
        self._notes[number] = note

    def __len__(self) -> int:
        return len(self._jobs)

    @overload
    def __getitem__(self, at: int) -> Outcome: ...

    @overload
    def __getitem__(self, at: slice) -> list[Outcome]: ...

    def __getitem__(self, at: int | slice) -> Outcome | list[Outcome]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        if at in self._failures:
            return self._failures[at]
        job, pixels = self._jobs[at], self._pixels[at]
        return Outcome(
            job.source,
            job.target,
            STATES[self._states[at]],
            seconds=self._seconds[at],
            pixels=None if pixels == UNKNOWN else pixels,
            fidelity=self._fidelities[self._notes[at]],
        )
