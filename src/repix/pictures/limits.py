"""How large a file may be, judged by its header before anything is decoded."""

from dataclasses import dataclass

from repix.errors import TooLarge


@dataclass(frozen=True)
class Limits:
    """The largest picture and file that `read` accepts."""

    pixels: int
    bytes: int

    def check_file(self, name: str, length: int) -> None:
        """Refuse a file of too many bytes.

        >>> Limits(pixels=100, bytes=10).check_file("a.png", 11)
        Traceback (most recent call last):
        repix.errors.TooLarge: a.png has 11 bytes, more than the 10 that are allowed here.
        """
        if length > self.bytes:
            raise TooLarge(f"{name} has {length:,} bytes, more than the {self.bytes:,} that are allowed here.")

    def check_size(self, name: str, height: int, width: int) -> None:
        """Refuse a picture of too many pixels.

        >>> OWN.check_size("a.png", 60000, 60000)
        Traceback (most recent call last):
        repix.errors.TooLarge: a.png announces 60000×60000 pixels, more than the 2,147,483,648 that are allowed here.
        """
        if height * width > self.pixels:
            raise TooLarge(
                f"{name} announces {width}×{height} pixels, more than the {self.pixels:,} that are allowed here."
            )


OWN = Limits(pixels=2**31, bytes=2**37)
"""For a person's own files: only what no machine could hold is refused."""

UPLOAD = Limits(pixels=50_000_000, bytes=32 * 2**20)
"""For files from strangers."""
