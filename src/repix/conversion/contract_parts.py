"""Parts of a contract: windows, and precisions with their measurements."""

from dataclasses import dataclass
from typing import Annotated, Literal

from repix.errors import WrongUse
from repix.parameters import Bounds
from repix.settings import Settings


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
