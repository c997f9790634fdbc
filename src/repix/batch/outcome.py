"""The outcome of each file of a run: progress while it runs, a report when it is over."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from repix.pictures.fidelity_report import Fidelity

State = Literal["done", "kept", "failed", "left", "new", "renewed"]
"""Made now, there already, impossible, not begun; and of a run that is only foreseen: to be made, to be made again."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    source: Path
    target: Path | None
    """Where its result is; None for a folder that could not be read."""
    state: State
    reason: str = ""
    """Why it failed, in a sentence."""
    seconds: float = 0.0
    pixels: int | None = None
    fidelity: Fidelity = field(default_factory=Fidelity)
    traceback: str = ""
    """Where it failed, if that was not on purpose."""
    sentence: str = ""
    """The error's own sentence, which need not name the file; for who converts one file only."""
    exit_code: int = 1
    """The error's, where it failed."""

    def as_json(self) -> dict[str, Any]:
        """Nothing but what JSON knows."""
        plain = {
            "source": str(self.source),
            "target": None if self.target is None else str(self.target),
            "state": self.state,
            "reason": self.reason,
            "seconds": round(self.seconds, 3),
            "pixels": self.pixels,
            "notes": {"converted": list(self.fidelity.converted), "lost": list(self.fidelity.lost)},
        }
        return plain | ({"traceback": self.traceback} if self.traceback else {})


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    last: Outcome | None
    """The file that was finished just now; None where only some of a file's tiles were."""
    files: int
    finished: int
    """How many of the files are done, kept or failed."""
    failed: int
    pixels: int
    """How many pixels there are to convert, as far as it is known; files that are kept do not count."""
    converted: int
    """How many of them are converted, those of files that are not yet done included."""
    seconds: float
    left: float | None
    """Seconds until the end; None while nobody can say."""

    @property
    def speed(self) -> float:
        """Pixels a second."""
        return self.converted / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Report:
    """What became of a run.

    >>> Report((Outcome(Path("a.png"), Path("b.png"), "failed", "a.png is empty."),)).exit_code
    1
    """

    outcomes: tuple[Outcome, ...]
    seconds: float = 0.0
    stopped: str = ""
    """Why the run did not go on to its end, in a sentence."""
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0: every result is there, 130: interrupted, else 1; of a single file the code of its error."""
        if self.interrupted:
            return 130
        if len(self.outcomes) == 1 and self.outcomes[0].state == "failed":
            return self.outcomes[0].exit_code
        return int(bool(self.stopped or self.count("failed") or self.count("left")))

    def count(self, state: State) -> int:
        """How many files came to this."""
        return Counter(one.state for one in self.outcomes)[state]

    def as_json(self) -> dict[str, Any]:
        """Nothing but what JSON knows: the files in order, and the totals."""
        states: Sequence[State] = ("done", "kept", "failed", "left")
        pixels = sum(one.pixels or 0 for one in self.outcomes if one.state == "done")
        totals = {state: self.count(state) for state in states}
        return {
            "files": [one.as_json() for one in self.outcomes],
            "totals": {"files": len(self.outcomes), **totals, "pixels": pixels, "seconds": round(self.seconds, 3)},
            "stopped": self.stopped,
            "interrupted": self.interrupted,
        }
