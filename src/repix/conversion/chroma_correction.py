"""Chroma correction: the low frequencies of a result's colors become those of the source (`--keep-colors`).

    result + enlarge(low(chroma(source) − chroma(shrink(result))))

`chroma(x)` is x − luma(x) in each of red, green and blue, so the luma of the result does not change. `shrink` takes the
mean of the pixels that one pixel of the source became, `enlarge` interpolates linearly, and both do nothing at scale 1.
`low` is a low-pass filter with a triangular window of 63×63 pixels of the source: a pixel i columns away has the weight
(32 − |i|)/1024, and the same holds for rows. Beyond the picture's edges it sees the mirrored picture. In a picture with
alpha the mean is weighted by alpha, so hidden colors have no influence.

Each value is a sum in an order that does not depend on the tile, so tiles give the same bits as the whole picture.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.color import luma
from repix.conversion.budget import DEFAULT_BYTES_PER_PIXEL
from repix.conversion.contract import Contract, mirrored_indices
from repix.conversion.tiling import AxisTile, Tile

DOUBLINGS = 5
"""The window is the convolution of two means of 2⁵ pixels; each mean is five sums of a picture and its shifted copy."""
REACH = 1 << DOUBLINGS
"""Pixels of the source on each side of which a corrected pixel depends: 31 by the window, one by the interpolation."""
FLOATS_PER_PIXEL = 40
"""Memory for each source pixel of a tile, and another FLOATS_PER_RESULT for each pixel of the result, in float32."""
FLOATS_PER_RESULT = 20


class Place(NamedTuple):
    """Where a range of rows (or columns) is in a picture."""

    present: tuple[int, int]
    """The range that the arrays have: the core and `REACH` around it, as far as the picture goes."""
    core: tuple[int, int]
    side: int
    """Rows (or columns) of the whole picture."""


def with_reach(contract: Contract) -> Contract:
    """Return the contract with the halo and the memory that a model needs if its result is corrected.

    >>> with_reach(Contract("denoise", step=8, halo=9)).halo
    48
    """
    halo = None if contract.halo is None else contract.margin + _margin(contract.step)
    floats = FLOATS_PER_PIXEL + FLOATS_PER_RESULT * contract.scale**2
    return replace(
        contract, halo=halo, bytes_per_pixel=(contract.bytes_per_pixel or DEFAULT_BYTES_PER_PIXEL) + 4 * floats
    )


def grown(tile: Tile, step: int) -> Tile:
    """Return the tile with a core that reaches as far as the correction of its core needs.

    >>> grown(Tile(AxisTile((0, 64), (0, 64)), AxisTile((0, 200), (0, 120))), 8).columns
    AxisTile(read=(0, 200), core=(0, 152))
    """
    margin = _margin(step)
    rows, columns = (
        AxisTile(cut.read, (max(cut.core[0] - margin, cut.read[0]), min(cut.core[1] + margin, cut.read[1])))
        for cut in (tile.rows, tile.columns)
    )
    return replace(tile, rows=rows, columns=columns)


def corrected(result: Array, source: Array, alpha: Array | None, scale: int, rows: Place, columns: Place) -> Array:
    """Return the core of a result with the low frequencies of the source's chroma.

    Args:
        result: the colors of the result, H×W×3, where the source is present; a gray result, H×W×1, is not changed.
        source: the colors of the source, H×W×3, or H×W×1 for a gray one.
        alpha: the alpha of the source, H×W×1, or None.
        scale: scale factor from source to result.
        rows: the place of the rows in the source.
        columns: the place of the columns.

    >>> blue, gray = np.full((9, 9, 3), (0.4, 0.5, 0.6)), np.full((9, 9, 3), 0.5)
    >>> everywhere = Place((0, 9), (0, 9), 9)
    >>> corrected(gray, blue, None, 1, everywhere, everywhere)[4, 4].round(4).tolist()
    [0.4185, 0.5185, 0.6185]
    """
    inner = tuple(
        slice(scale * (place.core[0] - place.present[0]), scale * (place.core[1] - place.present[0]))
        for place in (rows, columns)
    )
    if result.shape[2] == 1:
        return result[inner]
    difference: Array = _chroma(source) - _chroma(_shrunk(result, scale))
    if alpha is not None:
        difference = np.concatenate([alpha * difference, alpha], axis=2)
    for axis, place in enumerate((rows, columns)):
        around = np.take(difference, _around(place), axis)
        difference = _enlarged(_low(around, axis), scale, axis)
    if alpha is not None:
        colors, weights = difference[:, :, :-1], difference[:, :, -1:]
        difference = np.divide(colors, weights, out=np.zeros_like(colors), where=weights > 0)
    changed: Array = result[inner] + difference
    return changed


def _margin(step: int) -> int:
    return -(-REACH // step) * step


def _around(place: Place) -> NDArray[np.intp]:
    """Return the indices of the core and of `REACH` pixels around it in an array of what is present."""
    found = mirrored_indices(place.core[0] - REACH, place.core[1] + REACH, place.side)
    absolute = np.arange(found.start, found.stop) if isinstance(found, slice) else found
    return absolute - place.present[0]


def _chroma(colors: Array) -> Array:
    return colors - luma(colors)


def _shrunk(result: Array, scale: int) -> Array:
    """Return the mean of each block of scale × scale pixels."""
    if scale == 1:
        return result
    height, width, channels = result.shape
    blocks = result.reshape(height // scale, scale, width // scale, scale, channels)
    total = sum(blocks[:, i, :, j] for i in range(scale) for j in range(scale))
    return np.asarray(total * np.float32(1 / scale**2))


def _low(values: Array, axis: int) -> Array:
    """Return the weighted means along an axis, without `REACH` − 1 values at each end."""
    lines = np.moveaxis(values, axis, 0)
    for _ in range(2):
        for doubling in range(DOUBLINGS):
            shift = 2**doubling
            lines = lines[:-shift] + lines[shift:]
    return np.moveaxis(lines * np.float32(1 / REACH**2), 0, axis)


def _enlarged(values: Array, scale: int, axis: int) -> Array:
    """Return values interpolated linearly along an axis, without the first and the last one, which only support it."""
    lines = np.moveaxis(values, axis, 0)
    middle = lines[1:-1]
    if scale == 1:
        return np.moveaxis(middle, 0, axis)
    found = np.empty((scale * len(middle), *middle.shape[1:]), middle.dtype)
    for phase in range(scale):
        offset = (phase + 0.5) / scale - 0.5
        other = lines[2:] if offset > 0 else lines[:-2]
        found[phase::scale] = np.float32(1 - abs(offset)) * middle + np.float32(abs(offset)) * other
    return np.moveaxis(found, 0, axis)
