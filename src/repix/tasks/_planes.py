"""Between the pixels of a picture and the planes of a model, pixel by pixel."""

from dataclasses import replace

import numpy as np

from repix.arithmetic.arrays import Array, require_picture
from repix.arithmetic.color import luma
from repix.errors import WrongShape, WrongUse
from repix.pictures.picture import Picture


def to_planes(colors: Array) -> Array:
    """H×W×C as 1×C×H×W.

    >>> to_planes(np.zeros((2, 5, 3), np.float32)).shape
    (1, 3, 2, 5)
    """
    require_picture(colors)
    planes: Array = np.ascontiguousarray(colors.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)
    return planes


def from_planes(planes: Array) -> Array:
    """1×C×H×W as H×W×C."""
    colors: Array = planes[0].transpose(1, 2, 0)
    return colors


def require_planes(y: Array, batch: int, channels: int, size: tuple[int, int]) -> None:
    """Refuse what no model of this task can have given for this picture."""
    wanted = (batch, channels, *size)
    if y.shape != wanted:
        raise WrongShape(f"The model's result has shape {y.shape}; for this picture it must be {wanted}.")
    if not np.isfinite(y).all():
        raise WrongUse(
            "The model's result holds numbers that are not finite; the picture's are too large, or its training failed."
        )


def as_kind(picture: Picture, color: bool) -> Array:
    """A picture's colors H×W×3 with gray repeated, or its lightness H×W×1."""
    colors = picture.colors()
    if not color:
        return luma(colors)
    return np.repeat(colors, 3, axis=2) if picture.is_gray else colors


def lightness(picture: Picture) -> Array:
    """How light each pixel is: 1×1×H×W."""
    return to_planes(as_kind(picture, color=False))


def red_green_blue(picture: Picture) -> Array:
    """1×3×H×W; gray is repeated."""
    return to_planes(as_kind(picture, color=True))


def for_model(colors: Array, color: bool) -> Array:
    """H×W×C for a model that gives what it takes.

    A color model gets 1×3×H×W, where gray is repeated; a gray model gets C×1×H×W, one channel after the other.
    """
    planes = to_planes(colors)
    if color:
        return np.repeat(planes, 3, axis=1) if planes.shape[1] == 1 else planes
    return planes.transpose(1, 0, 2, 3)


def from_model(y: Array, color: bool, gray: bool) -> Array:
    """The way back; of three channels that were one, the lightness."""
    if not color:
        y = y.transpose(1, 0, 2, 3)
    return luma(from_planes(y)) if color and gray else from_planes(y)


def encode_alike(picture: Picture, color: bool) -> Array:
    """A picture for a model that gives what it takes; alpha stays behind.

    >>> photo = Picture(np.zeros((2, 5, 4), np.uint8))
    >>> encode_alike(photo, color=True).shape, encode_alike(photo, color=False).shape
    ((1, 3, 2, 5), (3, 1, 2, 5))
    """
    return for_model(picture.colors(), color)


def saying(picture: Picture, sentence: str) -> Picture:
    """A picture with one more note on how it was made."""
    return replace(picture, notes=(*picture.notes, sentence))


def decode_alike(y: Array, source: Picture, color: bool) -> Picture:
    """What such a model gave, as a picture with the source's own alpha."""
    batch, channels = (1, 3) if color else (1 if source.is_gray else 3, 1)
    require_planes(y, batch, channels, source.size)
    result = source.with_colors(from_model(y, color, source.is_gray), source.alpha())
    return said_alike(result, color)


def said_alike(result: Picture, color: bool) -> Picture:
    """With a note where a model of one kind had pictures of the other."""
    if color and result.is_gray:
        return saying(result, "the model is for colors and the picture is gray: it stayed gray")
    if not color and not result.is_gray:
        return saying(result, "the model is for gray: red, green and blue went through one after the other")
    return result


def into_gamut(gray: Array, spread: Array) -> Array:
    """The largest share, at most 1, of the spread H×W×3 that the gray H×W×1 can bear; lightness is the same with any.

    >>> into_gamut(np.array([[[0.9]]]), np.array([[[0.2, -0.1, 0.0]]])).round(3).tolist()
    [[[0.5]]]
    """
    room = np.where(spread > 0, 1 - gray, gray)
    too_far = (np.abs(spread) > room) & (spread != 0)
    shares = np.divide(room, np.abs(spread), out=np.ones_like(spread), where=too_far)
    share: Array = np.clip(shares.min(axis=2, keepdims=True), 0, 1)
    return share


def colored(y: Array, source: Picture) -> Picture:
    """Red, green and blue 1×3×H×W as a picture with the source's own alpha."""
    require_planes(y, 1, 3, source.size)
    return said_replaced(source, source.with_colors(from_planes(y), source.alpha()))


def said_replaced(source: Picture, result: Picture) -> Picture:
    """With a note where colors that the source had were made anew."""
    return (
        result
        if source.is_gray
        else saying(result, "the picture's own colors were replaced: only its lightness counts")
    )


def said_opaque(source: Picture, result: Picture) -> Picture:
    """With a note where the source was transparent in places, which the result is not."""
    return result if source.alpha() is None else saying(result, "the result is opaque, whatever the picture was")


def in_floats(picture: Picture, colors: Array) -> Picture:
    """These numbers as they are, neither rounded nor clipped, with all else of the picture but its alpha."""
    return picture.with_colors(colors, depth="float")
