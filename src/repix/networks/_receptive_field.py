"""Receptive field arithmetic: from layer to layer, from the input to the output of a network."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, lcm


@dataclass(frozen=True)
class ReceptiveField:
    """The receptive field after some layers; each method returns the one after another layer.

    >>> ReceptiveField().conv(3).downsample(2).conv(3)
    ReceptiveField(pixel=Fraction(2, 1), margin=Fraction(3, 1), step=2)
    """

    pixel: Fraction = Fraction(1)
    """Side of a feature pixel (stride), in input pixels."""
    margin: Fraction | None = Fraction(0)
    """Margin of the receptive field around the input pixels that a feature pixel covers; None if it is unbounded or
    depends on the position."""
    step: int = 1
    """Heights and widths of the input must be multiples of this (total stride)."""

    def conv(self, kernel: int, times: int = 1) -> "ReceptiveField":
        """Return the receptive field after `times` convolutions with an odd kernel."""
        return self._widened(self.pixel * (kernel // 2) * times)

    def downsample(self, factor: int) -> "ReceptiveField":
        """Return the receptive field after pooling or unshuffling factor × factor pixels."""
        pixel = self.pixel * factor
        return replace(self, pixel=pixel, step=lcm(self.step, pixel.numerator))

    def upsample(self, scale: int, halo: int | None) -> "ReceptiveField":
        """Return the receptive field after an upsampler with this halo.

        >>> ReceptiveField().upsample(2, 1)
        ReceptiveField(pixel=Fraction(1, 2), margin=Fraction(3, 2), step=1)
        """
        if halo is None:
            return replace(self.unbounded(), pixel=self.pixel / scale)
        pixel = self.pixel / scale
        return replace(self._widened(self.pixel * halo + self.pixel - pixel), pixel=pixel)

    def join(self, other: "ReceptiveField") -> "ReceptiveField":
        """Return the receptive field of two paths that are added or concatenated."""
        margin = None if self.margin is None or other.margin is None else max(self.margin, other.margin)
        return replace(self, margin=margin, step=lcm(self.step, other.step))

    def then(self, other: "ReceptiveField") -> "ReceptiveField":
        """Return the receptive field of a network whose input is the output of this one, pixel by pixel.

        >>> ReceptiveField().conv(3).then(ReceptiveField().conv(5)).halo
        3
        """
        margin = None if self.margin is None or other.margin is None else self.margin + self.pixel * other.margin
        return ReceptiveField(self.pixel * other.pixel, margin, lcm(self.step, other.step))

    def unbounded(self) -> "ReceptiveField":
        """Return the receptive field after global statistics or attention."""
        return replace(self, margin=None)

    @property
    def scale(self) -> int:
        """The upsampling factor of the picture; an error if it is not an integer."""
        (scale, rest) = divmod(1, self.pixel)
        if rest or not scale:
            raise ValueError(f"a pixel of {self.pixel} input pixels is not an integer upsampling")
        return int(scale)

    @property
    def halo(self) -> int | None:
        """The halo: the margin of the receptive field, in whole input pixels.

        >>> ReceptiveField().upsample(2, 1).halo
        1
        """
        return None if self.margin is None else floor(self.margin)

    def _widened(self, by: Fraction) -> "ReceptiveField":
        return replace(self, margin=None if self.margin is None else self.margin + by)
