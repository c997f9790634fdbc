"""Reach: how far one output pixel sees, followed layer by layer from the input to the output of a network."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, lcm


@dataclass(frozen=True)
class Reach:
    """What is known after some layers; every layer gives the next one.

    >>> Reach().convolved(3).shrunk(2).convolved(3)
    Reach(pixel=Fraction(2, 1), far=Fraction(3, 1), step=2)
    """

    pixel: Fraction = Fraction(1)
    """The side of one pixel here, in pixels of the input."""
    far: Fraction | None = Fraction(0)
    """How far one pixel here sees beyond the input pixels it covers; None: everywhere, or not the same everywhere."""
    step: int = 1
    """Height and width of the input must be multiples of this."""

    def convolved(self, kernel: int, times: int = 1) -> "Reach":
        """After so many convolutions with an odd kernel."""
        return self._farther(self.pixel * (kernel // 2) * times)

    def shrunk(self, factor: int) -> "Reach":
        """After blocks of factor × factor pixels became one pixel."""
        pixel = self.pixel * factor
        return replace(self, pixel=pixel, step=lcm(self.step, pixel.numerator))

    def enlarged(self, scale: int, halo: int | None) -> "Reach":
        """After an upsampler with this halo: a small pixel may lie at the edge of the large one that it came from.

        >>> Reach().enlarged(2, 1)
        Reach(pixel=Fraction(1, 2), far=Fraction(3, 2), step=1)
        """
        if halo is None:
            return replace(self.everywhere(), pixel=self.pixel / scale)
        pixel = self.pixel / scale
        return replace(self._farther(self.pixel * halo + self.pixel - pixel), pixel=pixel)

    def joined(self, other: "Reach") -> "Reach":
        """Where two paths meet in pixels of one size."""
        far = None if self.far is None or other.far is None else max(self.far, other.far)
        return replace(self, far=far, step=lcm(self.step, other.step))

    def everywhere(self) -> "Reach":
        """After global statistics, attention and the like."""
        return replace(self, far=None)

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

        >>> Reach().enlarged(2, 1).halo
        1
        """
        return None if self.far is None else floor(self.far)

    def _farther(self, by: Fraction) -> "Reach":
        return replace(self, far=None if self.far is None else self.far + by)
