"""Noise: its standard deviation and correlation, from the flattest blocks of each brightness.

The 8×8 blocks of a picture are transformed (DCT). Of each brightness, the blocks with the least energy at middle
frequencies are taken as flat: a quantile of a chi-squared distribution gives the noise there, and the same blocks'
high frequencies give it again, independently (Ponomarenko et al., "An automatic approach to lossy compression of AVIRIS
images", 2007; Pyatykh et al., "Image noise level estimation by principal component analysis", 2013, for the choice of
blocks). White noise is equal in both; filtered noise is weaker at high frequencies. The noise may depend on brightness,
but not abruptly: textures of single brightnesses are told from it so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.inspection.blocks import BLOCK, dct_matrix, sliding_blocks

STRIDE = 4
"""Distance from one block to the next."""
LEVELS, FEWEST = 16, 150
"""Width of a brightness bin, in gray levels, and the fewest blocks of a bin."""
FEWEST_OF_ALL = 30
"""The fewest blocks of a picture so small that no bin has enough; they make one bin."""
LOW, FLAT = 0.02, 0.05
"""The quantile of the energy that tells the noise, and the share of blocks that are taken as flat."""
SLOPE = 1.3
"""Largest factor between the noise's variances of neighboring brightness bins."""
WHITE = 0.72
"""The least ratio of the noise at high and at middle frequencies (standard deviations) that is called white."""
EVIDENCE = 0.85
"""The least evidence of filtered noise: evenness of the flat blocks plus their share; textures have less of both."""
TEXTURE = 1.2
"""Variance of flat blocks relative to that of filtered noise: the rest is texture (fitted on photos)."""
NEARLY = 3
"""Blocks of up to this multiple of the low quantile count as flat for the evidence."""
DEAD = 0.06
"""Mean energy below that of rounding: JPEG has erased what the block held, so it tells nothing of the noise."""
ENOUGH = 1000
"""Blocks that suffice; if fewer are free of clipped pixels, a few clipped pixels are accepted."""
ACCEPTED = (0, 3, 8)
"""Numbers of clipped pixels in a block to be accepted, one after the other."""


@dataclass(frozen=True)
class Noise:
    """Noise of a channel."""

    sigma: float
    """Standard deviation, in gray levels (8-bit)."""
    correlation: float
    """Correlation of neighboring pixels: 0 for white noise."""

    @property
    def is_white(self) -> bool:
        """True if neighbors are not correlated."""
        return self.correlation == 0


def noise(planes: Sequence[Array], usable: Sequence[NDArray[np.bool_]]) -> Noise:
    """Return the noise of one channel.

    Args:
        planes: crops H×W of gray levels.
        usable: for each crop, the pixels that are not clipped.

    >>> flat = 128 + 10 * np.random.default_rng(0).standard_normal((256, 256))
    >>> found = noise([flat], [flat > 0])
    >>> round(found.sigma), found.is_white
    (10, True)
    """
    spectra = _spectra(planes, usable)
    bins = _bins(spectra[:, 0] / BLOCK) if len(spectra) else []
    if not bins:
        return Noise(0.0, 0.0)
    energy = spectra**2
    middle, high = energy[:, _middle()].mean(axis=1), energy[:, _high()].mean(axis=1)
    return _judged([_Bin.of(place, middle[inside], high[inside]) for place, inside in bins])


@dataclass(frozen=True)
class _Bin:
    """The flat blocks of one brightness."""

    place: int
    count: int
    middle: float
    """A low quantile of the energy at middle frequencies."""
    high: float
    """The energy of flat blocks at high frequencies."""
    evenness: float
    """Ratio of two low quantiles (standard deviations); near 1 for noise."""
    energies: Array
    """The energy of all blocks at middle frequencies."""

    @classmethod
    def of(cls, place: int, middle: Array, high: Array) -> "_Bin":
        """Return the bin of blocks with these energies."""
        alive = middle > DEAD
        if alive.mean() > 0.5:
            middle, high = middle[alive], high[alive]
        low, flat, more = np.quantile(middle, (LOW, FLAT, 0.15))
        evenness = float((low / max(more, 1e-9)) ** 0.5)
        return cls(place, len(middle), float(low), float(high[middle <= flat].mean()), evenness, middle)


def _judged(bins: list[_Bin]) -> Noise:
    """Return the noise that the bins agree on."""
    weights = np.array([one.count for one in bins], float)
    middle, high = (_envelope(bins, np.array([getattr(one, name) for one in bins])) for name in ("middle", "high"))
    lower = middle <= np.quantile(middle, 0.34)
    ratios = (high / np.maximum(middle, 1e-9))[lower]
    ratio = float(np.average(ratios, weights=weights[lower]) * _models()[0].quantile(LOW)) ** 0.5
    if ratio >= WHITE or _evidence(bins, middle) < EVIDENCE:
        return Noise(float(np.average(high, weights=weights)) ** 0.5, 0.0)
    model = _model_of(ratio)
    variance = np.average(middle, weights=weights) / (TEXTURE * model.quantile(LOW) * model.kept)
    return Noise(float(variance) ** 0.5, model.correlation)


def _evidence(bins: list[_Bin], floors: Array) -> float:
    """Return how much the flat blocks look like noise rather than texture: how even and how many they are."""
    found = [
        one.evenness + float((one.energies < NEARLY * max(floor, DEAD)).mean())
        for one, floor in zip(bins, floors, strict=True)
    ]
    return float(np.average(found, weights=[one.count for one in bins]))


def _envelope(bins: list[_Bin], values: Array) -> Array:
    """Return the values, lowered where a bin nearby is so much lower that it cannot be noise."""
    places = np.array([one.place for one in bins])
    lowered: Array = (values * SLOPE ** np.abs(places[:, None] - places)).min(axis=1)
    return lowered


def _spectra(planes: Sequence[Array], usable: Sequence[NDArray[np.bool_]]) -> Array:
    """Return the DCT of the blocks with the fewest clipped pixels, N×64."""
    blocks = np.concatenate([sliding_blocks(plane, STRIDE) for plane in planes])
    ones = np.ones(BLOCK**2, np.float32)
    clipped = np.concatenate([sliding_blocks((~good).astype(np.float32), STRIDE) @ ones for good in usable])
    for accepted in ACCEPTED:
        chosen = clipped <= accepted
        if chosen.sum() >= min(ENOUGH, len(blocks) // 4):
            break
    spectra: Array = blocks[chosen] @ dct_matrix().T
    return spectra


def _bins(means: Array) -> list[tuple[int, NDArray[np.intp]]]:
    """Return the brightness bins with enough blocks: their place, and the indices of their blocks."""
    places = np.floor(means / LEVELS).astype(int)
    found = [(int(place), np.flatnonzero(places == place)) for place in np.unique(places)]
    enough = [(place, inside) for place, inside in found if len(inside) >= FEWEST]
    return enough or ([(0, np.arange(len(means)))] if len(means) >= FEWEST_OF_ALL else [])


@cache
def _high() -> NDArray[np.bool_]:
    rows, columns = np.divmod(np.arange(BLOCK**2), BLOCK)
    return (rows >= BLOCK // 2) & (columns >= BLOCK // 2)


@cache
def _middle() -> NDArray[np.bool_]:
    """All frequencies but the high ones, the mean, and the slope."""
    rows, columns = np.divmod(np.arange(BLOCK**2), BLOCK)
    return ~_high() & (rows + columns >= 2)


@dataclass(frozen=True)
class _Model:
    """Statistics of blocks of pure noise that was filtered by a Gaussian."""

    correlation: float
    """Correlation of neighbors."""
    ratio: float
    """Ratio of standard deviations at high and middle frequencies, where a low quantile is taken for white noise's."""
    kept: float
    """Share of the variance at middle frequencies, relative to white noise's."""
    freedom: float
    """Degrees of freedom of the energy at middle frequencies."""

    def quantile(self, share: float) -> float:
        """Return a quantile of the energy, relative to its mean (Wilson and Hilferty's approximation)."""
        spread = 2 / (9 * self.freedom)
        return float(max(1 - spread + NormalDist().inv_cdf(share) * spread**0.5, 0.1)) ** 3


@cache
def _models() -> tuple[_Model, ...]:
    """Return models of noise from white to smooth."""
    rows, columns = np.divmod(np.arange(BLOCK**2), BLOCK)
    distance = (rows[:, None] - rows) ** 2 + (columns[:, None] - columns) ** 2
    matrix = dct_matrix().astype(np.float64)
    found: list[_Model] = []
    for correlation in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.87, 0.92):
        covariance = matrix @ (float(correlation) ** distance) @ matrix.T
        variances, own = np.diag(covariance), covariance[np.ix_(_middle(), _middle())]
        kept = float(np.trace(own)) / len(own)
        one = _Model(correlation, 1.0, kept, float(np.trace(own) ** 2 / (own**2).sum()))
        white = found[0] if found else one
        ratio = (variances[_high()].mean() / kept * white.quantile(LOW) / one.quantile(LOW)) ** 0.5
        found.append(_Model(correlation, float(ratio), kept, one.freedom))
    return tuple(found)


def _model_of(ratio: float) -> _Model:
    """Return the model of a ratio, between two others."""
    models = _models()[::-1]
    ratios = [one.ratio for one in models]
    correlation, kept, freedom = (
        float(np.interp(ratio, ratios, [getattr(one, name) for one in models]))
        for name in ("correlation", "kept", "freedom")
    )
    return _Model(correlation, ratio, kept, freedom)
