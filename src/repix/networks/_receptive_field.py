"""ReceptiveField: how far one output pixel sees, followed layer by layer from the input to the output of a network."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, lcm


@dataclass(frozen=True)
class ReceptiveField:
    """What is known after some layers; every layer gives the next one.

    >>> ReceptiveField().conv(3).downsample(2).conv(3)
    ReceptiveField(pixel=Fraction(2, 1), margin=Fraction(3, 1), step=2)
    """

    pixel: Fraction = Fraction(1)
    """The side of one pixel here, in pixels of the input."""
    margin: Fraction | None = Fraction(0)
    """How far one pixel here sees beyond the input pixels it covers; None: everywhere, or not the same everywhere."""
    step: int = 1
    """Height and width of the input must be multiples of this."""

    def conv(self, kernel: int, times: int = 1) -> "ReceptiveField":
        """After so many convolutions with an odd kernel."""
        return self._widened(self.pixel * (kernel // 2) * times)

    def downsample(self, factor: int) -> "ReceptiveField":
        """After blocks of factor × factor pixels became one pixel."""
        pixel = self.pixel * factor
        return replace(self, pixel=pixel, step=lcm(self.step, pixel.numerator))

    def upsample(self, scale: int, halo: int | None) -> "ReceptiveField":
        """After an upsampler with this halo: a small pixel may lie at the edge of the large one that it came from.

        >>> ReceptiveField().upsample(2, 1)
        ReceptiveField(pixel=Fraction(1, 2), margin=Fraction(3, 2), step=1)
        """
        if halo is None:
            return replace(self.unbounded(), pixel=self.pixel / scale)
        pixel = self.pixel / scale
        return replace(self._widened(self.pixel * halo + self.pixel - pixel), pixel=pixel)

    def join(self, other: "ReceptiveField") -> "ReceptiveField":
        """Where two paths meet in pixels of one size."""
        margin = None if self.margin is None or other.margin is None else max(self.margin, other.margin)
        return replace(self, margin=far, step=lcm(self.step, other.step))

    def unbounded(self) -> "ReceptiveField":
        """After global statistics, attention and the like."""
        return replace(self, margin=None)

    @property
    def scale(self) -> int:
        """How many times larger the picture is here than the input; an error where it is not a whole number."""
        (scale, rest) = divmod(1, self.pixel)
        if rest or not scale:
            raise ValueError(f"pixels of {self.pixel} are no whole enlargement")
        return int(scale)

    @property
    def halo(self) -> int | None:
        """Input pixels around its own that an output pixel depends on.

        >>> ReceptiveField().upsample(2, 1).halo
        1
        """
        return None if self.margin is None else floor(self.margin)

    def _widened(self, by: Fraction) -> "ReceptiveField":
        return replace(self, margin=None if self.margin is None else self.margin + by)
