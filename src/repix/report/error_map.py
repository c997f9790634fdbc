"""Error maps with their legends: differences of pictures as colors, and wrong classes."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.report.crops import Pixels
from repix.report.tables import swatch

VIRIDIS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
"""Colors from no error to the largest; brightness increases with the error, also for color-blind people."""
WRONG = "#d55e00"
"""Color of a pixel with a wrong class."""
HIGHEST = (2, 5, 10, 20, 50, 100, 255)
"""Ends of the scale to choose from, in gray levels (8-bit)."""
COVERED = 99.0
"""Percentile of the errors that the scale reaches."""


def error_of(result: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.float32]:
    """Return the absolute difference of two pictures H×W×C in [0, 1], mean over the channels, H×W.

    >>> error_of(np.array([[[0.5]]]), np.array([[[0.25]]])).tolist()
    [[0.25]]
    """
    error: NDArray[np.float32] = np.abs(np.nan_to_num(result - truth)).mean(axis=2, dtype=np.float32)
    return error


def scale_end(errors: Iterable[NDArray[np.float32]]) -> int:
    """Return the end of the color scale for these error maps, in gray levels (8-bit).

    >>> scale_end([np.full((2, 2), 0.03, np.float32)])
    10
    """
    reached = max((float(np.percentile(error, COVERED)) for error in errors), default=0.0) * 255
    return next((level for level in HIGHEST if level >= reached), HIGHEST[-1])


def error_colors(error: NDArray[np.float32], end: int) -> Pixels:
    """Return an error map H×W as colors; errors of `end` gray levels and more have the last color.

    >>> error_colors(np.array([[0, 1]], np.float32), 20).tolist()
    [[[68, 1, 84], [253, 231, 37]]]
    """
    table = np.array([_rgb(color) for color in VIRIDIS], np.float64)
    at = np.clip(error * (255 / end), 0, 1) * (len(table) - 1)
    places = np.arange(len(table))
    colors = np.stack([np.interp(at, places, table[:, channel]) for channel in range(3)], axis=2)
    return np.array(np.rint(colors), np.uint8)


def error_legend(end: int) -> str:
    """Return the legend of `error_colors` as HTML."""
    more = "" if end == HIGHEST[-1] else " or more"
    return (
        '<div class="legend"><span>error: 0'
        f'<span class="ramp" style="background: linear-gradient(90deg, {", ".join(VIRIDIS)})"></span>'
        f"{end} gray levels (8-bit){more}; absolute difference, mean over the channels</span></div>"
    )


def wrong_classes(result: NDArray[Any], truth: NDArray[Any], photo: Pixels, ignored: int) -> Pixels:
    """Return a gray photo in which pixels with a wrong class are orange; ignored pixels are white.

    >>> result, truth = np.array([[0, 1, 1]], np.uint8), np.array([[0, 0, 255]], np.uint8)
    >>> wrong_classes(result, truth, np.zeros((1, 3, 3), np.uint8), 255).tolist()
    [[[0, 0, 0], [213, 94, 0], [255, 255, 255]]]
    """
    pixels = np.repeat(photo.mean(axis=2, keepdims=True, dtype=np.float32) * 0.6, 3, axis=2).astype(np.uint8)
    pixels[result != truth] = _rgb(WRONG)
    pixels[truth == ignored] = 255
    return pixels


def class_legend(names: Sequence[str], colors: Sequence[str]) -> str:
    """Return the legend of class maps as HTML: names with their colors, wrong pixels and ignored ones."""
    shown = list(zip(names, colors, strict=True))
    ignored = [("ignored, in the truth", "#000000"), ("ignored, in the error map", "#ffffff")]
    items = [*shown, ("wrong, in the error map", WRONG), *ignored]
    said = "".join(f"<span>{swatch(color)}{escape(name)}</span>" for name, color in items)
    return f'<div class="legend">{said}</div>'


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
