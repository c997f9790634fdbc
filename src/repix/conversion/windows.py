"""Windows: models that depend on the whole picture, such as those with attention, computed in windows of one size.

The windows are on a grid that starts at the picture's origin. The result of a pixel is the weighted mean of the windows
that cover it. This is the definition of the model, not an approximation: memory stays bounded, and a tile of several
windows gives the same bits as all windows together, also in bf16, because the engine computes windows of one shape only
and their results are added in the same order.
"""

from collections.abc import Callable, Iterator

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.contract_parts import Windows
from repix.conversion.tiling import TILE_OVERHEAD, AxisTile, TilePlan


def plan_windows(
    size: tuple[int, int], contract: Contract, windows: Windows, fits: Callable[[int, int], bool]
) -> TilePlan | None:
    """Return the cheapest plan of tiles of whole windows for a padded picture of a size; None if no tile fits.

    `fits` returns whether a tile that reads a height and width is allowed. Windows that overlap two tiles are computed
    in both.

    >>> contract = Contract("segment", step=16, windows=Windows(64, 48))
    >>> found = plan_windows((160, 256), contract, contract.windows, lambda height, width: height * width <= 160 * 160)
    >>> [(tile.columns.read, tile.columns.core) for tile in found]
    [((0, 112), (0, 96)), ((48, 208), (96, 192)), ((144, 256), (192, 256))]
    """
    down, across = (windows.count(side) for side in size)
    best: tuple[int, int, int] | None = None
    for high in range(down, 0, -1):
        height = _read_side(windows, high, down)
        wide = next((n for n in range(across, 0, -1) if fits(height, _read_side(windows, n, across))), 0)
        if not wide:
            continue
        computed = _computed(windows, high, down) * _computed(windows, wide, across)
        tiles = -(-down // high) * -(-across // wide)
        work = computed * windows.size**2 + tiles * TILE_OVERHEAD
        if best is None or work < best[0]:
            best = work, high, wide
    if best is None:
        return None
    rows, columns = (tuple(axis_windows(side, windows, count)) for side, count in zip(size, best[1:], strict=True))
    return TilePlan(rows, columns, contract.scale)


def axis_windows(side: int, windows: Windows, count: int) -> Iterator[AxisTile]:
    """Yield the tiles of one axis of a padded picture; each core has the starts of `count` windows.

    A tile reads every window that covers a pixel of its core.

    >>> [(cut.read, cut.core) for cut in axis_windows(160, Windows(64, 48), 1)]
    [((0, 64), (0, 48)), ((0, 112), (48, 96)), ((48, 160), (96, 160))]
    """
    total = windows.count(side)
    for first in range(0, total, count):
        last = min(first + count, total)
        start = max(first - windows.overlapping, 0) * windows.stride
        end = side if last == total else last * windows.stride
        yield AxisTile((start, windows.extent(last)), (first * windows.stride, end))


def largest_read(windows: Windows, count: int) -> int:
    """Return the largest side that a tile with the starts of `count` windows reads.

    >>> largest_read(Windows(64, 48), 1)
    112
    """
    return windows.extent(count + windows.overlapping)


def _read_side(windows: Windows, count: int, total: int) -> int:
    return windows.extent(min(count + windows.overlapping, total))


def _computed(windows: Windows, count: int, total: int) -> int:
    """Return the number of windows that the tiles of one axis compute together."""
    return sum(min(count, total - first) + min(first, windows.overlapping) for first in range(0, total, count))


def blended(run: Callable[[Array], Array], x: Array, contract: Contract, windows: Windows) -> Array:
    """Return the result of a model for a picture of whole windows: their weighted mean at each pixel.

    Args:
        run: the model, for one window N×C×size×size.
        x: the picture, N×C×H×W.
        contract: the contract of the model.
        windows: the windows.

    >>> contract = Contract("denoise", step=2, windows=Windows(4, 2))
    >>> blended(lambda x: x + x.mean(), np.eye(6, dtype=np.float32)[None, None], contract, contract.windows).shape
    (1, 1, 6, 6)
    """
    size, scale = windows.size, contract.scale
    weights = axis_weights(windows, scale)
    plane = weights[:, None] * weights
    y = contract.blank(x)
    for top in range(0, x.shape[2] - size + 1, windows.stride):
        for left in range(0, x.shape[3] - size + 1, windows.stride):
            one = run(np.ascontiguousarray(x[:, :, top : top + size, left : left + size]))
            rows, columns = (slice(scale * start, scale * (start + size)) for start in (top, left))
            y[:, :, rows, columns] += one * plane
    tall, wide = (_total(weights, side, windows, scale) for side in x.shape[2:])
    y /= tall[:, None]
    y /= wide
    return y


def axis_weights(windows: Windows, scale: int = 1) -> Array:
    """Return the weights of a window's rows (or columns), all above 0.

    >>> axis_weights(Windows(4, 2, "triangular")).tolist()
    [0.25, 0.75, 0.75, 0.25]
    """
    length = scale * windows.size
    centers = (np.arange(length) + 0.5) / length
    if windows.blending == "uniform":
        weights = np.ones(length)
    elif windows.blending == "triangular":
        weights = 1 - np.abs(2 * centers - 1)
    else:
        weights = np.sin(np.pi * centers) ** 2
    found: Array = weights.astype(np.float32)
    return found


def _total(weights: Array, side: int, windows: Windows, scale: int) -> Array:
    """Return the sum of the weights at each row (or column), added in the order of the windows."""
    total = np.zeros(scale * side, np.float32)
    for start in range(0, side - windows.size + 1, windows.stride):
        total[scale * start : scale * (start + windows.size)] += weights
    return total
