"""Options of the operations for the command line; they have PyTorch's names where PyTorch has them."""

from dataclasses import dataclass
from typing import Annotated

from repix.explanation.option_values import LARGEST


@dataclass(frozen=True)
class Option:
    """The help text, names and limit of a parameter of an operation."""

    help: str
    metavar: str | None = None
    """The placeholder of its value in the help text; None for a flag."""
    names: tuple[str, ...] = ()
    """Option names; by default made from the parameter's name."""
    most: float | None = None
    """The largest value allowed."""


def option(metavar: str, text: str, *names: str) -> Option:
    """Return an option; the first name is the parameter's."""
    return Option(text, metavar, names)


Data = Annotated[str, option("NUMBERS", "Numbers; rows are separated by `;`, channels by `|`.")]
Values = Annotated[str, option("NUMBERS", "One row of numbers, separated by spaces or commas.", "--data")]
Kernel = Annotated[str, option("NUMBERS", "Rows are separated by `;`, the kernels of channels by `|`.")]
Pair = "N or ROWS,COLUMNS"
Stride = Annotated[str, option(Pair, "Step of the kernel.")]
Padding = Annotated[str, option("N|same|valid", "Zeros around the data; also ROWS,COLUMNS, or Keras' rules.")]
Cut = Annotated[str, option("N|same|valid", "Crop of the output at each edge; also ROWS,COLUMNS.", "--padding")]
OutputPadding = Annotated[str, option(Pair, "Rows and columns added at the bottom and right.")]
Dilation = Annotated[str, option(Pair, "Distance between the values of the kernel.")]
Bias = Annotated[float | None, option("NUMBER", "Added to every output value.")]
ScaleFactor = Annotated[
    float | None,
    Option(
        "Scale factor; below 1 shrinks. A fractional size is rounded down.",
        "NUMBER",
        ("--scale-factor", "--scale"),
        LARGEST,
    ),
]
Times = Annotated[int, option("R", "Scale factor of height and width.", "--upscale-factor", "--scale")]
Size = Annotated[str | None, option(Pair, "The output's rows and columns, instead of --scale-factor.")]
AlignCorners = Annotated[
    bool, Option("Align the corner pixels; default: half-pixel centers.", names=("--align-corners",))
]
A = Annotated[float, option("NUMBER", "Kernel parameter: -0.5 in MATLAB and Pillow, -0.75 in torch and OpenCV.")]
Half = Annotated[str | None, option("width|height", "One direction only.")]
Positions = Annotated[str | None, option("NUMBERS", "Positions of the values; default: 0, 1, 2 ...")]
Antialias = Annotated[bool, Option("Average over all pixels when shrinking.", names=("--antialias",))]
