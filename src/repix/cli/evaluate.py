"""Evaluate models and filters on the pictures of a folder, side by side."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix.cli._cluster import ClusterArguments
from repix.cli._commands import (
    PageFile,
    TableFile,
    command_of,
    parameter,
    parameters_of,
    require_free,
    taken,
)
from repix.cli._progress import named_bars, tell
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from rich.table import Table

    from repix.cluster.shipment import Shipment
    from repix.evaluation.results import Results
    from repix.evaluation.score_table import ScoreTable
    from repix.evaluation.selection import Each, Evaluation, EvaluationOptions

Words = list[str]


HELP = """Convert every picture of FOLDER and measure the results; several MODELs get the same pictures.

A picture without a partner is a truth, which the task degrades; pairs and masks are used as they are. MODEL may be
a filter with its settings, "bm3d sigma=25"; "nothing" returns the source, "classical" is the best filter for the
task. Time is measured last: all MODELs convert one picture in turns, and of each the fastest round counts. Exit code 1
if a picture failed; the others are measured.
"""
Models = Annotated[
    Words, typer.Argument(metavar="MODEL", help="Model files or names, run folders, filters, nothing, classical.")
]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", readable=False, help="The pictures.")]


@dataclass(frozen=True)
class EvaluateArguments:
    """Options: what is evaluated, and where the results are written."""

    metric: Annotated[
        Words | None,
        typer.Option(metavar="NAME", help="A metric, 'psnr-y scale=2'; may be repeated. Default: those of the task."),
    ] = None
    task: Annotated[str | None, typer.Option(help="Task for filters; a model has its own.")] = None
    settings: Annotated[
        Words | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the task, sigma=25,25; may be repeated."),
    ] = None
    degrade: Annotated[
        Words | None,
        typer.Option(metavar="STEP", help="Degradation instead of the task's, 'gaussian sigma=25'; may be repeated."),
    ] = None
    part: Annotated[
        str | None, typer.Option(help="all, train, validation or test; default: test, else validation, else all.")
    ] = None
    holdout: Annotated[
        str | None,
        typer.Option(metavar="N|FOLDER", help="Evaluate the pictures that training with this --holdout holds out."),
    ] = None
    only: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only files whose names match, such as '*_x2_HR.png'.")
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="Random seed; the noise depends on it and the file name.")] = 0
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
    csv_file: TableFile = None
    page: PageFile = None
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files of --csv and --page.")] = False


def _evaluate(values: dict[str, Any]) -> int:
    from repix.data import read_holdout
    from repix.evaluation.selection import EvaluationOptions, Selection, prepare
    from repix.evaluation.table import write_csv

    models, folder, cluster = values.pop("models"), values.pop("folder"), taken(ClusterArguments, values)
    given = EvaluateArguments(**values)
    cluster.require_shared([folder], {})
    require_free(given.overwrite, (given.csv_file, given.page), "--csv and --page")
    holdout, degrade = read_holdout(given.holdout), tuple(given.degrade or ())
    selection = Selection(given.part, holdout, given.only, degrade, given.seed)
    options = EvaluationOptions(models, folder, selection, given.task, given.settings or (), given.metric or ())
    evaluation = prepare(options)
    for note in evaluation.notes:
        tell(f"note: {note}")
    with cluster.crew(lambda: _shipment(options)) as crew:
        results = _results(evaluation, given, None if crew is None else partial(crew.each, name=evaluation.name_of))
    if given.csv_file is not None:
        write_csv(given.csv_file, results.rows(), given.overwrite)
    if given.as_json:
        print(json_text(results.as_json()))
    else:
        _show(results)
    for failure in results.failures:
        tell(failure)
    return int(bool(results.failures))


def _shipment(options: "EvaluationOptions") -> "Shipment":
    from repix.cluster.evaluation_tasks import evaluation_of

    return evaluation_of(options)


def _results(evaluation: "Evaluation", given: EvaluateArguments, each: "Each | None") -> "Results":
    """Return the results, after writing their page if it is asked for."""
    from repix.evaluation.page import with_page
    from repix.evaluation.results import Results
    from repix.report import write_page

    with named_bars() as progress:
        if given.page is None:
            return Results.of(evaluation, progress, each=each)
        results, html = with_page(evaluation, progress, each)
    write_page(html, given.page, overwrite=given.overwrite)
    return results


def _show(results: "Results") -> None:
    """Print a table for each metric, with a column for each model."""
    from rich.console import Console

    from repix.evaluation.score_table import score_tables

    console = Console(markup=False, emoji=False, highlight=False)  # file names are not markup
    console.print(printable(results.about), soft_wrap=True)
    for one in score_tables(results):
        console.print(_table(one))
        for note in one.notes:
            console.print(printable(note), soft_wrap=True)
    for line in results.speed_lines:
        console.print(printable(line), soft_wrap=True)


def _table(scores: "ScoreTable") -> "Table":
    from rich.table import Table

    table = Table(title=scores.title, title_justify="left", highlight=False)
    for number, title in enumerate(scores.header):
        table.add_column(printable(title), justify="right" if number else "left", overflow="fold")
    table.columns[-1].no_wrap = len(scores.header) > 2  # the gain
    for row in scores.rows:
        table.add_row(*map(printable, row))
    table.add_section()
    table.add_row(*map(printable, scores.total))
    return table


ARGUMENTS = [parameter("models", Models), parameter("folder", Folder)]
VERB = command_of(
    "evaluate", HELP, [*ARGUMENTS, *parameters_of(EvaluateArguments), *parameters_of(ClusterArguments)], _evaluate
)
