"""A photo enlarged by untrained layers: transposed convolutions with kernel 3 and 4, and bilinear with 1×1."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from repix.arithmetic import conv2d, conv_transpose2d, resize
from repix.arithmetic.arrays import Array
from repix.arithmetic.color import luma
from repix.errors import WrongUse
from repix.pictures import Picture
from repix.report.figure import figure, plane_item

SIDE, SHORTEST, FEATURES, SHOWN, ZOOM = 224, 64, 64, 4, 40
"""Longest and shortest side of the photo, number of feature maps, number of those shown, side of the enlarged crop."""


@dataclass(frozen=True, eq=False)
class Enlargement:
    """One way to enlarge the feature maps, and what comes out."""

    name: str
    result: Array
    """H×W."""
    pattern: float
    """The range of the means of the four phases, in percent of the result's range."""


def gray_photo(photo: Picture, side: int = SIDE) -> Array:
    """Return the luma of a photo, H×W, shrunk until no side is longer than 224, or another side.

    >>> gray_photo(Picture(np.zeros((300, 600), np.uint8))).shape
    (112, 224)
    """
    colors = photo.colors().astype(np.float64)
    gray = np.asarray(luma(colors))[:, :, 0]
    height, width = gray.shape
    longest = max(height, width, side)
    if min(height, width) * side // longest < SHORTEST:
        raise WrongUse(f"The photo is {width}×{height}; at {side} pixels its shorter side must have {SHORTEST}.")
    if longest == side:
        return gray
    size = round(height * side / longest), round(width * side / longest)
    return np.clip(resize(gray, size, mode="bicubic", antialias=True), 0, 1)


def feature_maps(photo: Array, seed: int) -> Array:
    """Return 64 maps of a gray photo H×W: an untrained 3×3 convolution with positive and negative weights."""
    kernels = np.random.default_rng(seed).uniform(-1, 1, (FEATURES, 1, 3, 3)) / 3
    return conv2d(photo[np.newaxis, np.newaxis], kernels, padding=1)


def enlargements(maps: Array, seed: int) -> Iterator[Enlargement]:
    """Yield the enlargements of feature maps to one channel, untrained, with the same weights of the channels.

    Kernels "all equal" have one weight for each channel: then only the overlap of kernels can make a pattern.
    """
    rng = np.random.default_rng(seed + 1)
    signs = np.where(maps.mean((0, 2, 3)) < 0, -1, 1).reshape(FEATURES, 1, 1, 1)  # so that the mix resembles the photo
    mix = signs * rng.uniform(0, 2, (FEATURES, 1, 1, 1)) / FEATURES
    for side in (3, 4):
        shape = (FEATURES, 1, side, side)
        for kind, kernel in (("all equal", np.broadcast_to(mix, shape)), ("random", rng.normal(size=shape) / FEATURES)):
            made = conv_transpose2d(maps, np.ascontiguousarray(kernel), stride=2, padding=1)[0, 0]
            yield _enlargement(f"kernel {side}, {kind}", made)
    for is_aligned, name in ((False, "bilinear, then 1×1"), (True, "align_corners, then 1×1")):
        larger = resize(maps, scale_factor=2, mode="bilinear", align_corners=is_aligned)
        yield _enlargement(name, conv2d(larger, mix.reshape(1, FEATURES, 1, 1))[0, 0])


def _enlargement(name: str, result: Array) -> Enlargement:
    return Enlargement(name, result, pattern(result))


def pattern(result: Array) -> float:
    """Return the range of the means of the four phases, in percent of the result's range, away from the border.

    >>> pattern(np.tile([[0.0, 1.0], [0.0, 1.0]], (20, 20)))
    100.0
    """
    inner = result[8:-8, 8:-8]
    inner = inner[: len(inner) // 2 * 2, : inner.shape[1] // 2 * 2]
    means = [inner[i::2, j::2].mean() for i in (0, 1) for j in (0, 1)]
    return float(100 * np.ptp(means) / max(np.ptp(inner), 1e-30))


def checkerboard_figure(photo: Array, seed: int) -> tuple[str, list[Enlargement]]:
    """Return the figure of a gray photo as SVG, and the enlargements in it."""
    if np.ptp(photo) == 0:
        raise WrongUse("The photo has one color only, so there is nothing to see; give another.")
    maps = feature_maps(photo, seed)
    made = list(enlargements(maps, seed))
    first = [plane_item(photo, f"photo, {photo.shape[1]}×{photo.shape[0]}", SIDE)]
    first += [plane_item(_stretched(maps[0, i]), f"feature map {i} of {FEATURES}", SIDE) for i in _different(maps[0])]
    whole = [plane_item(_stretched(one.result), f"{one.name}\n{_size(one)}", SIDE) for one in made]
    top, left = _detail(photo)
    zoomed = [
        plane_item(
            _stretched(one.result[2 * top : 2 * top + ZOOM, 2 * left : 2 * left + ZOOM]),
            f"enlarged; pattern {one.pattern:.1f} %",
            SIDE,
        )
        for one in made
    ]
    text = (
        "An untrained 3×3 convolution makes 64 maps. Two kinds of layers double them and mix them to one: transposed",
        "convolutions with stride 2, and bilinear interpolation (also with align_corners) with a 1×1 convolution.",
        "With equal weights, kernel 4 overlaps evenly and kernel 3 does not; with random ones neither is even.",
        "Pattern: the range of the means of the four phases (even or odd row and column), in percent of all values.",
    )
    return figure("Checkerboards of untrained layers", text, (first, whole, zoomed)), made


def _different(maps: Array) -> list[int]:
    """Return four maps that differ: each next one is the least correlated with those before."""
    alike = np.abs(np.corrcoef(maps.reshape(len(maps), -1)))
    chosen = [int(maps.std((1, 2)).argmax())]
    while len(chosen) < SHOWN:
        chosen.append(int(alike[chosen].max(0).argmin()))
    return chosen


def _size(one: Enlargement) -> str:
    height, width = one.result.shape
    return f"{width}×{height}"


def _stretched(plane: Array) -> Array:
    """Return a plane with its values stretched to 0 to 1, without the extreme hundredth."""
    low, high = np.percentile(plane, (0.5, 99.5))
    return np.asarray((plane - low) / max(high - low, 1e-30))


def _detail(photo: Array) -> tuple[int, int]:
    """Return the corner of the flattest crop: there a pattern is seen best."""
    side = ZOOM // 2
    corners = [
        (y, x)
        for y in range(8, photo.shape[0] - side - 8, side // 2)
        for x in range(8, photo.shape[1] - side - 8, side // 2)
    ]
    spread = [photo[y : y + side, x : x + side].std() + abs(photo[y : y + side, x : x + side].mean() - 0.5) / 10
              for y, x in corners]  # fmt: skip
    return corners[int(np.argmin(spread))]
