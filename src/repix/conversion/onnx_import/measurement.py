"""Measurements of a model: the sizes it accepts, its step, and the margin of its receptive field.

The halo follows from the graph (`receptive_field`), or is given by the user; here it is compared with measurements. A
strip of noise, longer than the halo, is changed in one row of pixels. Where the result differs, in any bit, that row is
inside the receptive field. Then tiles with the halo must equal the whole strip.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.onnx_import.receptive_field import MisalignedError, UnboundedError

Run = Callable[[Array], Array | None]
"""A function that runs a model on N×C×H×W; None if it fails, or if the result does not have a picture's shape."""

STEPS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, 30, 32, 36, 40, 48, 56, 64, 80, 96, 112, 128, 160,
         192, 224, 256)  # fmt: skip
"""The steps that are tried."""

TYPICAL_SIDE = 48
"""A typical side of test pictures."""

LARGEST_HALO = 4096
"""The largest halo; with larger ones tiles would be inefficient, and strips too long."""

LARGE_CHANGE = 100.0
"""A change far outside the range of pictures, so that a small influence is visible."""

ROUNDING_TOLERANCE = 1e-5
"""The largest difference by rounding, as a share of the largest value."""


@dataclass(frozen=True)
class HaloResult:
    """The step and the halo of a model."""

    step: int
    """A picture shifted by this number of pixels has the same result, shifted."""
    measured: int | None
    """The measured margin of the receptive field; None: it is global or not the same everywhere."""
    halo: int | None
    """The halo by the graph, with which tiles equal the whole picture."""
    reason: str = ""
    """The reason if there is no halo."""


@dataclass(frozen=True)
class Probe:
    """A model to be measured."""

    run: Run
    channels: int
    scale: int

    def runs(self, height: int, width: int) -> bool:
        """Return whether the model accepts pictures of a size and returns the right size."""
        y = self.run(noise(self.channels, height, width))
        return y is not None and y.shape[2:] == (self.scale * height, self.scale * width)


def smallest_step(probe: Probe) -> int | None:
    """Return the smallest number that height and width must be multiples of; None if there is none."""
    return next((step for step in STEPS if _fits(probe, step)), None)


def _fits(probe: Probe, step: int) -> bool:
    """Return whether the model accepts pictures whose sides are multiples of a step."""
    return all(probe.runs(*size) for size in _sizes(step))


def measure_halo(probe: Probe, step: int, halo_of: Callable[[int], int]) -> HaloResult:
    """Return the step and the halo of a model; the step may be larger than the one that its sizes need.

    `halo_of` returns the halo by the graph for a step, or raises an UnboundedError.
    """
    why = "a shifted picture has another result"
    for grid in (one for one in STEPS if one >= step and (one == step or _fits(probe, one))):
        try:
            halo = halo_of(grid)
        except MisalignedError as problem:
            why = str(problem)
            continue
        except UnboundedError as problem:
            return HaloResult(step, None, None, str(problem))
        if halo > LARGEST_HALO:
            return HaloResult(step, None, None, f"its halo of {halo} pixels is too large")
        if _repeats(probe, grid, halo):
            return _compared(probe, grid, halo)
    return HaloResult(step, None, None, why)


def _compared(probe: Probe, grid: int, halo: int) -> HaloResult:
    """Return the halo, compared with the measured margin; the caller refuses a larger margin."""
    thickness = grid * -(-16 // grid)
    margin = _measured_margin(probe, grid, thickness, halo + 2 * grid)
    if margin <= halo and not _tiles_are_whole(probe, grid, thickness, halo):
        return HaloResult(grid, margin, None, "tiles did not equal the whole picture")
    return HaloResult(grid, margin, halo)


def accepts_batches(run: Run, channels: int, height: int, width: int) -> bool:
    """Return whether a batch gives the same results as its pictures one by one."""
    x = np.concatenate([noise(channels, height, width, seed) for seed in (1, 2, 3)])
    alone = [run(one[np.newaxis]) for one in x]
    together = run(x)
    return together is not None and together.shape[0] == 3 and all(
        one is not None and _nearly_equal(one[0], other) for one, other in zip(alone, together, strict=True)
    )  # fmt: skip


def _sizes(step: int) -> Iterator[tuple[int, int]]:
    """Yield sizes to try: common ones first, then odd multiples, one step, and long ones."""
    many = -(-TYPICAL_SIDE // step) | 1
    yield from ((step * a, step * b) for a, b in ((many, many + 2), (many + 3, many + 1), (1, 1), (1, many), (many, 2)))


def noise(channels: int, height: int, width: int, seed: int = 0) -> Array:
    """Return noise that is darker at one end, so that its mean is not the same everywhere."""
    rng = np.random.default_rng([seed, height, width])
    ramp = np.linspace(0.2, 1, width, dtype=np.float32) * np.linspace(0.4, 1, height, dtype=np.float32)[:, np.newaxis]
    return rng.random((1, channels, height, width), np.float32) * ramp


def _measured_margin(probe: Probe, grid: int, thickness: int, about: int) -> int:
    """Return the measured margin of the receptive field, for all positions in a block."""
    blocks = -(-(about + 8) // grid)
    middle = [grid * blocks + place for place in _places(grid)]
    return max(_effect_distance(probe, grid * (2 * blocks + 1), thickness, middle, axis) for axis in (2, 3))


def _effect_distance(probe: Probe, length: int, thickness: int, places: Sequence[int], axis: int) -> int:
    """Return the largest distance of an effect of changes at positions of a strip, in pixels; its length on failure."""
    farthest = 0
    for seed, changes in enumerate(((1.0, LARGE_CHANGE), (-LARGE_CHANGE,))):
        x = _along(axis, noise(probe.channels, thickness, length, seed))
        plain = probe.run(x)
        for place in places:
            for added in changes:
                farthest = max(farthest, _distance(probe, x, plain, place, added, axis))
    return farthest


def _distance(probe: Probe, x: Array, plain: Array | None, place: int, added: float, axis: int) -> int:
    """Return the largest distance of an effect of one change; 0 where the result is not finite."""
    changed = x.copy()
    changed[(slice(None),) * axis + (place,)] += np.float32(added)
    y = probe.run(changed)
    if y is None or plain is None:
        return int(x.shape[axis])
    if not np.isfinite(y).all():
        return 0
    hit = (y != plain).any(axis=(0, 1, 5 - axis)).nonzero()[0]
    ends = [int(one) for one in (*hit[:1], *hit[-1:])]
    return max((abs(one // probe.scale - place) for one in ends), default=0)


def _repeats(probe: Probe, grid: int, margin: int) -> bool:
    """Return whether a strip without its first `grid` pixels has the same result, far enough from the start."""
    edge = margin + max(grid, 16)
    length, thickness = (grid * -(-side // grid) for side in (2 * grid + edge + 64, 16))
    for axis in (2, 3):
        x = _along(axis, noise(probe.channels, thickness, length))
        whole, rest = probe.run(x), probe.run(_slice(x, axis, grid, length))
        if whole is None or rest is None:
            return False
        first = probe.scale * (grid + edge)
        end = probe.scale * length
        if not _nearly_equal(_slice(rest, axis, first - probe.scale * grid, end), _slice(whole, axis, first, end)):
            return False
    return True


def _tiles_are_whole(probe: Probe, step: int, thickness: int, halo: int) -> bool:
    """Return whether tiles of a strip, read with the halo, have the same result as the whole strip."""
    around = -(-halo // step)
    core = max(-(-24 // step), around // 2)
    length = step * (2 * around + 4 * core)
    for axis in (2, 3):
        x = _along(axis, noise(probe.channels, thickness, length, seed=5))
        whole = probe.run(x)
        for begin in range(0, length, step * core):
            end = min(begin + step * core, length)
            low, high = max(begin - step * around, 0), min(end + step * around, length)
            part = probe.run(_slice(x, axis, low, high))
            if whole is None or part is None:
                return False
            kept = _slice(part, axis, probe.scale * (begin - low), probe.scale * (end - low))
            if not _nearly_equal(kept, _slice(whole, axis, probe.scale * begin, probe.scale * end)):
                return False
    return True


def _places(step: int) -> list[int]:
    """Return the first, middle and last positions in a block."""
    return sorted({0, 1, step // 2 - 1, step // 2, step - 2, step - 1} & set(range(step)))


def _nearly_equal(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(
        np.abs(one - other).max(initial=0) <= ROUNDING_TOLERANCE * max(1.0, np.abs(other).max(initial=0))
    )


def _along(axis: int, strip: Array) -> Array:
    """Return a horizontal or a vertical strip."""
    return strip if axis == 3 else np.ascontiguousarray(strip.transpose(0, 1, 3, 2))


def _slice(x: Array, axis: int, begin: int, end: int) -> Array:
    return x[(slice(None),) * axis + (slice(begin, end),)]
