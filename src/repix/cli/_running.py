"""Files through a model: what `repix convert` does with its options, and what it says meanwhile and afterwards."""

import sys
from pathlib import Path
from textwrap import indent
from typing import Any

from repix.cli._converting import Asked
from repix.cli._pipes import STANDARD, Piped, is_pipe
from repix.conversion import open_model, read_model
from repix.conversion.budget import LIBRARIES, Budget
from repix.conversion.crop import Crop
from repix.conversion.file import Wishes, convert_file
from repix.conversion.many.batch import foresee, run
from repix.conversion.many.jobs import Jobs, Naming, find
from repix.conversion.many.making import Advance
from repix.conversion.many.outcome import Outcome, Progress, Report, State
from repix.conversion.many.sizes import pixels_of
from repix.conversion.opening import Opened
from repix.conversion.seats import Seats
from repix.errors import WrongUse
from repix.pictures import Fidelity
from repix.printable import json_text, printable

UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
SAID: dict[State, str] = {"done": "converted", "kept": "there already", "failed": "failed", "left": "not begun"}


def convert_files(model: Path, inputs: list[Path], asked: Asked, verb: str) -> int:
    """Convert all files with a model, and return the exit code."""
    wishes = _wishes(asked)
    engine = open_model(model, asked.engine, device=asked.device, precision=asked.precision, threads=asked.threads)
    wishes.require(engine.contract)
    if engine.note:
        _tell(engine.note)
    mask = engine.contract.make_task().scores
    naming = Naming(asked.suffix, f"-{verb}", asked.format, mask, wishes.beside)
    if is_pipe(inputs, asked.output):
        if asked.output in (None, STANDARD) and wishes.beside:
            raise WrongUse("--compare, --overlay and --probabilities write files beside the result; name one with -o.")
        return Piped(inputs, asked.output, naming).through(
            lambda source, target: convert_file(source, target, engine, wishes)
        )
    jobs = find(inputs, asked.output, naming, recursive=asked.recursive)
    key = _key(model, engine, asked)
    foreseen = asked.dry_run
    report = foresee(jobs, key, overwrite=asked.overwrite) if foreseen else _run(jobs, engine, wishes, key, asked)
    _report(report, asked, jobs)
    return report.exit_code


def bytes_of(text: str) -> int:
    """How many bytes a person means.

    >>> bytes_of("1.5GB"), bytes_of("512 MiB")
    (1500000000, 536870912)
    >>> bytes_of("much")
    Traceback (most recent call last):
    repix.errors.WrongUse: --memory much is no size; write it like 500MB, 2GB or 4GiB.
    """
    plain = text.strip().upper().replace(" ", "")
    unit = plain.lstrip("0123456789.")
    try:
        return int(float(plain[: len(plain) - len(unit)]) * UNITS[unit])
    except (KeyError, ValueError, OverflowError):
        raise WrongUse(f"--memory {text} is no size; write it like 500MB, 2GB or 4GiB.") from None


def _wishes(asked: Asked) -> Wishes:
    return Wishes(
        budget=Budget(bytes_of(asked.memory), asked.tile),
        strength=asked.strength,
        crop=None if asked.crop is None else Crop.read(asked.crop),
        compare=asked.compare,
        overlay=asked.overlay,
        probabilities=asked.probabilities,
        overwrite=asked.overwrite,
        quality=asked.quality,
        strict=asked.strict,
    )


def _key(model: Path, engine: Opened, asked: Asked) -> dict[str, Any]:
    """All that a result depends on besides its source."""
    return {
        "model": read_model(model).checksum,
        "engine": engine.name,
        "precision": engine.precision,
        "strength": asked.strength,
        "crop": asked.crop,
        "quality": asked.quality,
        "beside": [asked.compare, asked.overlay, asked.probabilities],
    }


def _run(jobs: Jobs, engine: Opened, wishes: Wishes, key: dict[str, Any], asked: Asked) -> Report:
    seats = Seats((wishes.budget.memory or 0) - LIBRARIES)
    with Looking(len(jobs.each), asked) as looking:

        def work(source: Path, target: Path, advance: Advance) -> Fidelity:
            advance()
            return convert_file(source, target, engine, wishes, seats=seats, watch=advance)

        workers = 1 if wishes.whole else asked.workers  # one of them would have all the memory
        crop = wishes.crop
        pixels = pixels_of if crop is None else lambda _: crop.width * crop.height
        return run(jobs, work, key, overwrite=asked.overwrite, workers=workers, watch=looking.at, pixels=pixels)


class Looking:
    """What a person sees while files are converted: names as they are done, what fails, and a bar on a terminal."""

    def __init__(self, files: int, asked: Asked) -> None:
        self._files, self._asked = files, asked
        self._bar: Any = None

    def __enter__(self) -> "Looking":
        if sys.stderr is not None and sys.stderr.isatty():
            self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"))
        self._bar = Progress(
            *columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()
        )
        self._task = self._bar.add_task("Converting", total=None, said="")
        self._bar.start()

    def at(self, progress: Progress) -> None:
        """How far the run is; a file may be finished."""
        if progress.last is not None:
            _say(progress.last, self._asked, alone=self._files == 1)
        if self._bar is not None:
            left = "" if progress.left is None else f", {_time(progress.left)} left"
            said = f"{progress.finished} of {progress.files} files, {progress.speed / 1e6:.2f} MP/s{left}"
            self._bar.update(self._task, completed=progress.converted, total=progress.pixels or None, said=said)


def _say(outcome: Outcome, asked: Asked, alone: bool) -> None:
    """One file's end: its name where it was made, the reason where it failed."""
    if outcome.state == "failed":
        _tell(outcome.reason)
        if outcome.traceback:
            print(printable(outcome.traceback, lines=True), file=sys.stderr)
    elif outcome.state == "done" or (alone and outcome.state == "kept"):
        if not asked.as_json:
            print(printable(outcome.target), flush=True)
        if asked.verbose:
            lost = indent(printable(outcome.fidelity, lines=True), "  ")
            print(f"{printable(outcome.target)}:\n{lost}", file=sys.stderr)


def _report(report: Report, asked: Asked, jobs: Jobs) -> None:
    """What became of all files."""
    if asked.as_json:
        print(json_text(report.as_json()))
    if asked.dry_run:
        for one in report.outcomes:
            if not asked.as_json:
                reason = f"  ({one.reason})" if one.reason else ""
                print(printable(f"{one.state:8}{one.target or one.source}{reason}"))
        return
    if report.stopped:
        _tell(report.stopped)
    if len(jobs.each) < 2:
        return
    if jobs.passed_over:
        _tell(f"{len(jobs.passed_over)} files in the folders are no pictures that repix reads.")
    pixels = sum(one.pixels or 0 for one in report.outcomes if one.state == "done")
    rows = [f"{SAID[state]:15}{report.count(state):>7}" for state in SAID if report.count(state)]
    speed = f"{pixels / 1e6:.1f} MP, {pixels / 1e6 / max(report.seconds, 1e-9):.2f} MP/s"
    print("\n".join([*rows, f"in {_time(report.seconds)} ({speed})"]), file=sys.stderr)


def _time(seconds: float) -> str:
    """A duration as a person says it.

    >>> _time(4.21), _time(75), _time(8000)
    ('4.2 s', '1 min 15 s', '2 h 13 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _tell(sentence: str) -> None:
    print(printable(f"repix: {sentence}"), file=sys.stderr)
