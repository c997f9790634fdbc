"""Noise: its standard deviation and correlation, for luma and chroma.

White noise: the 8×8 blocks of a picture are transformed (DCT). Of each brightness, the blocks with the least energy at
middle frequencies are taken as flat; white noise has the same energy at their high frequencies (Ponomarenko et al., "An
automatic approach to lossy compression of AVIRIS images", 2007; Pyatykh et al., "Image noise level estimation by
principal component analysis", 2013, for the choice of blocks).

Correlated noise, as cameras and JPEG leave it, is weaker at high frequencies. In flat areas it must look like noise
rather than texture; there its correlation is measured, and by the correlation its standard deviation from the middle
frequencies of the blocks with the least energy at low ones. Where JPEG has erased these frequencies, the standard
deviation is that of flat areas, and what JPEG has taken from it is added again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.inspection.blocks import BLOCK, dct_matrix, energy_quantile, sliding_blocks
from repix.inspection.flat_areas import LOW as LOW_DEVIATION
from repix.inspection.flat_areas import FlatAreas, flat_areas
from repix.inspection.jpeg_tables import Steps
from repix.inspection.quantization import dct_variances, quantized

VISIBLE = 1.8
"""The least standard deviation that is called noise, in gray levels (8-bit)."""
EMPTY = 0.28
"""The least standard deviation of flat areas with correlated noise: rounding to gray levels makes as much. If JPEG has
emptied them, any noise below its steps would leave the same, so there is nothing to measure."""
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
OWN = 0.35
"""White noise has at least this share of the flat areas' standard deviation; the fine grain of textures has less."""
EVIDENCE, NEARLY = 0.85, 3
"""The least evidence of colored noise, and the multiple of the low quantile up to which blocks count as flat for it."""
COLORED = 0.65
"""The least ratio of chroma and luma in flat areas with colored noise; textures seldom have such a ratio."""
DEAD = 0.06
"""Mean energy below that of rounding: JPEG has erased what the block held, so it tells nothing of the noise."""
ENOUGH = 1000
"""Blocks that suffice; if fewer are free of clipped pixels, a few clipped pixels are accepted."""
ACCEPTED = (0, 3, 8)
"""Numbers of clipped pixels in a block to be accepted, one after the other."""
FLAT_OF_CORRELATED = 0.1
"""The share of blocks of a brightness that are taken as flat for correlated noise."""
ERASED, SURVIVING = 0.01, 0.5
"""Blocks do not tell correlated noise if more than this share is erased, or if the noise at middle frequencies is less
than so many quantization steps."""
CORRELATED, MOST_CORRELATED = 0.05, 0.85
"""Correlations of noise that is not white."""

WEIGHTS = {"coverage": 3.4, "unevenness": -1.8, "direction": -24, "peaks": -4.6, "roughness": 3.6, "steepness": -2.6}
STRENGTH, CONSTANT = -2.1, 4.0
"""A logistic regression that tells noise from texture; STRENGTH is the weight of the noise's logarithm. Fitted on 200
photos with and without camera noise, drawn pictures, and 14 pairs of noisy and clean photos."""
COARSE, TOLD = 11, 0.5
"""If the first step is coarser (that of quality 50 is 11), correlated noise must have this share of it: what is left of
weaker noise looks like what is left of texture, and compression disturbs more."""


@dataclass(frozen=True)
class Noise:
    """Noise of a channel."""

    sigma: float
    """Standard deviation, in gray levels (8-bit); of luma in a JPEG file, before the compression."""
    correlation: float
    """Correlation of neighboring pixels: 0 for white noise."""

    @property
    def is_white(self) -> bool:
        """True if neighbors are not correlated."""
        return self.correlation == 0

    @property
    def is_visible(self) -> bool:
        """True if it is called noise."""
        return self.sigma >= VISIBLE


def noise(
    planes: Sequence[Array],
    chroma: Sequence[Array],
    usable: Sequence[NDArray[np.bool_]],
    steps: Steps | None = None,
) -> tuple[Noise, Noise]:
    """Return the noise of the luma, and that of Cb or Cr, whichever is stronger.

    Args:
        planes: the luma of crops, H×W of gray levels.
        chroma: Cb and Cr of the same crops, H×W×2; none for gray pictures.
        usable: for each crop, the pixels that are not clipped.
        steps: the quantization steps of the luma, if the picture is a JPEG file.

    >>> flat = 128 + 10 * np.random.default_rng(0).standard_normal((256, 256))
    >>> found, _ = noise([flat], [], [flat > 0])
    >>> round(found.sigma), found.is_white
    (10, True)
    """
    areas = flat_areas(planes, chroma, usable)
    chosen = _chosen(usable)
    spectra = _spectra(planes, chosen)
    luma = _fine(spectra)
    colors = [_fine(_spectra([plane[:, :, channel] for plane in chroma], chosen)) for channel in (0, 1) if chroma]
    color = max(colors, key=lambda one: one.sigma).without_texture(areas.chroma) if colors else Noise(0.0, 0.0)
    if luma.is_white and luma.sigma >= max(VISIBLE, OWN * areas.low):
        return Noise(luma.sigma, 0.0), color
    if areas.low < EMPTY:
        return luma.without_texture(areas.low), color
    is_colored = luma.evidence >= EVIDENCE and areas.least_chroma >= COLORED * areas.low
    correlation = _filtered(areas.correlation)
    table = np.ones((BLOCK, BLOCK), np.int64) if steps is None else steps
    with_texture = quantized(table, correlation).sigma(areas.low, LOW_DEVIATION)
    if not is_colored and _evidence(areas, with_texture) <= 0:
        return luma.without_texture(areas.low), color
    found = Noise(_correlated_sigma(spectra, correlation, table) or with_texture, correlation)
    if table[0, 1] > COARSE and found.sigma < TOLD * table[0, 1]:
        return luma.without_texture(areas.low), color
    if found.is_visible and not color.is_visible:
        color = Noise(areas.chroma, _filtered(areas.chroma_correlation))
    return found, color


def _filtered(correlation: float) -> float:
    return float(np.clip(correlation, CORRELATED, MOST_CORRELATED))


def _correlated_sigma(spectra: Array, correlation: float, steps: Steps) -> float | None:
    """Return the standard deviation of correlated noise in blocks N×64 of DCT; None if JPEG has erased it.

    Flat blocks have the least energy at low frequencies; those at middle ones are independent of it.
    """
    bins = _bins(spectra[:, 0] / BLOCK) if len(spectra) else []
    low, middle = ((spectra[:, band] ** 2).mean(axis=1) for band in (_band(2, 3), _band(4, 5)))
    if not bins or (low < DEAD).mean() > ERASED:
        return None
    means = [middle[inside][low[inside] <= np.quantile(low[inside], FLAT_OF_CORRELATED)].mean() for _, inside in bins]
    places, weights = np.array([place for place, _ in bins]), [len(inside) for _, inside in bins]
    energy = float(np.average(_envelope(places, np.array(means)), weights=weights))
    if energy < (SURVIVING * float(steps.ravel()[_band(4, 5)].mean())) ** 2:
        return None
    return float(np.sqrt(energy / dct_variances(round(correlation, 2))[_band(4, 5)].mean()))


def _evidence(areas: FlatAreas, sigma: float) -> float:
    """Return the evidence that flat areas have noise rather than texture: positive if noise is more probable."""
    measured = (*(getattr(areas, name) for name in WEIGHTS), np.log(max(sigma, 0.1)), 1.0)
    return float(np.dot(measured, (*WEIGHTS.values(), STRENGTH, CONSTANT)))


@dataclass(frozen=True)
class _Fine:
    """High frequencies of the flat blocks of a channel."""

    sigma: float
    """Their standard deviation; for white noise, that of the noise."""
    is_white: bool
    """True if middle frequencies have no more energy."""
    evidence: float = 0.0
    """Evenness of the flat blocks plus their share: textures have less of both than noise."""

    def without_texture(self, level: float) -> Noise:
        """Return the noise; none if it is visible but too weak for the standard deviation of flat areas (`level`)."""
        is_noise = self.sigma < VISIBLE or (self.is_white and self.sigma >= OWN * level)
        return Noise(self.sigma if is_noise else 0.0, 0.0)


def _fine(spectra: Array) -> _Fine:
    """Return the high frequencies of the flat blocks of one channel, whose DCT is N×64."""
    bins = _bins(spectra[:, 0] / BLOCK) if len(spectra) else []
    if not bins:
        return _Fine(0.0, True)
    middle, high = (spectra**2 @ _means()).T
    found = np.array([_energies(middle[inside], high[inside]) for _, inside in bins])
    places, weights = np.array([place for place, _ in bins]), np.array([len(inside) for _, inside in bins], float)
    low, fine = (_envelope(places, values) for values in found[:, :2].T)
    lower = low <= np.quantile(low, 0.34)
    white = energy_quantile(float(_middle().sum()), LOW)
    ratio = np.average((fine / np.maximum(low, 1e-9))[lower], weights=weights[lower]) * white
    near = [(middle[inside] < NEARLY * max(floor, DEAD)).mean() for floor, (_, inside) in zip(low, bins, strict=True)]
    evidence = float(np.average(found[:, 2] + near, weights=weights))
    return _Fine(float(np.average(fine, weights=weights)) ** 0.5, float(ratio) ** 0.5 >= WHITE, evidence)


def _energies(middle: Array, high: Array) -> tuple[float, float, float]:
    """Return a low quantile of the energy at middle frequencies, the mean of flat blocks at high ones, and evenness."""
    alive = middle > DEAD
    if alive.mean() > 0.5:
        middle, high = middle[alive], high[alive]
    low, flat, more = np.quantile(middle, (LOW, FLAT, 0.15))
    return float(low), float(high[middle <= flat].mean()), float((low / max(more, 1e-9)) ** 0.5)


def _envelope(places: NDArray[np.intp], values: Array) -> Array:
    """Return the values, lowered where a bin nearby is so much lower that it cannot be noise."""
    lowered: Array = (values * SLOPE ** np.abs(places[:, None] - places)).min(axis=1)
    return lowered


def _chosen(usable: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Return the blocks with the fewest clipped pixels."""
    ones = np.ones(BLOCK**2, np.float32)
    clipped = np.concatenate([sliding_blocks((~good).astype(np.float32), STRIDE) @ ones for good in usable])
    for accepted in ACCEPTED:
        chosen: NDArray[np.bool_] = clipped <= accepted
        if chosen.sum() >= min(ENOUGH, len(clipped) // 4):
            break
    return chosen


def _spectra(planes: Sequence[Array], chosen: NDArray[np.bool_]) -> Array:
    """Return the DCT of the chosen blocks, N×64."""
    blocks = np.concatenate([sliding_blocks(plane, STRIDE) for plane in planes])
    spectra: Array = (blocks if chosen.all() else blocks[chosen]) @ dct_matrix().T
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
def _band(low: int, high: int) -> NDArray[np.bool_]:
    """Return the frequencies whose numbers of half waves, down and across, have a sum from `low` to `high`."""
    rows, columns = np.divmod(np.arange(BLOCK**2), BLOCK)
    return (rows + columns >= low) & (rows + columns <= high)


@cache
def _middle() -> NDArray[np.bool_]:
    """All frequencies but the high ones, the mean, and the slope."""
    rows, columns = np.divmod(np.arange(BLOCK**2), BLOCK)
    return ~_high() & (rows + columns >= 2)


@cache
def _means() -> Array:
    """Return the weights, 64×2, with which energies become their means at middle and at high frequencies."""
    bands = np.stack([_middle(), _high()], axis=1)
    weights: Array = (bands / bands.sum(axis=0)).astype(np.float32)
    return weights
