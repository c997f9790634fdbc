"""The score of a pattern: its power at the harmonics of a stride over the power of their spectral neighborhood, in dB.

A pattern that repeats every P pixels has all its power at the frequencies k/P, its harmonics. A picture of its own has
about the same power at neighboring frequencies. So the ratio of both tells the pattern from the picture:

    score = 10 log10((power at the strongest harmonic + floor) / (mean power of its neighborhood + floor))

Powers are those of a window of 48 × 48 pixels (Hann). The floor is the power of white noise whose standard deviation is
one gray level (8-bit), 1/255 of the tensor's root mean square, so that flat areas and tensors of any range have a
score. On flat areas, a pattern of ±1 gray level scores 30 dB, one of ±0.1 gray level 10 dB.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isfinite, lcm, log10

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array

SIDE = 48
"""The side of the window to which powers refer."""
BANDWIDTH = 1.5
"""The equivalent noise bandwidth of the Hann window, in bins."""
GRAY_LEVELS = 255
NEAREST, FARTHEST = 2, 4
"""The distances of neighbors from a harmonic, in bins; the harmonic itself fills one bin on each side."""
MOST_WINDOWS = 5
"""The most windows along an axis."""
Frequency = tuple[Fraction, Fraction]
"""Cycles per pixel along rows and along columns."""
Places = tuple[NDArray[np.intp], NDArray[np.intp]]
"""The rows and the columns of bins."""


@dataclass(frozen=True)
class Strength:
    """The strength of a pattern."""

    score: float
    """Its score, in dB."""
    amplitude: float
    """Its amplitude at the strongest harmonic, in gray levels (8-bit): 1/255 of the tensor's root mean square."""
    frequency: Frequency
    """The strongest harmonic."""


def harmonics(strides: Sequence[int], ratio: Fraction = Fraction(1)) -> list[Frequency]:
    """Return the harmonics of a layer, one of each pair of opposite ones.

    Args:
        strides: its strides along rows and columns.
        ratio: the distance of neighbors in its result, in pixels of the tensor to look at.

    >>> harmonics((2, 1)), len(harmonics((2, 2))), harmonics((2, 1), Fraction(2))
    ([(Fraction(1, 2), Fraction(0, 1))], 3, [(Fraction(1, 4), Fraction(0, 1))])
    """
    rows, columns = strides
    found: list[Frequency] = []
    for row, column in np.ndindex(rows, columns):
        at = _folded(_centered(Fraction(row, rows)) / ratio), _folded(_centered(Fraction(column, columns)) / ratio)
        opposite = _folded(-at[0]), _folded(-at[1])
        if any(at) and at not in found and opposite not in found:
            found.append(at)
    return found


def _centered(frequency: Fraction) -> Fraction:
    """Return a frequency between -1/2 and 1/2."""
    return frequency - 1 if frequency > Fraction(1, 2) else frequency


def _folded(frequency: Fraction) -> Fraction:
    """Return the frequency between -1/2 and 1/2 that is sampled to the same values."""
    return _centered(frequency % 1)


def strength(powers: Iterable[tuple[Frequency, float, float]], mean_square: float) -> Strength | None:
    """Return the strength of the strongest harmonic; None without harmonics, or for a tensor that is not finite.

    Args:
        powers: harmonics, with their power and the mean power of their neighborhood.
        mean_square: the mean of the tensor's squares.
    """
    gray_level = mean_square / GRAY_LEVELS**2
    floor = gray_level * (BANDWIDTH / SIDE) ** 2
    if floor == 0 or not isfinite(floor):
        return None
    found = []
    for at, power, around in powers:
        waves = 1 if all(part in (0, Fraction(1, 2)) for part in at) else 4  # else it is two opposite waves
        amplitude = (waves * max(0.0, power - around) / gray_level) ** 0.5
        found.append(Strength(10 * log10((power + floor) / (around + floor)), amplitude, at))
    return max(found, key=lambda one: one.score, default=None)


def tile_powers(tile: Array, frequencies: Sequence[Frequency]) -> list[float]:
    """Return the power of a periodic tensor N×C×rows×columns at some frequencies, from one period; exactly.

    >>> tile_powers(np.array([[[[1.0, -1.0]]]]), [(Fraction(0), Fraction(1, 2)), (Fraction(1, 2), Fraction(0))])
    [1.0, 0.0]
    """
    rows, columns = tile.shape[-2:]
    found = np.fft.fft2(tile) / (rows * columns)
    power = (np.abs(found) ** 2).mean(axis=(0, 1))
    made = []
    for row, column in frequencies:
        at, to = row * rows, column * columns
        known = at.denominator == to.denominator == 1
        made.append(float(power[int(at) % rows, int(to) % columns]) if known else 0.0)
    return made


@dataclass(frozen=True)
class Spectrum:
    """The mean power spectrum of windows of a tensor."""

    power: Array
    """The power by frequency, from 0; for one window side."""
    mean_square: float
    """The mean of the tensor's squares."""

    def powers(
        self, frequencies: Sequence[Frequency], others: Sequence[Frequency] = ()
    ) -> Iterator[tuple[Frequency, float, float]]:
        """Yield frequencies with their power and the mean power of their neighborhood; `others` belong to none."""
        side = len(self.power)
        scale = (side / SIDE) ** 2
        for one, at, places in _surroundings(side, tuple(frequencies), tuple(others)):
            around = self.power[places]
            yield one, float(self.power[at]), scale * float(np.mean(around)) if around.size else 0.0


def window_side(frequencies: Sequence[Frequency], most: int | None = None) -> int | None:
    """Return the side of a window in which harmonics are whole bins, far enough from each other; None if it is too big.

    >>> window_side(harmonics((2, 2))), window_side(harmonics((2, 2), Fraction(16))), window_side(harmonics((2, 2)), 20)
    (48, 192, 20)
    """
    each = [part.denominator for one in frequencies for part in one] or [1]
    together, least = lcm(*each), 6 * max(each)
    wanted = together * -(-max(SIDE, least) // together)
    if most is None or wanted <= most:
        return wanted
    smaller = most // together * together
    return smaller if smaller >= least else None


def windows(tensor: Array, side: int) -> Iterator[tuple[tuple[int, int], Array]]:
    """Yield windows N×C×side×side, evenly spaced and overlapping by about half, with their places."""
    rows, columns = (_starts(size, side) for size in tensor.shape[-2:])
    for row in rows:
        for column in columns:
            yield (row, column), tensor[..., row : row + side, column : column + side]


def _starts(size: int, side: int) -> list[int]:
    """Return the starts of windows along an axis.

    >>> _starts(96, 48), _starts(47, 48), len(_starts(10_000, 48))
    ([0, 24, 48], [], 5)
    """
    room = size - side
    if room < 0:
        return []
    count = min(MOST_WINDOWS, 1 + -(-room // max(1, side // 2)))
    return sorted({round(at) for at in np.linspace(0, room, count)})


def window_power(window: Array) -> Array:
    """Return the power spectrum of a window, mean over its first axes; a sine of amplitude A has the power A²/4."""
    side = window.shape[-1]
    waves = np.fft.rfft2(window * _hann_weights(side))
    half = (waves.real**2 + waves.imag**2).reshape(-1, side, side // 2 + 1).mean(0)
    opposite = half[-np.arange(side), (side - 1) // 2 : 0 : -1]
    return np.concatenate([half, opposite], axis=1)


@lru_cache
def _hann_weights(side: int) -> Array:
    """Return the weights of a Hann window of side×side, whose sum is 1."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(side) / side)
    weights: Array = np.outer(hann, hann) / hann.sum() ** 2
    return weights


@lru_cache
def _surroundings(
    side: int, frequencies: tuple[Frequency, ...], others: tuple[Frequency, ...]
) -> list[tuple[Frequency, tuple[int, int], Places]]:
    """Return frequencies, each with its bin and the places of its neighborhood; `others` belong to none."""
    taken = {_bin(one, side) for one in (*frequencies, *others)} | {(0, 0)}
    taken |= {(-row % side, -column % side) for row, column in taken}
    found = []
    for one in frequencies:
        at = _bin(one, side)
        places = np.array(list(_neighborhood(at, side, taken)), dtype=np.intp).reshape(-1, 2)
        found.append((one, at, (places[:, 0], places[:, 1])))
    return found


def _bin(frequency: Frequency, side: int) -> tuple[int, int]:
    row, column = (int(part * side) % side for part in frequency)
    return row, column


def _neighborhood(at: tuple[int, int], side: int, taken: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the bins around a harmonic that belong to no harmonic; on an axis, those on the axis.

    Pictures have more power on the axes, from horizontal and vertical edges.
    """
    span = range(-FARTHEST, FARTHEST + 1)
    for down in span if at[0] else (0,):
        for right in span if at[1] else (0,):
            place = ((at[0] + down) % side, (at[1] + right) % side)
            if max(abs(down), abs(right)) >= NEAREST and not _is_near(place, side, taken):
                yield place


def _is_near(place: tuple[int, int], side: int, taken: set[tuple[int, int]]) -> bool:
    """Return whether a bin is filled by a harmonic: by itself or beside it."""
    return any(
        ((place[0] + down) % side, (place[1] + right) % side) in taken for down in (-1, 0, 1) for right in (-1, 0, 1)
    )


def azimuthal(power: Array) -> Array:
    """Return the mean of a power spectrum over all directions, by frequency from 0 to 1/2 cycles per pixel.

    >>> azimuthal(np.ones((8, 8))).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    side = len(power)
    frequency = np.fft.fftfreq(side) * side
    distance = np.rint(np.hypot(frequency[:, None], frequency[None])).astype(np.intp).ravel()
    counts = np.bincount(distance, minlength=side // 2 + 1)[: side // 2 + 1]
    sums = np.bincount(distance, power.ravel(), side // 2 + 1)[: side // 2 + 1]
    mean: Array = sums / np.maximum(counts, 1)
    return mean
