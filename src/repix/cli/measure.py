"""Measure results against their truths, by a protocol with a name."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix import members
from repix.cli._app import command
from repix.errors import WrongUse
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from repix.cli._measuring import Outcome, Pair
    from repix.evaluation.measurement import Measurement


def measure(
    paths: Annotated[
        list[Path], typer.Argument(metavar="RESULT TRUTH", readable=False, help="Two files, or two folders.")
    ],
    protocol: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"{', '.join(members.names('metrics'))}.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All protocols, to see how far they differ.")] = False,
    scale: Annotated[int | None, typer.Option(help="For y-crop and bicubic-y: the scale of super-resolution.")] = None,
    border: Annotated[int | None, typer.Option(help="For ssim-wang: pixels cut at each side.")] = None,
    classes: Annotated[int | None, typer.Option(help="For label maps: how many classes there are.")] = None,
    ignore_label: Annotated[int | None, typer.Option(help="For label maps: the truth's label left out.")] = None,
    tolerance: Annotated[int | None, typer.Option(help="For edges-f1: how far an edge may lie off.")] = None,
    drawing: Annotated[str | None, typer.Option(help="For edges-f1: the truth has lines, dark or bright.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", readable=False, help="Write a table too.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file of --csv if it exists.")] = False,
) -> None:
    """Measure a result against its truth, or a folder of results against a folder of truths of the same names.

    A number means something only beside the way it was computed: --protocol must be given, and is printed with every
    number. --all measures pictures by every protocol for pictures, and with --classes label maps by every protocol
    for label maps. bicubic-y takes the TRUTH alone.
    """
    from repix.cli._measuring import measure_by_all, measure_by_one
    from repix.pictures.atomic import check_free

    if overwrite and csv_file is None:
        raise WrongUse("--overwrite is about the file of --csv; without --csv it would do nothing.")
    if csv_file is not None:
        check_free(csv_file, overwrite)
    settings: dict[str, Any] = {"scale": scale, "border": border, "classes": classes, "ignore_label": ignore_label}
    settings |= {"tolerance": tolerance, "drawing": drawing}
    given = {name: value for name, value in settings.items() if value is not None}
    if every:
        _refuse_both(protocol)
        outcome = measure_by_all(paths, given)
    else:
        outcome = measure_by_one(paths, _named(protocol), given)
    if csv_file is not None and outcome.measured:
        _write_csv(csv_file, outcome.measured, overwrite)
    if as_json:
        print(json_text(_report(outcome)))
    else:
        _show(outcome, pairs=not every)
    for failure in outcome.failures:
        print(f"repix: {printable(failure)}", file=sys.stderr)
    if outcome.failures or not outcome.measured:
        raise typer.Exit(1)


def _refuse_both(protocol: str | None) -> None:
    if protocol is not None:
        raise WrongUse("--all measures by every protocol; give either --all or --protocol.")


def _named(protocol: str | None) -> str:
    """The protocol asked for; there is no default."""
    if protocol is not None:
        return protocol
    names = members.names("metrics")
    lines = "\n".join(f"  {name:15} {members.summary('metrics', name)}" for name in names)
    raise WrongUse("Say how to measure with --protocol NAME, or --all to see how far they differ:", lines)


def _rows(measurement: "Measurement[Pair]") -> Iterator[tuple[str, str, str, str, float, str]]:
    """The table for other programs, one number in a row."""
    for pair, score in measurement.scores.items():
        result = "" if not measurement.protocol.looks_at_result else str(pair.result)
        yield result, str(pair.truth), measurement.name, measurement.label, score.value, measurement.protocol.unit


def _write_csv(file: Path, measured: "Sequence[Measurement[Pair]]", overwrite: bool) -> None:
    from repix.cli._csv import write_csv

    header = ("result", "truth", "protocol", "protocol with settings", "value", "unit")
    write_csv(file, [header, *(row for measurement in measured for row in _rows(measurement))], overwrite)


def _report(outcome: "Outcome") -> dict[str, Any]:
    """What `--json` prints; JSON knows no infinity, so that of equal pictures is the string "inf"."""
    return {
        "measured": [_report_one(measurement) for measurement in outcome.measured],
        "not_measured": outcome.unmeasured,
        "failures": outcome.failures,
    }


def _report_one(measurement: "Measurement[Pair]") -> dict[str, Any]:
    from repix.evaluation.measurement import json_number

    pairs = [
        {
            "result": str(pair.result) if measurement.protocol.looks_at_result else None,
            "truth": str(pair.truth),
            "value": json_number(score.value),
            "parts": score.parts,
        }
        for pair, score in measurement.scores.items()
    ]
    return measurement.as_json() | {"pairs": pairs}


def _show(outcome: "Outcome", pairs: bool) -> None:
    """A table for people: every number with its protocol beside it."""
    from rich.console import Console
    from rich.table import Table

    table = Table(highlight=False)
    table.add_column("picture", overflow="fold")
    table.add_column("protocol", overflow="fold")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("better")
    for m in outcome.measured:
        better = m.protocol.better
        if pairs:
            for pair, score in m.scores.items():
                table.add_row(printable(pair.truth.stem), m.label, m.worded(score.value), better)
        if len(m.scores) > 1 or not pairs:
            table.add_row(_title(m), m.label, m.worded(m.total.value), better)
    if outcome.measured:
        Console(markup=False, emoji=False).print(table)  # names of files are no markup
    for m in outcome.measured:
        if pairs and m.total.parts:
            parts = ", ".join(f"{name} {value:.4g}" for name, value in m.total.parts.items())
            print(f"{m.label}: {parts}")
    for name, reason in outcome.unmeasured.items():
        print(printable(f"not measured by {name}: {reason}"))


def _title(measurement: "Measurement[Pair]") -> str:
    """What the number of all pairs is called."""
    if len(measurement.scores) == 1:
        return printable(next(iter(measurement.scores)).truth.stem)
    count = len(measurement.scores)
    return f"mean of {count}" if measurement.joined == "mean" else f"{count} together"


VERB = command(measure, "measure")
