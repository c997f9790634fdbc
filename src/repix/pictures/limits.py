"""Limits on file and picture size, checked before anything is decoded."""

from dataclasses import dataclass

from repix.errors import TooLarge


@dataclass(frozen=True)
class Limits:
    """Largest picture, in pixels, and largest file, in bytes, that `read` accepts."""

    pixels: int
    bytes: int

    def check_file(self, name: str, length: int) -> None:
        """Check the size of a file.

        Raises:
            TooLarge: the file has too many bytes.

        >>> Limits(pixels=100, bytes=10).check_file("a.png", 11)
        Traceback (most recent call last):
        repix.errors.TooLarge: a.png has 11 bytes, more than the 10 allowed here.
        """
        if length > self.bytes:
            raise TooLarge(f"{name} has {length:,} bytes, more than the {self.bytes:,} allowed here.")

    def check_size(self, name: str, height: int, width: int) -> None:
        """Check the size of a picture.

        Raises:
            TooLarge: the picture has too many pixels.

        >>> OWN.check_size("a.png", 60000, 60000)
        Traceback (most recent call last):
        repix.errors.TooLarge: a.png declares 60000×60000 pixels, more than the 2,147,483,648 allowed here.
        """
        if height * width > self.pixels:
            raise TooLarge(f"{name} declares {width}×{height} pixels, more than the {self.pixels:,} allowed here.")


OWN = Limits(pixels=2**31, bytes=2**37)
"""Limits for a user's own files: only sizes that no machine can process are refused."""

UPLOAD = Limits(pixels=50_000_000, bytes=32 * 2**20)
"""Limits for uploaded files."""
