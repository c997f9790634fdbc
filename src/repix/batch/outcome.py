"""Outcome of each file of a run: progress while it runs, a report at its end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from repix.batch.turns import Choice
from repix.pictures.fidelity_report import Fidelity
from repix.printable import duration
from repix.remote import AnyPath

State = Literal["done", "kept", "failed", "left", "new", "renewed"]
"""Made now, already up to date, failed, not started; in a dry run also: to be made, to be made again."""

STATE_TEXT: dict[State, str] = {"done": "converted", "kept": "up to date", "failed": "failed", "left": "not started"}

STATES: tuple[State, ...] = get_args(State)
NOTHING_NOTED = Fidelity()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of one file."""

    source: AnyPath
    target: AnyPath | None
    """Path of its result; None for a folder that could not be read."""
    state: State
    reason: str = ""
    """Why it failed, as a sentence."""
    seconds: float = 0.0
    pixels: int | None = None
    fidelity: Fidelity = NOTHING_NOTED
    traceback: str = ""
    """The traceback of an unexpected exception."""
    sentence: str = ""
    """The error's own message, which may not name the file; for commands with a single file."""
    exit_code: int = 1
    """Exit code of the error."""

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary for JSON."""
        plain = {
            "source": str(self.source),
            "target": None if self.target is None else str(self.target),
            "state": self.state,
            "reason": self.reason,
            "seconds": round(self.seconds, 3),
            "pixels": self.pixels,
            "notes": {"converted": list(self.fidelity.converted), "lost": list(self.fidelity.lost)},
            "advice": list(self.fidelity.advice),
        }
        return plain | ({"traceback": self.traceback} if self.traceback else {})


@dataclass(frozen=True)
class Progress:
    """Progress of a run."""

    last: Outcome | None
    """The file that was finished just now; None if only tiles of files were."""
    files: int
    finished: int
    """Number of files that are done, kept or failed."""
    failed: int
    pixels: int
    """Number of pixels to convert, as far as known, without the files that are kept."""
    converted: int
    """Number of converted pixels, including those of unfinished files."""
    seconds: float
    left: float | None
    """Seconds until the end; None if unknown."""

    @property
    def speed(self) -> float:
        """Pixels per second."""
        return self.converted / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Report:
    """Outcome of a run.

    >>> from pathlib import Path
    >>> Report((Outcome(Path("a.png"), Path("b.png"), "failed", "a.png is empty."),)).exit_code
    1
    """

    outcomes: Sequence[Outcome]
    seconds: float = 0.0
    stopped: str = ""
    """Why the run stopped early, as a sentence."""
    interrupted: bool = False
    choice: Choice | None = None
    """Threads or processes, if a run was long enough to try both."""

    @property
    def exit_code(self) -> int:
        """Exit code: 0 if all results exist, 130 if interrupted, else 1; for a single file that of its error."""
        if self.interrupted:
            return 130
        if len(self.outcomes) == 1 and self.outcomes[0].state == "failed":
            return self.outcomes[0].exit_code
        return int(bool(self.stopped or self.count("failed") or self.count("left")))

    def count(self, state: State) -> int:
        """Return the number of files in this state."""
        return Counter(one.state for one in self.outcomes)[state]

    @property
    def pixels(self) -> int:
        """Number of converted pixels."""
        return sum(one.pixels or 0 for one in self.outcomes if one.state == "done")

    @property
    def summary(self) -> str:
        """The number of files in each state, and the speed: one line each."""
        rows = [f"{text:15}{self.count(state):>7}" for state, text in STATE_TEXT.items() if self.count(state)]
        megapixels = self.pixels / 1e6
        speed = f"{megapixels:.1f} MP, {megapixels / max(self.seconds, 1e-9):.2f} MP/s"
        chosen = [] if self.choice is None else [f"workers: {self.choice}"]
        return "\n".join([*rows, f"in {duration(self.seconds)} ({speed})", *chosen])

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary for JSON: the files in order, and the totals."""
        states: Sequence[State] = ("done", "kept", "failed", "left")
        totals = {state: self.count(state) for state in states}
        return {
            "files": [one.as_json() for one in self.outcomes],
            "totals": {"files": len(self.outcomes), **totals, "pixels": self.pixels, "seconds": round(self.seconds, 3)},
            "stopped": self.stopped,
            "interrupted": self.interrupted,
            "workers": None if self.choice is None else self.choice.as_json(),
        }
