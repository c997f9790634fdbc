"""Registration: sub-pixel translation of each shot against the first.

Phase correlation finds the integer shift, Gauss-Newton steps on the smoothed shots (Lucas and Kanade) the fraction.
The shots are smoothed because aliasing does not move with the scene.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array, require_dimensions, require_floats
from repix.arithmetic.color import luma
from repix.arithmetic.kernels import cubic
from repix.errors import WrongShape, WrongUse

SMALLEST = 16
"""Smallest side of a shot for registration, in pixels."""
MATCH = 0.85
"""Smallest correlation with the first shot of a shot of the same scene."""
STEPS = 8
BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16


@dataclass(frozen=True, eq=False)
class Registration:
    """Shifts of the shots and their correlation with the first."""

    shifts: NDArray[np.float64]
    """N×2, down and right, in pixels: a shot's pixel (y, x) shows what the first shows at (y, x) + shift."""
    match: NDArray[np.float64]
    """N: correlation of each smoothed shot with the first, where they overlap; 1 is perfect."""
    names: tuple[str, ...]
    """Names of the shots in messages."""

    def good(self) -> list[int]:
        """Return the indices of the shots that match the first."""
        return [int(i) for i in np.flatnonzero(self.match >= MATCH)]

    def only(self, kept: Sequence[int]) -> "Registration":
        """Return the registration of a subset of the shots, by index."""
        return Registration(self.shifts[kept], self.match[kept], tuple(self.names[i] for i in kept))


def register(shots: Sequence[Array], names: Sequence[str] | None = None) -> Registration:
    """Estimate the translation of each shot against the first, up to half the picture.

    Args:
        shots: two or more pictures H×W or H×W×C in [0, 1] of one size.
        names: names of the shots in messages; by default Shot 1, Shot 2 ...

    Returns:
        The shifts and correlations.

    Raises:
        WrongUse: there are fewer than two shots, or values are not finite.
        WrongShape: the shots differ in size or channels, or are too small.

    >>> scene = np.random.default_rng(0).random((40, 40)).cumsum(0).cumsum(1) / 800
    >>> register([scene[4:36, 4:36], scene[7:39, 2:34]]).shifts.round(2).tolist()
    [[0.0, 0.0], [3.0, -2.0]]
    """
    called = tuple(names) if names else tuple(f"Shot {number}" for number in range(1, len(shots) + 1))
    require_shots(shots, called)
    smooth = [_smooth(lightness(shot).astype(np.float64)) for shot in shots]
    found = [(np.zeros(2), 1.0)] + [_locate(smooth[0], shot) for shot in smooth[1:]]
    return Registration(np.array([shift for shift, _ in found]), np.array([match for _, match in found]), called)


def require_shots(shots: Sequence[Array], names: Sequence[str]) -> None:
    """Check that the shots have the same size and channels and finite values.

    Raises:
        WrongUse: there are fewer than two shots, or values are not finite.
        WrongShape: the shots differ in size or channels, or are too small.
    """
    if len(shots) < 2:
        raise WrongUse(f"Fusion needs at least 2 shots of one scene, not {len(shots)}; to enlarge one, use a filter.")
    if len(names) != len(shots):
        raise WrongUse(f"There are {len(names)} names for {len(shots)} shots; give one name per shot, or no names.")
    for shot, name in zip(shots, names, strict=True):
        require_floats(shot, name)
        require_dimensions(shot, name, 2, 3)
        if shot.shape != shots[0].shape:
            raise WrongShape(
                f"{name} is {_words(shot)}, {names[0]} is {_words(shots[0])}; use shots of the same size and channels."
            )
        if shot.ndim == 3 and shot.shape[2] not in (1, 3):
            raise WrongShape(f"{name} has {shot.shape[2]} channels; shots are gray (1) or RGB (3), without alpha.")
        if min(shot.shape[:2]) < SMALLEST:
            raise WrongShape(f"{name} is {_words(shot)}; finding its shift needs {SMALLEST}×{SMALLEST} or more.")
        if not np.isfinite(shot).all():
            raise WrongUse(f"{name} has values that are not finite; leave it out.")


def _words(shot: Array) -> str:
    """Return a shot's width, height and channels as text."""
    kind = {1: "gray", 3: "RGB"}.get(shot.shape[2], f"{shot.shape[2]} channels") if shot.ndim == 3 else "gray, H×W"
    return f"{shot.shape[1]}×{shot.shape[0]} ({kind})"


def lightness(shot: Array) -> Array:
    """Return the luma of a shot, H×W."""
    return luma(shot).reshape(shot.shape[:2])


def _smooth(picture: Array) -> Array:
    """Blur with the binomial filter 1 4 6 4 1 along both axes; the result is two pixels smaller at each side."""
    for _ in range(2):
        picture = _slide(picture, BINOMIAL).T
    return picture


def _locate(first: Array, shot: Array) -> tuple[NDArray[np.float64], float]:
    """Return the shift of a shot and its correlation with the first."""
    shift = _whole_pixels(first, shot)
    largest = np.array(first.shape) / 2
    for _ in range(STEPS):
        seen, below, right, own = _overlap(first, shot, shift)
        slopes = np.stack([below.ravel(), right.ravel()])
        step = np.linalg.lstsq(slopes @ slopes.T, slopes @ (own - seen).ravel(), rcond=1e-9)[0]
        shift = np.clip(shift + np.clip(step, -1, 1), -largest, largest)
    seen, _, _, own = _overlap(first, shot, shift)
    return shift, _correlation(seen, own)


def _whole_pixels(first: Array, shot: Array) -> NDArray[np.float64]:
    """Return the integer shift by phase correlation, weighted towards low frequencies."""
    height, width = first.shape
    window = np.hanning(height + 2)[1:-1, np.newaxis] * np.hanning(width + 2)[1:-1]
    spectra = [np.fft.rfft2((picture - picture.mean()) * window) for picture in (first, shot)]
    cross = spectra[0] * np.conj(spectra[1])
    size = np.abs(cross)
    frequency = np.hypot(np.fft.fftfreq(height)[:, np.newaxis], np.fft.rfftfreq(width))
    phases = cross / np.maximum(size, 1e-6 * size.max() + 1e-300) * np.exp(-((frequency / 0.2) ** 2))
    peak = np.unravel_index(np.argmax(np.fft.irfft2(phases, s=first.shape)), first.shape)
    down, right = ((int(p) + n // 2) % n - n // 2 for p, n in zip(peak, first.shape, strict=True))
    return np.array([down, right], dtype=np.float64)


def _overlap(first: Array, shot: Array, shift: NDArray[np.float64]) -> tuple[Array, Array, Array, Array]:
    """Return, for the overlap: the first shot at the other's pixels, its gradients down and right, and the other."""
    whole = np.floor(shift).astype(int)
    rows, columns = (_common(n, int(w)) for n, w in zip(first.shape, whole, strict=True))
    rest = shift - whole
    ways = [(_weights(part, 0.0), _weights(part, 1e-3)) for part in rest]
    window = first[
        rows[0] - 1 + whole[0] : rows[1] + 2 + whole[0], columns[0] - 1 + whole[1] : columns[1] + 2 + whole[1]
    ]
    seen = _interpolate(window, ways[0][0], ways[1][0])
    below, right = _interpolate(window, ways[0][1], ways[1][0]), _interpolate(window, ways[0][0], ways[1][1])
    return seen, below, right, shot[rows[0] : rows[1], columns[0] : columns[1]]


def _common(count: int, shift: int) -> tuple[int, int]:
    """Return the range of a shot's pixels that have four neighbors in the first."""
    return max(0, 1 - shift), min(count, count - 2 - shift)


def _weights(part: float, slope: float) -> Array:
    """Return four weights that interpolate at a fraction behind the second pixel, or their derivative."""
    distance = np.arange(-1.0, 3.0) - part
    if slope:
        return (cubic(distance - slope) - cubic(distance + slope)) / (2 * slope)
    return cubic(distance)


def _interpolate(window: Array, down: Array, right: Array) -> Array:
    return _slide(_slide(window, down).T, right).T


def _slide(picture: Array, weights: Array) -> Array:
    """Return weighted sums of consecutive rows (valid region)."""
    rows = len(picture) - len(weights) + 1
    return reduce(np.add, (w * picture[i : rows + i] for i, w in enumerate(weights)))


def _correlation(a: Array, b: Array) -> float:
    a, b = a - a.mean(), b - b.mean()
    power = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / power if power > 0 else 0.0
