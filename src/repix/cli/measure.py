"""Measure results against their ground truth, by a named metric."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix import registry
from repix.cli._cluster import ClusterArguments
from repix.cli._commands import (
    DryRun,
    PageFile,
    Recursive,
    TableFile,
    Watch,
    Workers,
    command_of,
    parameter,
    parameters_of,
    require_free,
    taken,
)
from repix.cli._progress import tell
from repix.errors import WrongUse
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from repix.batch import Jobs, Report, Work
    from repix.cluster.shipment import Shipment
    from repix.evaluation.pair_batch import PairOutcome, PairPlan

HELP = """Measure a result against its ground truth, or a folder of results against truths of the same names.

There is no default metric, because values of different metrics cannot be compared: give --metric, which may be
repeated, or --all for every metric for pictures (with --classes: for label maps). niqe needs no truth and measures any
number of files and folders; psnr-y-bicubic needs the TRUTH only.

With -o FOLDER, the values of each pair are written there as JSON, and an interrupted command can be continued.
"""

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="RESULT TRUTH", readable=False, help="Two files or two folders; for niqe alone, any."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        readable=False,
        help="Write each pair's values to this folder, so that the command can be continued.",
    ),
]


@dataclass(frozen=True)
class SettingArguments:
    """Settings of metrics, as options."""

    scale: Annotated[int | None, typer.Option(help="For psnr-y and psnr-y-bicubic: scale factor.")] = None
    border: Annotated[int | None, typer.Option(help="For ssim-wang: pixels cut at each side.")] = None
    classes: Annotated[int | None, typer.Option(help="For label maps: number of classes.")] = None
    ignore_index: Annotated[int | None, typer.Option(help="For label maps: true label to ignore.")] = None
    tolerance: Annotated[
        int | None, typer.Option(help="For edges-f1: largest distance of matching edges, in pixels.")
    ] = None
    drawing: Annotated[
        str | None, typer.Option(help="For edges-f1: the truth is a drawing with dark or bright lines.")
    ] = None


@dataclass(frozen=True)
class MeasureArguments:
    """Options: how pairs are measured, and where the values are written."""

    output: Output = None
    recursive: Recursive = False
    dry_run: DryRun = False
    watch: Watch = False
    workers: Workers = 1
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
    csv_file: TableFile = None
    page: PageFile = None
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files of --csv, --page and -o.")] = False

    def require_sense(self) -> None:
        """Refuse options without effect, and files that may not be written."""
        files, named = (self.csv_file, self.page), "--csv, --page and -o"
        require_free(self.overwrite, files, named, needed=self.output is not None)
        if (self.watch or self.dry_run) and self.output is None:
            raise WrongUse("--watch and --dry-run need a folder for each pair's values; name it with -o.")

    def require_pairs_for_page(self, plan: "PairPlan", paths: int) -> None:
        """Refuse a page without results and truths."""
        if self.page is None:
            return
        if not plan.has_truth:
            raise WrongUse(
                "--page shows results beside their truths; add a metric that compares both, such as --metric psnr-rgb."
            )
        if paths != 2:
            raise WrongUse("--page shows results beside their truths; give both, RESULT TRUTH.")


def _measure(values: dict[str, Any]) -> int:
    from tempfile import TemporaryDirectory

    from repix.evaluation.pair_batch import PairBatch, plan_measurements

    paths: list[Path] = values["paths"]
    cluster = taken(ClusterArguments, values)
    arguments, settings = taken(MeasureArguments, values), asdict(taken(SettingArguments, values))
    settings = {name: value for name, value in settings.items() if value is not None}
    arguments.require_sense()
    cluster.require_shared([*paths, arguments.output], {"--watch": arguments.watch})
    cluster.require_folder(arguments.output)
    plan = plan_measurements(values["metric"] or (), settings, len(paths), every=values["every"])
    arguments.require_pairs_for_page(plan, len(paths))
    with TemporaryDirectory(prefix="repix-") as temporary:
        folder = arguments.output or Path(temporary)
        pairs = PairBatch(paths, plan, folder, arguments.recursive, temporary=arguments.output is None)
        report = _run(pairs.find, pairs.work, arguments, cluster)
        if report is None:
            return 0
        if report.interrupted:
            return 130
        outcome = pairs.outcome(report)
        if arguments.page is not None and outcome.measured:
            from repix.evaluation.page import pairs_page
            from repix.report import write_page

            html = pairs_page(outcome, settings.get("classes"), settings.get("ignore_index"))
            write_page(html, arguments.page, overwrite=arguments.overwrite)
        return _report(outcome, arguments, plan.every)


def _run(
    find: "Callable[[], Jobs]", work: "Work", arguments: MeasureArguments, cluster: ClusterArguments
) -> "Report | None":
    """Run the batch, and say why it stopped early; None after a dry run."""
    from repix import batch
    from repix.batch.watcher import Observer
    from repix.cli._batches import print_dry_run
    from repix.cli._ending import interruption_handled
    from repix.cli._progress import BatchBar

    options = batch.BatchOptions(arguments.overwrite, arguments.workers)
    if arguments.dry_run:
        print_dry_run(batch.foresee(find(), work, options), arguments.as_json)
        return None
    with BatchBar("Measuring") as bar:
        if not arguments.watch:
            jobs = find()
            with cluster.crew(lambda: _shipment(work), arguments.workers) as place:
                return _told(batch.run(jobs, work, replace(options, place=place), bar.show))
        tell("Watching for new files; Ctrl-C ends it and prints the values.")
        report = batch.watch(find, work, options, Observer(bar.show))
        interruption_handled()
        return _told(report)


def _told(report: "Report") -> "Report":
    if report.stopped:
        tell(report.stopped)
    return report


def _shipment(work: "Work") -> "Shipment":
    """Return what worker processes need; a pair's paths may be relative."""
    from repix.cluster.shipment import files_of

    return files_of(work, str(Path.cwd()))


def _report(outcome: "PairOutcome", arguments: MeasureArguments, every: bool) -> int:
    """Print the values, write the table, and return the exit code."""
    from repix.evaluation.table import write_csv

    for note in outcome.notes:
        tell(f"note: {note}")
    if arguments.csv_file is not None and outcome.measured:
        write_csv(arguments.csv_file, outcome.rows(), arguments.overwrite)
    if arguments.as_json:
        print(json_text(outcome.as_json()))
    else:
        _show(outcome, pairs=not every)
    for failure in outcome.failures:
        tell(failure)
    return int(bool(outcome.failures or not outcome.measured))


def _show(outcome: "PairOutcome", pairs: bool) -> None:
    """Print a table of all values with their metrics."""
    from rich.console import Console
    from rich.table import Table

    table = Table(highlight=False)
    if pairs and len(outcome.measured) > 1:
        header, *rows = outcome.columns()
        for title in header:
            table.add_column(title, justify="left" if title is header[0] else "right", overflow="fold")
    else:
        table.add_column("picture", overflow="fold")
        table.add_column("metric", overflow="fold")
        table.add_column("value", justify="right", no_wrap=True)
        table.add_column("better")
        rows = outcome.table(pairs)
    for row in rows:
        table.add_row(*map(printable, row))
    if outcome.measured:
        Console(markup=False, emoji=False).print(table)  # file names are not markup
    for line in outcome.remarks(pairs):
        print(printable(line))


OPTIONS = [
    parameter("paths", Paths),
    parameter(
        "metric",
        Annotated[
            list[str] | None,
            typer.Option(metavar="NAME", help=f"{', '.join(registry.available('metrics'))}; may be repeated."),
        ],
        None,
    ),
    parameter("every", Annotated[bool, typer.Option("--all", help="Use every metric that fits.")], False),
    *parameters_of(SettingArguments),
    *parameters_of(MeasureArguments),
    *parameters_of(ClusterArguments),
]
VERB = command_of("measure", HELP, OPTIONS, _measure)
