"""Write worksheets.md and worksheet-solutions.md, for lessons about upsampling: `python -m docs.make_worksheets`.

A task is a question and a command. The worksheet shows the numbers, the solution what `repix explain` prints for them.
"""

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from pathlib import Path

from repix.cli._app import run

FOLDER = Path(__file__).parent
COLUMNS = "100"
"""Columns of the terminal that the solutions are printed for."""


@dataclass(frozen=True)
class Exercise:
    """A question, and the command that solves it."""

    question: str
    command: str

    def data(self) -> list[tuple[str, list[str]]]:
        """Return names and rows of the numbers in the command.

        >>> Exercise("?", 'nearest --data "1 5; 4 8"').data()
        [('data', ['1 5', '4 8'])]
        """
        pairs = pairwise(shlex.split(self.command))
        return [(name[2:], rows_of(value)) for name, value in pairs if name in NUMBERS]


def rows_of(numbers: str) -> list[str]:
    """Return the rows of numbers, or one row for each channel.

    >>> rows_of("1 5 | 2 6")
    ['channel 0: 1 5', 'channel 1: 2 6']
    """
    channels = re.split(r" *\| *", numbers)
    if len(channels) > 1:
        return [f"channel {number}: {row}" for number, row in enumerate(channels)]
    return re.split(" *; *", numbers)


@dataclass(frozen=True)
class Worksheet:
    """The exercises of one chapter."""

    title: str
    lesson: str
    exercises: tuple[Exercise, ...]


NUMBERS = ("--data", "--kernel", "--indices", "--target")
WORKSHEETS = (
    Worksheet(
        "Convolution",
        "The window slides; the sum of products is one value.",
        (
            Exercise(
                "Convolve without padding. How large is the output?",
                'conv --data "1 2 0; 0 1 3; 2 1 1" --kernel "1 0; 0 -1"',
            ),
            Exercise(
                "The same with stride 2 and one ring of zeros. Which values are never in a window's middle?",
                'conv --data "1 2 0; 0 1 3; 2 1 1" --kernel "0 1 0; 1 1 1; 0 1 0" --stride 2 --padding 1',
            ),
        ),
    ),
    Worksheet(
        "Pooling and unpooling",
        "Max pooling loses where a maximum was; unpooling needs the index.",
        (
            Exercise(
                "Pool with windows of 2×2. Note value and index of each maximum.",
                'max-pool --data "3 1 4 1; 5 9 2 6; 5 3 5 8; 9 7 9 3"',
            ),
            Exercise(
                "Put the maxima 9, 6, 9, 9 back to their indices 5, 7, 12, 14. What is lost?",
                'unpool --data "9 6; 9 9" --indices "5 7; 12 14"',
            ),
        ),
    ),
    Worksheet(
        "Interpolation",
        "Every new pixel is a weighted mean of old ones.",
        (
            Exercise("Double by nearest neighbor.", 'nearest --data "2 6; 10 4" --scale-factor 2'),
            Exercise(
                "Double by bilinear interpolation. Compute the four values in the middle.",
                'bilinear --data "2 6; 10 4" --scale-factor 2',
            ),
            Exercise(
                "Compute the value at x = 0.25, y = 0.5 between the four pixels.",
                'sample --data "2 6; 10 4" --points "0.25,0.5"',
            ),
        ),
    ),
    Worksheet(
        "Transposed convolution",
        "Each value adds a scaled copy of the kernel.",
        (
            Exercise("Stride 1: add the four copies.", 'conv-transpose --data "1 2; 3 4" --kernel "1 0; 2 1"'),
            Exercise(
                "Stride 2, kernel 3: mark the pixels where two or four copies overlap.",
                'conv-transpose --data "1 2; 3 4" --kernel "1 1 1; 1 1 1; 1 1 1" --stride 2',
            ),
            Exercise(
                "How large is the output of a picture of 5×5 with kernel 4, stride 2, padding 1?",
                "output-size --size 5 --kernel-size 4 --stride 2 --padding 1",
            ),
        ),
    ),
    Worksheet(
        "Checkerboards",
        "In a constant area, the sums of the kernel's phases are the picture.",
        (
            Exercise(
                "Compute the sums of the four phases of a kernel of ones, 3×3, stride 2. Is there a pattern?",
                'phase-sums --kernel "1 1 1; 1 1 1; 1 1 1" --stride 2',
            ),
            Exercise(
                "The same for the kernel 1 2 1 in both directions.",
                'phase-sums --kernel "1 2 1; 2 4 2; 1 2 1" --stride 2',
            ),
        ),
    ),
    Worksheet(
        "Pixel shuffle",
        "Channels become pixels.",
        (
            Exercise(
                "Four channels of 1×2 become one of 2×4.",
                'pixel-shuffle --data "1 5 | 2 6 | 3 7 | 4 8" --upscale-factor 2',
            ),
            Exercise(
                "Why does the same order in memory, without the shuffle, separate neighbors?",
                'reshape --data "1 5 | 2 6 | 3 7 | 4 8" --upscale-factor 2',
            ),
        ),
    ),
    Worksheet(
        "Classes of pixels, and losses",
        "Scores become probabilities; the loss is small where the true class is probable.",
        (
            Exercise("Turn the scores into probabilities.", 'softmax --data "0 1 2"'),
            Exercise(
                "The true class is 2. Compute the cross-entropy.", 'cross-entropy --data "0.1 0.2 0.7" --target 2'
            ),
            Exercise("Compute the mean absolute error.", 'mae --data "2 4 6" --target "1 4 9"'),
            Exercise(
                "Compute the mean squared error. Which of the two punishes one large error more?",
                'mse --data "2 4 6" --target "1 4 9"',
            ),
        ),
    ),
)


@contextmanager
def terminal_columns(columns: str) -> Iterator[None]:
    """Print for a terminal of this width."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = columns
    try:
        yield
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before


def solved(exercise: Exercise) -> str:
    """Return what `repix explain` prints for an exercise."""
    printed = StringIO()
    with terminal_columns(COLUMNS), redirect_stdout(printed):
        failed = run(["explain", *shlex.split(exercise.command), "--steps", "all"])
    if failed:
        raise SystemExit(f"`repix explain {exercise.command}` failed.")
    return "\n".join(line.rstrip() for line in printed.getvalue().strip().splitlines())


def worksheets() -> str:
    """Return the page with the questions."""
    lines = [
        "# Worksheets",
        "",
        "For lessons about upsampling, one sheet a chapter, by hand in 10 to 15 minutes each. The",
        "[solutions](worksheet-solutions.md) have every step; `repix explain` solves the same tasks with your numbers,",
        "and `--page FILE` makes a page that steps. A [lab of 45 minutes](notebooks/lab.ipynb) follows them.",
        "Written by `python -m docs.make_worksheets`.",
        "",
    ]
    for number, sheet in enumerate(WORKSHEETS, 1):
        lines += [f"## {number}. {sheet.title}", "", sheet.lesson, ""]
        for letter, exercise in zip("abcdef", sheet.exercises, strict=False):
            lines += [f"**{number}{letter}.** {exercise.question}", "", *_given(exercise), ""]
    return "\n".join(lines).strip() + "\n"


def _given(exercise: Exercise) -> list[str]:
    """Return the numbers of an exercise as a block of text."""
    blocks = [[f"{name}:", *(f"  {row}" for row in rows)] for name, rows in exercise.data()]
    return ["```text", *(line for block in blocks for line in block), "```"] if blocks else []


def solutions() -> str:
    """Return the page with the solutions."""
    lines = [
        "# Solutions of the worksheets",
        "",
        "What `repix explain` prints for each task of the [worksheets](worksheets.md), with all steps. Written by",
        "`python -m docs.make_worksheets`.",
        "",
    ]
    for number, sheet in enumerate(WORKSHEETS, 1):
        lines += [f"## {number}. {sheet.title}", ""]
        for letter, exercise in zip("abcdef", sheet.exercises, strict=False):
            shown = ["```text", f"$ repix explain {exercise.command} --steps all", solved(exercise), "```"]
            lines += [f"**{number}{letter}.** {exercise.question}", "", *shown, ""]
    return "\n".join(lines).strip() + "\n"


def main() -> None:
    """Write both pages."""
    (FOLDER / "worksheets.md").write_text(worksheets(), encoding="utf-8")
    (FOLDER / "worksheet-solutions.md").write_text(solutions(), encoding="utf-8")


if __name__ == "__main__":
    main()
