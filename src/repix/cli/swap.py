"""Replace the upsampler of a trained model, and fine-tune it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix.cli._commands import command_of, parameters_of, print_table, require_html
from repix.cli._progress import named_bars, tell, tell_on_terminal, with_progress
from repix.cli._resumable import resumable
from repix.errors import WrongUse
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from repix.comparison import SwapReport

HELP = """Replace the upsampler of a trained model, and fine-tune it: `repix swap run --upsampler bilinear -o run2`.

All other layers keep their weights. The new upsampler computes the same as the old one where it can: a larger kernel
can always hold a smaller one, and a transposed convolution or a pixel shuffle can hold an interpolation with its
convolution. Otherwise its weights are the closest ones by least squares on training pictures; without weights, as
bilinear, the convolution after it is fitted. `repix explain` shows how upsamplers compute.

The new run is like any other one. RUN/swap.json has quality on the held-out pictures, time, size and checkerboard score
of the old model, of the new one before fine-tuning, and after; the time is measured in turns, and of several rounds the
fastest counts. A longer training changes a model even without a swap:
--control measures that. The same command continues an interrupted swap.
"""


@dataclass(frozen=True)
class SwapArguments:
    """The arguments and options."""

    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a complete run.")]
    upsampler: Annotated[
        str | None, typer.Option(help="The new upsampler, with its settings: 'transposed kernel=4'.")
    ] = None
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="RUN", help="The new run's folder; default: RUN-UPSAMPLER."),
    ] = None
    minutes: Annotated[float | None, typer.Option(help="Time of the fine-tuning, in minutes.")] = None
    steps: Annotated[int | None, typer.Option(help="Steps of the fine-tuning; default: a tenth of the run's.")] = None
    control: Annotated[
        bool, typer.Option("--control", help="Fine-tune the old network, too, for the same steps, and compare.")
    ] = False
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Write an HTML page with crops side by side.")
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False


def _swap(values: dict[str, Any]) -> int:
    from repix import training
    from repix.pictures.atomic import check_free

    given = SwapArguments(**values)
    if given.upsampler is None:
        raise WrongUse("Name the new upsampler: --upsampler NAME.")
    if given.page is not None:
        require_html(given.page)
        if given.page.parent != given.output:  # a folder that the swap makes
            check_free(given.page, overwrite=False)
    with resumable():
        tell_on_terminal(f"{given.run} is read, and its pictures are checked.")
        training.require_libraries()
        return _swapped(given, given.upsampler)


def _swapped(given: SwapArguments, upsampler: str) -> int:
    from repix import comparison, training
    from repix.report import write_page

    reporter = training.Reporter(tell, with_progress)
    with named_bars() as progress:
        report = comparison.swap(
            run=given.run,
            upsampler=upsampler,
            output=given.output,
            minutes=given.minutes,
            steps=given.steps,
            control=given.control,
            reporter=reporter,
            progress=progress,
        )
    if given.page is not None:
        write_page(report.page(), given.page)
    if given.as_json:
        print(json_text(report.to_dict()))
    else:
        _show(report)
    return 0 if report.complete else 130


def _show(report: "SwapReport") -> None:
    """Print the table and the answer."""
    rows = [[cell if isinstance(cell, str) else cell.text for cell in row] for row in report.rows()]
    print_table(report.header, rows)
    for sentence in report.answer():
        print(printable(sentence))
    if report.speeds is not None:
        print(f"Time: {report.speeds.protocol}.")
    print(printable(report.output))


VERB = command_of("swap", HELP, parameters_of(SwapArguments), _swap, ends_soon=False)
