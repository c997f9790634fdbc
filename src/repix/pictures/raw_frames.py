"""Raw frames: pictures of one size, one after the other, without a header, as ffmpeg's `rawvideo` has them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unreadable, WrongUse
from repix.pictures.picture import Picture
from repix.registry import closest

PIXEL_FORMATS: dict[str, tuple[int, str, str]] = {
    "gray8": (1, "8", "|u1"),
    "rgb24": (3, "8", "|u1"),
    "gray16le": (1, "16", "<u2"),
    "rgb48le": (3, "16", "<u2"),
}
"""Channels, depth and type of a value, by ffmpeg's names; le: the low byte first."""


@dataclass(frozen=True)
class FrameFormat:
    """Size and pixel format of raw frames.

    >>> FrameFormat.read("1920x1080", "rgb24").bytes
    6220800
    """

    height: int
    width: int
    pixel_format: str

    @classmethod
    def read(cls, size: str, pixel_format: str) -> "FrameFormat":
        """Return the format for a size as ffmpeg writes it, width first.

        Raises:
            WrongUse: the size or the pixel format is not known.

        >>> FrameFormat.read("1920", "rgb24")
        Traceback (most recent call last):
        repix.errors.WrongUse: --frames 1920 is not a size; write width and height in pixels, such as 1920x1080.
        """
        found = re.fullmatch(r"([1-9]\d{0,5})[x×]([1-9]\d{0,5})", size.strip(), re.ASCII)
        if found is None:
            raise WrongUse(f"--frames {size} is not a size; write width and height in pixels, such as 1920x1080.")
        if pixel_format not in PIXEL_FORMATS:
            raise WrongUse(f"There is no pixel format '{pixel_format}'; {closest(pixel_format, tuple(PIXEL_FORMATS))}")
        return cls(int(found[2]), int(found[1]), pixel_format)

    @classmethod
    def of(cls, picture: Picture) -> "FrameFormat":
        """Return the format of a picture's bytes.

        >>> FrameFormat.of(Picture(np.zeros((2, 3), np.uint16)))
        FrameFormat(height=2, width=3, pixel_format='gray16le')
        """
        kind = (picture.pixels.shape[2], picture.depth)
        found = next((name for name, (*known, _) in PIXEL_FORMATS.items() if tuple(known) == kind), None)
        if found is None:
            raise WrongUse(f"{picture} cannot be a raw frame; the pixel formats are {', '.join(PIXEL_FORMATS)}.")
        return cls(*picture.size, found)

    def __str__(self) -> str:
        return f"{self.width}x{self.height} {self.pixel_format}"

    @property
    def bytes(self) -> int:
        """The bytes of a frame."""
        channels, _, kind = PIXEL_FORMATS[self.pixel_format]
        return self.height * self.width * channels * np.dtype(kind).itemsize

    def picture(self, content: NDArray[np.uint8]) -> Picture:
        """Return the picture of a frame's bytes."""
        channels, _, kind = PIXEL_FORMATS[self.pixel_format]
        values = content.view(kind).reshape(self.height, self.width, channels)
        return Picture(values.astype(values.dtype.newbyteorder("="), copy=False))

    def frames(self, stream: BinaryIO) -> Iterator[Picture]:
        """Yield the frames of a stream.

        Raises:
            Unreadable: after the whole frames, if the stream ends within a frame; or if it is empty.
        """
        number = 0
        while found := self._next(stream, number):
            yield found
            number += 1

    def _next(self, stream: BinaryIO, number: int) -> Picture | None:
        """Return the next frame; None at the end of the stream."""
        content = np.empty(self.bytes, np.uint8)
        filled = _fill(stream, content)
        if filled == self.bytes:
            return self.picture(content)
        if filled:
            raise Unreadable(
                f"The standard input ended within frame {number + 1}: {filled} bytes arrived, but a frame of {self} "
                f"has {self.bytes} bytes. Check --frames and --pixel-format, or the program that sends the frames."
            )
        if not number:
            raise Unreadable("The standard input is empty; send raw frames: ffmpeg -i IN -f rawvideo - | repix ...")
        return None


def frame_bytes(picture: Picture) -> memoryview:
    """Return the bytes of a picture as a raw frame.

    >>> list(frame_bytes(Picture(np.array([[258]], np.uint16))))
    [2, 1]
    """
    kind = PIXEL_FORMATS[FrameFormat.of(picture).pixel_format][2]
    return np.ascontiguousarray(picture.pixels, kind).data.cast("B")


def _fill(stream: BinaryIO, content: NDArray[np.uint8]) -> int:
    """Read bytes until the array is full or the stream ends, and return their number."""
    view, filled = content.data, 0
    while filled < len(view):
        read: int = stream.readinto(view[filled:])  # type: ignore[attr-defined]
        if not read:
            break
        filled += read
    return filled
