"""The options of operations, as the command line and pages show them; names are PyTorch's where it has the same."""

from dataclasses import dataclass
from typing import Annotated

from repix.explanation.option_values import LARGEST


@dataclass(frozen=True)
class Option:
    """How a parameter of an operation is called, and what it means."""

    help: str
    metavar: str | None = None
    """What stands for its value; None for a switch."""
    names: tuple[str, ...] = ()
    """Left out: made from the parameter's name."""
    most: float | None = None
    """The largest value allowed."""


def option(metavar: str, text: str, *names: str) -> Option:
    """Return an option by its names; the first is the parameter's."""
    return Option(text, metavar, names)


Data = Annotated[str, option("NUMBERS", "Numbers by space or comma, rows by `;`, channels by `|`.")]
Values = Annotated[str, option("NUMBERS", "One row of numbers, by space or comma.", "--data")]
Kernel = Annotated[str, option("NUMBERS", "Rows by `;`; by `|` one kernel for each channel.")]
Pair = "N or ROWS,COLUMNS"
Stride = Annotated[str, option(Pair, "How far the kernel moves at a time.")]
Padding = Annotated[str, option("N|same|valid", "Zeros around the data; also ROWS,COLUMNS, or Keras' two rules.")]
Cut = Annotated[
    str, option("N|same|valid", "Rows and columns cut off the output's edges; also ROWS,COLUMNS.", "--padding")
]
OutputPadding = Annotated[str, option(Pair, "Rows and columns kept or added at the bottom and right.")]
Dilation = Annotated[str, option(Pair, "Distance between the kernel's numbers.")]
Bias = Annotated[float | None, option("NUMBER", "Added to every output number.")]
ScaleFactor = Annotated[
    float | None,
    Option(
        "How many times as large; below 1 shrinks. A fraction of a pixel is rounded down.",
        "NUMBER",
        ("--scale-factor", "--scale"),
        LARGEST,
    ),
]
Times = Annotated[int, option("R", "How many times as high and wide.", "--upscale-factor", "--scale")]
Size = Annotated[str | None, option(Pair, "The output's rows and columns, in place of --scale-factor.")]
AlignCorners = Annotated[
    bool, Option("Corner pixels stay put. Left out, pixels are areas (half-pixel).", names=("--align-corners",))
]
A = Annotated[float, option("NUMBER", "The kernel's shape: -0.5 in MATLAB and Pillow, -0.75 in torch and OpenCV.")]
Half = Annotated[str | None, option("width|height", "Only one half: the first widens, the second heightens.")]
Positions = Annotated[str | None, option("NUMBERS", "Where the numbers stand, rising; left out: 0, 1, 2 ...")]
Antialias = Annotated[bool, Option("When shrinking, average over all pixels.", names=("--antialias",))]
