"""Extents: what one side of a tensor knows of the picture's side that it follows.

A tile is a picture whose edges are not the picture's. Near them a layer reads padding where the whole picture goes on,
so its first and last places differ from those of the whole; the next layer reads these, and so on. How many places
that are is counted at both ends of every tensor, whatever the layers' kernels, gaps, shifts and sizes: with so many
pixels around them, tiles are the whole. A pixel that stands in the middle of a block sees a little farther than that,
because tiles begin at multiples of the step only; how far is counted too, and the halo is the larger of both.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from repix.conversion.foreign.field.endless import EndlessError, MisalignedError

LARGEST = 64
"""How many times larger a side can become in one step, as the contract's scale."""


@dataclass(frozen=True)
class Extent:
    """One side of a tensor, made of the picture's rows (side 0) or columns (side 1)."""

    side: int
    long: int
    """The picture's side, in pixels."""
    step: int
    """What the picture's sides are multiples of."""
    size: int
    """Places along the tensor's side."""
    pixel: Fraction = Fraction(1)
    """Pixels of the picture from one place to the next."""
    low: Fraction = Fraction(0)
    """A place depends on the pixels from `place * pixel + low` ..."""
    high: Fraction = Fraction(0)
    """... to `place * pixel + high`."""
    begin: int = 0
    """So many of the first places are others where the picture goes on before its beginning."""
    end: int = 0
    """So many of the last ones where it goes on behind its end."""
    mirror_begin: Fraction = Fraction(0)
    """How many pixels there must be for what is mirrored, or cut off, at the beginning to be what it is in the whole
    picture."""
    mirror_end: Fraction = Fraction(0)
    """The same for the end."""

    def __post_init__(self) -> None:
        if self.size < 1:
            raise EndlessError("leaves nothing of the picture")
        self._require_aligned(self.pixel)

    def _require_aligned(self, pixel: Fraction) -> None:
        if (self.step / pixel).denominator != 1:
            raise MisalignedError(f"repeats itself only every {pixel} pixels")

    def window(self, kernel: int, stride: int, before: int, behind: int, *, upwards: bool = False) -> "Extent":
        """Each place made of `kernel` neighbors, with padding before and behind."""
        room = self.size + before + behind - kernel
        if room < 0:
            raise EndlessError("has windows larger than a picture")
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
        """Each place spread over `kernel` places, `stride` apart; so many places taken off, or added behind."""
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
        """Another size; the places that each new one is made of, of which neither may fall while they are counted."""
        if not 0 < size <= LARGEST * self.size:
            raise EndlessError(f"makes {size} places of {self.size}")
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
        """Places added, or taken off where negative; `mirrored`: how deep the new ones read what is there."""
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
        """Blocks of so many places in one."""
        if self.size % block:
            raise MisalignedError(f"cuts {self.size} places into blocks of {block}")
        return self.window(block, block, 0, 0)

    def merged(self, block: int) -> "Extent":
        """So many places out of each."""
        return self.transposed(block, block, 0, 0, 0)

    def joined(self, other: "Extent") -> "Extent":
        """What depends on both."""
        if (self.side, self.size, self.pixel) != (other.side, other.size, other.pixel):
            raise EndlessError("joins what does not lie on the same pixels")
        return replace(
            self.deepened(other),
            low=min(self.low, other.low),
            high=max(self.high, other.high),
            begin=max(self.begin, other.begin),
            end=max(self.end, other.end),
        )

    def deepened(self, other: "Extent") -> "Extent":
        """The same, needing as many pixels at its edges as another that was mirrored."""
        return replace(
            self,
            mirror_begin=max(self.mirror_begin, other.mirror_begin),
            mirror_end=max(self.mirror_end, other.mirror_end),
        )

    @property
    def geometry(self) -> tuple[object, ...]:
        """All of it that does not grow with the picture."""
        added = self.size - self.long / self.pixel
        reach = (self.low, self.high, self.begin, self.end)
        return (self.side, self.pixel, added, *reach, self.mirror_begin, self.mirror_end)

    def _needed(self, depth: int, at_the_other_end: int) -> Fraction:
        """The least picture in which the place at this depth is what it is in a larger one."""
        return self.long - self.pixel * (self.size - 1 - at_the_other_end - depth)

    @property
    def halo(self) -> tuple[int, int]:
        """How many pixels are needed before and behind those whose result is wanted."""
        inside = max(Fraction(0), 1 - self.pixel)  # several places may belong to one pixel
        before = max(self.begin * self.pixel, self.mirror_end - 1, Fraction(floor(-self.low)))
        behind = max(self.end * self.pixel, self.mirror_begin - 1, Fraction(floor(self.high + inside)))
        return max(0, ceil(before)), max(0, ceil(behind))
