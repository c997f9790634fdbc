"""Pointwise conversions between pictures and the arrays of models."""

from dataclasses import replace

import numpy as np

from repix.arithmetic.arrays import Array, require_picture
from repix.arithmetic.color import luma
from repix.errors import WrongShape, WrongUse
from repix.pictures.picture import Picture


def to_planes(colors: Array) -> Array:
    """Return an array H×W×C as 1×C×H×W.

    >>> to_planes(np.zeros((2, 5, 3), np.float32)).shape
    (1, 3, 2, 5)
    """
    require_picture(colors)
    planes: Array = np.ascontiguousarray(colors.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)
    return planes


def from_planes(planes: Array) -> Array:
    """Return an array 1×C×H×W as H×W×C."""
    colors: Array = planes[0].transpose(1, 2, 0)
    return colors


def require_planes(y: Array, batch: int, channels: int, size: tuple[int, int]) -> None:
    """Refuse a model output with the wrong shape or with values that are not finite."""
    wanted = (batch, channels, *size)
    if y.shape != wanted:
        raise WrongShape(f"The model's output has shape {y.shape}; for this picture it must be {wanted}.")
    if not np.isfinite(y).all():
        raise WrongUse(
            "The model's output has values that are not finite; the picture's values are too large, or training failed."
        )


def as_kind(picture: Picture, color: bool) -> Array:
    """Return a picture's colors H×W×3, with gray repeated, or its luma H×W×1."""
    colors = picture.colors()
    if not color:
        return luma(colors)
    return np.repeat(colors, 3, axis=2) if picture.is_gray else colors


def lightness(picture: Picture) -> Array:
    """Return the luma of a picture: 1×1×H×W."""
    return to_planes(as_kind(picture, color=False))


def red_green_blue(picture: Picture) -> Array:
    """Return the colors of a picture: 1×3×H×W; gray is repeated."""
    return to_planes(as_kind(picture, color=True))


def for_model(colors: Array, color: bool) -> Array:
    """Return an array H×W×C as input of a model with equal input and output channels.

    A color model gets 1×3×H×W, with gray repeated; a gray model gets C×1×H×W, each channel as a batch item.
    """
    planes = to_planes(colors)
    if color:
        return np.repeat(planes, 3, axis=1) if planes.shape[1] == 1 else planes
    return planes.transpose(1, 0, 2, 3)


def from_model(y: Array, color: bool, gray: bool) -> Array:
    """Return the output of such a model as H×W×C; a color result of a gray picture becomes luma."""
    if not color:
        y = y.transpose(1, 0, 2, 3)
    return luma(from_planes(y)) if color and gray else from_planes(y)


def encode_alike(picture: Picture, color: bool) -> Array:
    """Return a picture as input of such a model, without alpha.

    >>> photo = Picture(np.zeros((2, 5, 4), np.uint8))
    >>> encode_alike(photo, color=True).shape, encode_alike(photo, color=False).shape
    ((1, 3, 2, 5), (3, 1, 2, 5))
    """
    return for_model(picture.colors(), color)


def with_note(picture: Picture, sentence: str) -> Picture:
    """Return a picture with a further note."""
    return replace(picture, notes=(*picture.notes, sentence))


def decode_alike(y: Array, source: Picture, color: bool) -> Picture:
    """Return the output of such a model as a picture with the source's alpha."""
    batch, channels = (1, 3) if color else (1 if source.is_gray else 3, 1)
    require_planes(y, batch, channels, source.size)
    result = source.with_colors(from_model(y, color, source.is_gray), source.alpha())
    return noted_channels(result, color)


def noted_channels(result: Picture, color: bool) -> Picture:
    """Return the result, with a note if a color model got a gray picture or the reverse."""
    if color and result.is_gray:
        return with_note(result, "the model is for color and the picture is gray: the result is gray")
    if not color and not result.is_gray:
        return with_note(result, "the model is for gray: red, green and blue were converted separately")
    return result


def into_gamut(gray: Array, spread: Array) -> Array:
    """Return the largest factor, at most 1, with which gray H×W×1 + factor · spread H×W×3 stays in [0, 1].

    >>> into_gamut(np.array([[[0.9]]]), np.array([[[0.2, -0.1, 0.0]]])).round(3).tolist()
    [[[0.5]]]
    """
    room = np.where(spread > 0, 1 - gray, gray)
    too_far = (np.abs(spread) > room) & (spread != 0)
    shares = np.divide(room, np.abs(spread), out=np.ones_like(spread), where=too_far)
    share: Array = np.clip(shares.min(axis=2, keepdims=True), 0, 1)
    return share


def colored(y: Array, source: Picture) -> Picture:
    """Return colors 1×3×H×W as a picture with the source's alpha."""
    require_planes(y, 1, 3, source.size)
    return noted_colors(source, source.with_colors(from_planes(y), source.alpha()))


def noted_colors(source: Picture, result: Picture) -> Picture:
    """Return the result, with a note if the source's own colors were replaced."""
    return (
        result if source.is_gray else with_note(result, "the picture's own colors were replaced: only its luma is used")
    )


def noted_opaque(source: Picture, result: Picture) -> Picture:
    """Return the result, with a note if the source had transparency, which the result has not."""
    return result if source.alpha() is None else with_note(result, "the result is opaque; alpha was dropped")


def in_floats(picture: Picture, colors: Array) -> Picture:
    """Return a picture with these float colors, neither rounded nor clipped, without alpha."""
    return picture.with_colors(colors, depth="float")
