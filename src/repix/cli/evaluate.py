"""Evaluate models and filters on the pictures of a folder, side by side."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix.cli._commands import (
    PageFile,
    TableFile,
    command_of,
    parameter,
    parameters_of,
    write_page,
)
from repix.cli._progress import named_bars, tell
from repix.errors import WrongUse
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from repix.evaluation import Measurement
    from repix.evaluation.results import Results
    from repix.evaluation.selection import Evaluation

Words = list[str]


HELP = """Convert every picture of FOLDER and measure the results; several MODELs get the same pictures.

A picture without a partner is a truth, which the task degrades; pairs and masks are used as they are. MODEL may be
a filter with its settings, "bm3d sigma=25"; "nothing" returns the source, "classical" is the best filter for the
task. Exit code 1 if a picture failed; the others are measured.
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

    def require_sense(self) -> None:
        """Refuse options without effect, and files that may not be written."""
        from repix.pictures.atomic import check_free

        written = [file for file in (self.csv_file, self.page) if file is not None]
        if self.overwrite and not written:
            raise WrongUse("--overwrite is for the files of --csv and --page; without them, leave it out.")
        for file in written:
            check_free(file, self.overwrite)


def _evaluate(values: dict[str, Any]) -> int:
    from repix.data import read_holdout
    from repix.evaluation.selection import EvaluationOptions, Selection, prepare
    from repix.evaluation.table import write_csv

    models, folder, given = values.pop("models"), values.pop("folder"), EvaluateArguments(**values)
    given.require_sense()
    holdout, degrade = read_holdout(given.holdout), tuple(given.degrade or ())
    selection = Selection(given.part, holdout, given.only, degrade, given.seed)
    options = EvaluationOptions(models, folder, selection, given.task, given.settings or (), given.metric or ())
    evaluation = prepare(options)
    for note in evaluation.notes:
        tell(f"note: {note}")
    results = _results(evaluation, given)
    if given.csv_file is not None:
        write_csv(given.csv_file, results.rows(), given.overwrite)
    if given.as_json:
        print(json_text(results.as_json()))
    else:
        _show(results)
    for failure in results.failures:
        tell(failure)
    return int(bool(results.failures))


def _results(evaluation: "Evaluation", given: EvaluateArguments) -> "Results":
    """Return the results, after writing their page if it is asked for."""
    from repix.evaluation.results import Results

    if given.page is None:
        with named_bars() as progress:
            return Results(evaluation, evaluation.outcomes(progress))
    from repix.evaluation.page import evaluation_page
    from repix.evaluation.worst_pictures import WorstPictures

    worst = WorstPictures(evaluation.examples.task, evaluation.metrics[0], evaluation.contestants[0].name)
    with named_bars() as progress:
        results = Results(evaluation, evaluation.outcomes(progress, worst.add))
    write_page(given.page, evaluation_page(results, worst), given.overwrite)
    return results


def _show(results: "Results") -> None:
    """Print a table for each metric, with a column for each model."""
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False)  # file names are not markup
    evaluation, examples = results.evaluation, results.evaluation.examples
    about = f"{examples.task.name}, {len(examples)} pictures ({evaluation.part}) of {examples.root}: {results.sources}"
    console.print(printable(about), soft_wrap=True)
    names = [printable(one.name) for one in evaluation.contestants]
    for columns in zip(*(outcome.measurements for outcome in results.outcomes), strict=True):
        _show_metric(console, names, columns)
    for name, outcome in zip(names, results.outcomes, strict=True):
        if not math.isnan(outcome.speed):
            console.print(f"{name}: {outcome.speed:.3g} s per megapixel of the result", soft_wrap=True)


def _show_metric(console: "Console", names: list[str], columns: "Sequence[Measurement[str]]") -> None:
    from rich.table import Table

    from repix.evaluation.measurement import joined_title

    first = columns[0]
    better = f"{first.metric.better} is better"
    table = Table(title=f"{first.label}, {better}", title_justify="left", highlight=False)
    table.add_column("picture", overflow="fold")
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    if len(names) > 1:
        table.add_column("gain", justify="right", no_wrap=True)
    for picture in dict.fromkeys(name for column in columns for name in column.scores):
        values = [column.scores[picture].value if picture in column.scores else None for column in columns]
        table.add_row(printable(picture), *_cells(first, values))
    totals = [column.total.value if column.scores else None for column in columns]
    table.add_section()
    table.add_row(joined_title(columns), *_cells(first, totals))
    console.print(table)
    if len(names) > 1:
        console.print(f"gain: {names[0]} over {names[1] if len(names) == 2 else 'the best of the others'}")
    for name, column in zip(names, columns, strict=True):
        if column.scores and column.total.parts:
            parts = ", ".join(f"{printable(part)}: {value:.4g}" for part, value in column.total.parts.items())
            console.print(f"{name}: {parts}", soft_wrap=True)


def _cells(measurement: "Measurement[str]", values: list[float | None]) -> list[str]:
    """Return the cells of a row, and the gain of the first value over the best other."""
    from repix.evaluation.results import gain

    cells = ["–" if value is None else measurement.worded(value) for value in values]
    if len(values) < 2:
        return cells
    ahead = gain(measurement.metric, values)
    return [*cells, "–" if ahead is None else f"{ahead:+.2f}" if measurement.metric.unit else f"{ahead:+.4f}"]


ARGUMENTS = [parameter("models", Models), parameter("folder", Folder)]
VERB = command_of("evaluate", HELP, [*ARGUMENTS, *parameters_of(EvaluateArguments)], _evaluate)
