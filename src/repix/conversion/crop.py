"""Crop: a rectangle of a picture, to try a model on."""

from dataclasses import dataclass, replace

from repix.errors import WrongUse
from repix.pictures.picture import Picture


@dataclass(frozen=True)
class Crop:
    """A rectangle in a picture: left edge, top edge, width and height, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def read(cls, text: str) -> "Crop":
        """Return the crop of a text X,Y,WIDTH,HEIGHT.

        >>> Crop.read("100,50,640,480")
        Crop(left=100, top=50, width=640, height=480)
        >>> Crop.read("100,50")
        Traceback (most recent call last):
        repix.errors.WrongUse: '100,50' is not a crop; give X,Y,WIDTH,HEIGHT in pixels, like 0,0,640,480.
        """
        parts = text.split(",")
        if len(parts) == 4 and all(part.strip().isdecimal() for part in parts):
            left, top, width, height = map(int, parts)
            if width and height:
                return cls(left, top, width, height)
        raise WrongUse(f"'{text}' is not a crop; give X,Y,WIDTH,HEIGHT in pixels, like 0,0,640,480.")

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.width},{self.height}"

    def of(self, picture: Picture) -> Picture:
        """Return this rectangle of a picture."""
        height, width = picture.size
        if self.left + self.width > width or self.top + self.height > height:
            raise WrongUse(f"The crop {self} is not inside the picture, which is {width}×{height}.")
        rows, columns = slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)
        return replace(picture, pixels=picture.pixels[rows, columns])
