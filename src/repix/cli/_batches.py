"""Batches on the command line: run the work on files and folders, and print the outcome."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from repix import batch
from repix.batch import Jobs, Naming, Outcome, Progress, Report, Work
from repix.batch.place import Place
from repix.batch.watcher import Observer
from repix.cli._ending import interruption_handled
from repix.cli._progress import BatchBar, tell
from repix.errors import WrongUse
from repix.pictures.formats import READ_ONLY, format_for_path, result_suffix
from repix.printable import json_text, printable
from repix.remote.stores import Stores, is_url, url_text

if TYPE_CHECKING:
    from repix.cli._commands import BatchArguments


PlaceOf = Callable[[], AbstractContextManager[Place | None]]
"""Opens the place where a run's files are made; None is this process."""


def convert_files(
    inputs: list[Path], naming: Naming, work: Work, arguments: "BatchArguments", place: PlaceOf = nullcontext
) -> int:
    """Find the files, convert them, print the outcome of each, and return the exit code."""
    if arguments.watch:
        refuse_urls("--watch", [*inputs, arguments.output])
        if not any(path.is_dir() for path in inputs):
            raise WrongUse("--watch is for folders, which it scans for new files; name a folder.")
    with Stores() as stores:
        output = None if arguments.output is None else stores.located(arguments.output)

        def find() -> Jobs:
            recursive, allow_empty = arguments.recursive, arguments.watch
            located = [stores.located(one) for one in inputs]
            return batch.find(located, output, naming, recursive=recursive, allow_empty=allow_empty)

        return run_batch(find, work, arguments, place)


def refuse_urls(option: str, paths: Sequence[Path | None]) -> None:
    """Refuse URLs together with an option that is for files of this machine only."""
    for path in paths:
        if path is not None and is_url(path):
            raise WrongUse(f"{option} is for files of this machine, not for the URL {url_text(path)}; leave one out.")


def convert_listed(
    manifest: Path, naming: Naming, work: Work, arguments: "BatchArguments", place: PlaceOf, *, urls: bool
) -> int:
    """Convert the files of a manifest, print the outcome of each, and return the exit code; `urls` may be sources."""
    output = arguments.output
    if output is None:
        raise WrongUse("--files needs a folder for results and journal; name one with -o FOLDER.")
    with Stores() as stores:
        located = stores.located(output)
        opened = stores if urls else None
        return run_batch(lambda: batch.listed(manifest, located, naming, opened), work, arguments, place)


def run_batch(find: Callable[[], Jobs], work: Work, arguments: "BatchArguments", place: PlaceOf = nullcontext) -> int:
    """Run a batch once, as a dry run, or on watched folders, as the options say; return the exit code.

    `place` opens the place where the files are made, if not in this process.
    """
    if arguments.watch:
        return _watch(find, work, arguments).exit_code
    jobs = find()
    if arguments.dry_run:
        return print_dry_run(batch.foresee(jobs, work, arguments.options()), arguments.as_json)
    with place() as opened:
        with Reporter(arguments, alone=len(jobs.each) == 1) as reporter:
            report = batch.run(jobs, work, replace(arguments.options(), place=opened), reporter.show)
        return _printed(report, reporter, jobs, arguments)


def _printed(report: Report, reporter: "Reporter", jobs: Jobs, arguments: "BatchArguments") -> int:
    """Print the report of a run, and return its exit code."""
    if arguments.as_json:
        print(json_text(report.as_json()))
    reporter.explain(report)
    if len(jobs.each) > 1:
        if jobs.skipped:
            were = "file in the folders was" if len(jobs.skipped) == 1 else "files in the folders were"
            tell(f"{len(jobs.skipped)} {were} skipped: not pictures that repix can read, such as {jobs.skipped[0]}.")
        print(report.summary, file=sys.stderr)
    return report.exit_code


def _watch(find: Callable[[], Jobs], work: Work, arguments: "BatchArguments") -> Report:
    """Watch until Ctrl-C; with --json, print a report, one line, after each scan that led to jobs."""
    if arguments.dry_run:
        raise WrongUse("--watch and --dry-run exclude each other; leave one out.")

    def on_report(report: Report) -> None:
        if arguments.as_json:
            print(json_text(report.as_json(), indent=None), flush=True)
        reporter.explain(report)

    with Reporter(arguments) as reporter:
        tell("Watching for new files; Ctrl-C ends it.")
        report = batch.watch(find, work, arguments.options(), Observer(reporter.show, on_report))
        interruption_handled()
    print(report.summary, file=sys.stderr)
    return report


class Reporter:
    """Output during a batch: paths of results, reasons of failures, and a progress bar on a terminal."""

    def __init__(self, arguments: "BatchArguments", alone: bool = False) -> None:
        self._arguments, self._alone = arguments, alone
        self._bar = BatchBar("Converting")
        self._became_other: set[str] = set()

    def __enter__(self) -> "Reporter":
        self._bar.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.__exit__()

    def show(self, progress: Progress) -> None:
        """Show the progress, and the outcome of a finished file."""
        if progress.last is not None:
            self._show_file(progress.last)
        self._bar.show(progress)

    def explain(self, report: Report) -> None:
        """Print problems that belong to no file: unreadable folders, and why a run stopped."""
        for outcome in report.outcomes:
            if outcome.target is None:
                tell(outcome.reason)
        if report.stopped:
            tell(report.stopped)

    def _show_file(self, outcome: Outcome) -> None:
        """Print the path of a result, or the reason of a failure."""
        if outcome.state == "failed":
            tell((self._alone and outcome.sentence) or outcome.reason)
            if outcome.traceback:
                print(printable(outcome.traceback, lines=True), file=sys.stderr)
        elif outcome.state == "done" or (self._alone and outcome.state == "kept"):
            if not self._arguments.as_json:
                print(printable(outcome.target), flush=True)
            for line in outcome.fidelity.advice:
                tell(f"{outcome.source}: {line}.")
            self._tell_of_other(outcome)
            if self._arguments.verbose:
                notes = indent(printable(outcome.fidelity, lines=True), "  ")
                print(f"{printable(outcome.target)}:\n{notes}", file=sys.stderr)

    def _tell_of_other(self, outcome: Outcome) -> None:
        """Print once for each read-only format in which format its results are."""
        suffix, target = outcome.source.suffix.lower(), outcome.target
        if target is None or suffix not in READ_ONLY or self._arguments.format or suffix in self._became_other:
            return
        if target.suffix == f".{result_suffix(suffix[1:])}":
            self._became_other.add(suffix)
            made = format_for_path(Path(target.name)).name
            tell(f"{suffix[1:].upper()} files can be read but not written; the result is a {made}.")


def print_dry_run(foreseen: Iterable[Outcome], as_json: bool) -> int:
    """Print the outcomes of a dry run, each when it is known, and return the exit code."""
    if as_json:
        report = Report(tuple(foreseen))
        print(json_text(report.as_json()))
        return report.exit_code
    count, codes = 0, []
    for one in foreseen:
        reason = f"  ({one.reason})" if one.reason else ""
        print(printable(f"{one.state:8}{one.target or one.source}{reason}"))
        count += 1
        if one.state == "failed":
            codes.append(one.exit_code)
    return codes[0] if codes and count == 1 else int(bool(codes))
