"""Evaluate models and filters on whole pictures: the same ones for all, side by side, by protocols with names."""

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix.cli._app import command
from repix.cli._given import count_or_folder
from repix.errors import WrongUse
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from repix.cli._evaluating import Evaluation
    from repix.evaluation import Measurement, Outcome
    from repix.metrics import Protocol

Words = list[str]


def evaluate(
    models: Annotated[
        Words,
        typer.Argument(metavar="MODEL...", help="Models, folders of runs, filters as text, nothing, classical."),
    ],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", readable=False, help="The pictures.")],
    protocol: Annotated[
        Words | None, typer.Option(metavar="NAME", help="'y-crop scale=2'; once for each. Left out: the task's own.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="What filters are judged at; a model knows its task.")] = None,
    settings: Annotated[
        Words | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the task, sigma=25,25.")
    ] = None,
    degrade: Annotated[
        Words | None, typer.Option(metavar="STEP", help="How sources are made instead, 'gaussian sigma=25'.")
    ] = None,
    part: Annotated[
        str | None, typer.Option(help="all, train, validation or test; left out: what FOLDER holds out, or all.")
    ] = None,
    keep_out: Annotated[
        str | None, typer.Option(metavar="N|FOLDER", help="The same pictures that a training keeps out.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Files of such names alone, '*_x2_HR.png'.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and file name, same noise, anywhere.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", readable=False, help="Write a table too.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file of --csv if it exists.")] = False,
) -> None:
    """Convert every picture of FOLDER and measure the results against the truth; several MODELs get the same pictures.

    Pictures without a partner are the truth, and the task spoils them; pairs and masks are taken as they are. A filter
    stands as MODEL with its settings, "bm3d sigma=25"; nothing is what doing nothing gives, classical the best filter.
    Exit code 1 when a picture failed; the others are measured.
    """
    from repix.cli._evaluating import Wanted, prepare
    from repix.pictures.atomic import check_free

    if overwrite and csv_file is None:
        raise WrongUse("--overwrite is about the file of --csv; without --csv it would do nothing.")
    if csv_file is not None:
        check_free(csv_file, overwrite)
    kept = count_or_folder(keep_out)
    if len(set(models)) < len(models):
        raise WrongUse("A MODEL is named twice; name each once.")
    evaluation = prepare(
        Wanted(models, folder, task, settings or [], degrade or [], protocol or [], part, kept, only, seed)
    )
    for note in evaluation.notes:
        print(printable(f"repix: note: {note}"), file=sys.stderr)
    with _progress() as progress:
        outcomes = evaluation.outcomes(progress)
    if csv_file is not None:
        _write_csv(csv_file, evaluation, outcomes, overwrite)
    if as_json:
        print(json_text(_report(evaluation, outcomes)))
    else:
        _show(evaluation, outcomes)
    failures = _failures(evaluation, outcomes)
    for failure in failures:
        print(printable(f"repix: {failure}"), file=sys.stderr)
    if failures:
        raise typer.Exit(1)


def _failures(evaluation: "Evaluation", outcomes: "Sequence[Outcome]") -> list[str]:
    """What went wrong, once where it did for all."""
    said = [outcome.failures for outcome in outcomes]
    common = set(said[0]).intersection(*said[1:])
    alone = [
        f"{one.name}: {failure}"
        for one, failures in zip(evaluation.contestants, said, strict=True)
        for failure in failures
        if failure not in common
    ]
    return [failure for failure in said[0] if failure in common] + alone


def _report(evaluation: "Evaluation", outcomes: "Sequence[Outcome]") -> dict[str, Any]:
    examples = evaluation.examples
    return {
        "task": examples.task.name,
        "settings": examples.task.settings.to_dict(),
        "degrade": list(examples.degrade),
        "folder": str(examples.root),
        "part": evaluation.part,
        "pictures": len(examples),
        "seed": examples.seed,
        "notes": list(evaluation.notes),
        "models": [
            {
                "model": one.name,
                "seconds_per_megapixel": None if math.isnan(outcome.speed) else outcome.speed,
                "measured": [_report_one(measurement) for measurement in outcome.measurements if measurement.scores],
                "failures": list(outcome.failures),
            }
            for one, outcome in zip(evaluation.contestants, outcomes, strict=True)
        ],
    }


def _report_one(measurement: "Measurement[str]") -> dict[str, Any]:
    from repix.evaluation.measurement import json_number

    pictures = {
        name: {"value": json_number(score.value), "parts": score.parts} for name, score in measurement.scores.items()
    }
    return measurement.as_json() | {"pictures": pictures}


def _write_csv(file: Path, evaluation: "Evaluation", outcomes: "Sequence[Outcome]", overwrite: bool) -> None:
    """One number in a row; rows without a picture are of all together."""
    from repix.cli._csv import write_csv

    rows: list[tuple[object, ...]] = [("model", "picture", "protocol", "protocol with settings", "value", "unit")]
    for one, outcome in zip(evaluation.contestants, outcomes, strict=True):
        for m in outcome.measurements:
            values = {name: score.value for name, score in m.scores.items()}
            values |= {"": m.total.value} if m.scores else {}
            rows += [(one.name, name, m.name, m.label, value, m.protocol.unit) for name, value in values.items()]
    write_csv(file, rows, overwrite)


def _show(evaluation: "Evaluation", outcomes: "Sequence[Outcome]") -> None:
    """For people: of each protocol a table, a column for each model."""
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False)  # names of files are no markup
    examples = evaluation.examples
    made = " | ".join(examples.degrade) or _made_by(evaluation)
    console.print(
        printable(f"{examples.task.name}, {len(examples)} pictures ({evaluation.part}) of {examples.root}: {made}"),
        soft_wrap=True,
    )
    names = [printable(one.name) for one in evaluation.contestants]
    for columns in zip(*(outcome.measurements for outcome in outcomes), strict=True):
        _show_protocol(console, names, columns)
    for name, outcome in zip(names, outcomes, strict=True):
        if not math.isnan(outcome.speed):
            console.print(f"{name}: {outcome.speed:.3g} s for a megapixel of result", soft_wrap=True)


def _made_by(evaluation: "Evaluation") -> str:
    """Where the sources come from, where no chain makes them."""
    examples = evaluation.examples
    if examples.items[0].partner is not None:
        return "pairs as they are given"
    from repix.parameters import NONE

    described = examples.task.settings.to_dict().items()
    words = [f"{name} {value}" for name, value in described if name != "loss" and value not in (NONE, [])]
    return f"pairs made by the task ({', '.join(words)})" if words else "pairs made by the task"


def _show_protocol(console: "Console", names: list[str], columns: "Sequence[Measurement[str]]") -> None:
    from rich.table import Table

    first = columns[0]
    better = f"{first.protocol.better} is better"
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
    counts = dict.fromkeys(len(column.scores) for column in columns)
    table.add_section()
    title = " or ".join(f"{'mean of ' if first.joined == 'mean' else ''}{count}" for count in counts)
    table.add_row(title if first.joined == "mean" else f"{title} together", *_cells(first, totals))
    console.print(table)
    if len(names) > 1:
        console.print(f"gain: {names[0]} over {names[1] if len(names) == 2 else 'the best of the others'}")
    for name, column in zip(names, columns, strict=True):
        if column.scores and column.total.parts:
            parts = ", ".join(f"{printable(part)}: {value:.4g}" for part, value in column.total.parts.items())
            console.print(f"{name}: {parts}", soft_wrap=True)


def _cells(measurement: "Measurement[str]", values: list[float | None]) -> list[str]:
    """The numbers of a row, and how far the first is ahead of the best other."""
    cells = ["–" if value is None else measurement.worded(value) for value in values]
    if len(values) < 2:
        return cells
    others = [_goodness(value, measurement.protocol) for value in values[1:] if value is not None]
    if values[0] is None or not others:
        return [*cells, "–"]
    gain = _goodness(values[0], measurement.protocol) - max(others)
    return [*cells, "–" if math.isnan(gain) else f"{gain:+.2f}" if measurement.protocol.unit else f"{gain:+.4f}"]


def _goodness(value: float, protocol: "Protocol") -> float:
    """The larger, the better."""
    return value if protocol.better == "higher" else -abs(value - 1)


@contextmanager
def _progress() -> "Iterator[Callable[[str, int, int], None]]":
    """A bar for each model on the terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _name, _done, _total: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, TaskID

    bars: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True), transient=True) as shown:

        def tell(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = shown.add_task(escape(printable(name)), total=total)
            shown.update(bars[name], completed=done)

        yield tell


VERB = command(evaluate)
