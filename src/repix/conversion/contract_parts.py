"""Parts of a contract: side inputs, windows, and precisions with their measurements."""

from dataclasses import dataclass
from typing import Annotated, Literal

from repix.errors import WrongUse
from repix.parameters import Bounds, Range
from repix.printable import shown
from repix.settings import Settings


@dataclass(frozen=True)
class SideInput(Settings):
    """An input of a model besides the picture, such as color hints or a noise level.

    >>> SideInput("sigma", "noise-level", range=(0, 55), default=25).channels
    1
    """

    name: Annotated[str, "the name of the graph's input"]
    kind: Annotated[
        Literal["color-hints", "noise-level", "noise-map", "perception-map"],
        "what it means; a noise level is one number, all others are maps as high and wide as the picture",
    ]
    channels: Annotated[int, "channels of a map", Bounds(1, 4096)] = 1
    range: Annotated[Range, "the least and the greatest value"] = (0.0, 1.0)
    default: Annotated[float, "the value where none is given"] = 0.0

    def __post_init__(self) -> None:
        """Check that the parts go together."""
        super().__post_init__()
        if not self.name:
            raise WrongUse("A side input has an empty name; it must be the name of an input of the graph.")
        if self.kind == "noise-level" and self.channels != 1:
            raise WrongUse(f"The side input {shown(self.name)} has {self.channels} channels; a noise level has 1.")
        low, high = self.range
        if not low <= self.default <= high:
            raise WrongUse(
                f"The side input {shown(self.name)} has the default {self.default:g}; its range is {low:g} to {high:g}."
            )


@dataclass(frozen=True)
class Windows(Settings):
    """Square windows on a grid that starts at the picture's origin; each is computed alone, then they are blended.

    >>> Windows(size=256, stride=192).blending
    'hann'
    """

    size: Annotated[int, "height and width of a window, in pixels of the source", Bounds(1, 65536)]
    stride: Annotated[int, "distance from one window to the next", Bounds(1, 65536)]
    blending: Annotated[Literal["uniform", "triangular", "hann"], "weights that average overlapping windows"] = "hann"

    def __post_init__(self) -> None:
        """Check that there are no gaps between windows."""
        super().__post_init__()
        if self.stride > self.size:
            raise WrongUse(f"The stride of the windows is {self.stride}; it must be at most their size, {self.size}.")


@dataclass(frozen=True)
class MeasuredPrecision(Settings):
    """The accuracy of results in one precision, compared with exact (float32) ones, on held-out pictures."""

    name: Annotated[str, "the precision: bf16"]
    psnr: Annotated[float | None, "for pictures: dB between these results and exact ones, of the worst picture"] = None
    agreement: Annotated[
        float | None, "for classes: share of pixels that keep their class, of the worst picture", Bounds(0, 1)
    ] = None
    worse: Annotated[float, "loss against the ground truth compared with exact results, by the metric"] = 0.0
    metric: Annotated[str, "the metric"] = ""
    unit: Annotated[str, "the metric's unit"] = ""
    examples: Annotated[int, "how many pictures were measured", Bounds(0)] = 0
    verdict: Annotated[
        Literal["accurate", "inaccurate"], "whether it stayed within repix's limits when it was measured"
    ] = "inaccurate"
