"""Parts of a contract: windows, the slices of volumes, and precisions with their measurements."""

from dataclasses import dataclass
from typing import Annotated, Literal

from repix.errors import WrongUse
from repix.parameters import Bounds
from repix.settings import Settings


@dataclass(frozen=True)
class Windows(Settings):
    """Square windows on a grid that starts at the picture's origin; each is computed alone, then they are blended.

    The last windows may extend beyond the picture, which is padded there.

    >>> windows = Windows(size=256, stride=192)
    >>> windows.blending, windows.count(300), windows.padded(300)
    ('hann', 2, 448)
    """

    size: Annotated[int, "height and width of a window, in pixels of the source", Bounds(1, 65536)]
    stride: Annotated[int, "distance from one window to the next", Bounds(1, 65536)]
    blending: Annotated[Literal["uniform", "triangular", "hann"], "weights that average overlapping windows"] = "hann"

    def __post_init__(self) -> None:
        """Check that there are no gaps between windows."""
        super().__post_init__()
        if self.stride > self.size:
            raise WrongUse(f"The stride of the windows is {self.stride}; it must be at most their size, {self.size}.")

    def count(self, side: int) -> int:
        """Return the number of windows along a side of a picture."""
        return max(-(-(side - self.size) // self.stride), 0) + 1

    def extent(self, count: int) -> int:
        """Return the pixels that this number of windows covers along a side."""
        return (count - 1) * self.stride + self.size

    def padded(self, side: int) -> int:
        """Return a side of a picture with its padding, which the last window fills."""
        return self.extent(self.count(side))

    @property
    def overlapping(self) -> int:
        """The number of earlier windows along a side that overlap one.

        >>> Windows(256, 256).overlapping, Windows(256, 192).overlapping, Windows(256, 64).overlapping
        (0, 1, 3)
        """
        return -(-self.size // self.stride) - 1


@dataclass(frozen=True)
class Slices(Settings):
    """The third side of a model for volumes, the D of N×C×D×H×W.

    >>> Slices(step=4, halo=5).margin, Slices(step=4).padded(30)
    (8, 32)
    """

    step: Annotated[int, "the number of slices is padded to a multiple of it", Bounds(1, 4096)] = 1
    halo: Annotated[int | None, "margin of the receptive field, in slices; none: all slices", Bounds(0)] = None

    @property
    def margin(self) -> int:
        """The halo, rounded up to a multiple of the step; 0 where there is no halo."""
        return -(-(self.halo or 0) // self.step) * self.step

    def padded(self, slices: int) -> int:
        """Return a number of slices with its padding."""
        return -(-slices // self.step) * self.step


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
