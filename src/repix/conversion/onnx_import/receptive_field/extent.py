"""Extents: the relation of one axis of a tensor to the rows or columns of the picture.

At the edges of a tile a layer reads padding, where the whole picture continues. So the first and last positions of its
output differ from those of the whole picture. The next layer reads these positions, and so on. The number of differing
positions is counted at both ends of every tensor, for all kernels, dilations, shifts and sizes. With a margin of that
size, tiles equal the whole picture. A pixel inside a block of the step may depend on pixels a little farther away,
because tiles start at multiples of the step. That distance is counted too; the halo is the larger one.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from repix.conversion.onnx_import.receptive_field.errors import MisalignedError, UnboundedError

LARGEST = 64
"""The largest scale factor of one operator, as of the contract's scale."""


@dataclass(frozen=True)
class Extent:
    """One axis of a tensor that depends on the picture's rows (side 0) or columns (side 1)."""

    side: int
    long: int
    """The picture's size along this axis, in pixels."""
    step: int
    """The picture's sizes are multiples of it."""
    size: int
    """The number of positions on the tensor's axis."""
    pixel: Fraction = Fraction(1)
    """The distance from one position to the next, in pixels of the picture."""
    low: Fraction = Fraction(0)
    """A position depends on the pixels from `position * pixel + low` ..."""
    high: Fraction = Fraction(0)
    """... to `position * pixel + high`."""
    begin: int = 0
    """The number of first positions that differ if the picture continues before its start."""
    end: int = 0
    """The number of last positions that differ if the picture continues after its end."""
    mirror_begin: Fraction = Fraction(0)
    """The smallest picture, in pixels, in which what is mirrored or cropped at the start equals that of a larger
    picture."""
    mirror_end: Fraction = Fraction(0)
    """The same for the end."""

    def __post_init__(self) -> None:
        if self.size < 1:
            raise UnboundedError("makes an empty axis")
        self._require_aligned(self.pixel)

    def _require_aligned(self, pixel: Fraction) -> None:
        if (self.step / pixel).denominator != 1:
            raise MisalignedError(f"has a stride of {pixel} pixels, which does not divide the step")

    def window(self, kernel: int, stride: int, before: int, behind: int, *, upwards: bool = False) -> "Extent":
        """Return the axis after a sliding window of `kernel` positions, with padding before and after."""
        room = self.size + before + behind - kernel
        if room < 0:
            raise UnboundedError("has a kernel larger than the picture")
        size = (-(-room // stride) if upwards else room // stride) + 1
        if upwards and (size - 1) * stride >= self.size + before:
            size -= 1
        beyond = (size - 1) * stride - before + kernel - self.size
        return replace(
            self,
            size=size,
            pixel=self.pixel * stride,
            low=self.low - self.pixel * before,
            high=self.high + self.pixel * (kernel - 1 - before),
            begin=max(0, -(-(self.begin + before) // stride)),
            end=max(0, -(-(self.end + beyond) // stride)),
        )

    def transposed(self, kernel: int, stride: int, before: int, behind: int, more: int) -> "Extent":
        """Return the axis after a transposed convolution with cropping before and after, and output padding."""
        return replace(
            self,
            size=stride * (self.size - 1) + more + kernel - before - behind,
            pixel=self.pixel / stride,
            low=self.low + self.pixel / stride * (before - kernel + 1),
            high=self.high + self.pixel / stride * before,
            begin=max(0, stride * (self.begin - 1) + kernel - before),
            end=max(0, stride * (self.end - 1) + kernel - behind + more),
        )

    def resampled(self, size: int, lowest: Callable[[int], int], highest: Callable[[int], int]) -> "Extent":
        """Return the axis after resizing; `lowest` and `highest` return the old positions that a new one depends on.

        Both must be monotonic.
        """
        if not 0 < size <= LARGEST * self.size:
            raise UnboundedError(f"resizes {self.size} positions to {size}")
        pixel = self.pixel * self.size / size
        self._require_aligned(pixel)
        first = size // 2
        phases = range(first, min(size, first + (self.pixel / pixel).numerator))
        begin = bisect_left(range(size), self.begin, key=lowest)
        end = bisect_left(range(size), self.end - self.size + 1, key=lambda place: -highest(size - 1 - place))
        return replace(
            self,
            size=size,
            pixel=pixel,
            low=self.low + min(self.pixel * lowest(place) - pixel * place for place in phases),
            high=self.high + max(self.pixel * highest(place) - pixel * place for place in phases),
            begin=begin,
            end=end,
        )

    def padded(self, before: int, behind: int, mirrored: tuple[int, int] | None) -> "Extent":
        """Return the axis after padding (or cropping); `mirrored` are the depths to which mirrored padding reads."""
        made = replace(
            self,
            size=self.size + before + behind,
            low=self.low - self.pixel * before,
            high=self.high - self.pixel * before,
            begin=max(0, self.begin + before),
            end=max(0, self.end + behind),
        )
        cut = max(0, -before) + max(0, -behind)
        if cut:  # a side that is not longer than what is taken off would keep a size of its own
            least = self._needed(cut, 0)
            made = replace(made, mirror_begin=max(made.mirror_begin, least), mirror_end=max(made.mirror_end, least))
        if mirrored is None:
            return made
        return replace(
            made,
            mirror_begin=max(made.mirror_begin, self._needed(mirrored[0], self.end) if before > 0 else Fraction(0)),
            mirror_end=max(made.mirror_end, self._needed(mirrored[1], self.begin) if behind > 0 else Fraction(0)),
        )

    def split(self, block: int) -> "Extent":
        """Return the axis with blocks of positions merged into one position each."""
        if self.size % block:
            raise MisalignedError(f"splits {self.size} positions into blocks of {block}")
        return self.window(block, block, 0, 0)

    def merged(self, block: int) -> "Extent":
        """Return the axis with each position split into a block of positions."""
        return self.transposed(block, block, 0, 0, 0)

    def joined(self, other: "Extent") -> "Extent":
        """Return the axis of a tensor that depends on both."""
        if (self.side, self.size, self.pixel) != (other.side, other.size, other.pixel):
            raise UnboundedError("combines tensors that are not aligned")
        return replace(
            self.deepened(other),
            low=min(self.low, other.low),
            high=max(self.high, other.high),
            begin=max(self.begin, other.begin),
            end=max(self.end, other.end),
        )

    def deepened(self, other: "Extent") -> "Extent":
        """Return the axis with the mirror depths of another."""
        return replace(
            self,
            mirror_begin=max(self.mirror_begin, other.mirror_begin),
            mirror_end=max(self.mirror_end, other.mirror_end),
        )

    @property
    def geometry(self) -> tuple[object, ...]:
        """The part that does not depend on the picture's size."""
        added = self.size - self.long / self.pixel
        reach = (self.low, self.high, self.begin, self.end)
        return (self.side, self.pixel, added, *reach, self.mirror_begin, self.mirror_end)

    def _needed(self, depth: int, at_the_other_end: int) -> Fraction:
        """Return the smallest picture in which the position at a depth equals that of a larger picture."""
        return self.long - self.pixel * (self.size - 1 - at_the_other_end - depth)

    @property
    def halo(self) -> tuple[int, int]:
        """The margins before and after, in pixels."""
        inside = max(Fraction(0), 1 - self.pixel)  # several positions may be in one pixel
        before = max(self.begin * self.pixel, self.mirror_end - 1, Fraction(floor(-self.low)))
        behind = max(self.end * self.pixel, self.mirror_begin - 1, Fraction(floor(self.high + inside)))
        return max(0, ceil(before)), max(0, ceil(behind))
