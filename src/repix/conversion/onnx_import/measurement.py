"""Probing: what a model does to sizes and how far its pixels reach, found by running it on pictures made for that.

How far its pixels can reach follows from its graph (`field`), or is told by the user; that is held against what the
model does. A strip of noise, longer than that, is changed in one row of pixels, and where the result is another, to the
last bit, the model has seen it there. Then tiles must equal the whole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.onnx_import.receptive_field import MisalignedError, UnboundedError

Run = Callable[[Array], Array | None]
"""N×C×H×W through a model; None where it does not run, or gives something of another shape than that of a picture."""

STEPS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, 30, 32, 36, 40, 48, 56, 64, 80, 96, 112, 128, 160,
         192, 224, 256)  # fmt: skip
"""What sizes may have to be multiples of, and where the model may repeat itself."""

TYPICAL_SIDE = 48
"""Sides of pictures to try."""

LARGEST_HALO = 4096
"""A halo with which tiles are worth nothing, and strips would be too long to try."""

LARGE_CHANGE = 100.0
"""Far outside of any picture, so that faint influence shows."""

ROUNDING_TOLERANCE = 1e-5
"""What rounding may change, as a share of the largest number."""


@dataclass(frozen=True)
class HaloResult:
    """How far a model sees, and where it repeats itself."""

    step: int
    """Moved by this many pixels, a picture gives the same result, moved."""
    measured: int | None
    """How far a pixel was seen; None: everywhere, or not the same everywhere."""
    halo: int | None
    """How far it can be seen, from the graph; tiles with it are the whole."""
    reason: str = ""
    """Where there is none: the reason."""


@dataclass(frozen=True)
class Probe:
    """A model to be asked."""

    run: Run
    channels: int
    scale: int

    def runs(self, height: int, width: int) -> bool:
        """Return whether a picture of this size becomes one of the right size."""
        y = self.run(noise(self.channels, height, width))
        return y is not None and y.shape[2:] == (self.scale * height, self.scale * width)


def smallest_step(probe: Probe) -> int | None:
    """Return the least number that height and width must be multiples of; the smallest picture is one step."""
    return next((step for step in STEPS if _fits(probe, step)), None)


def _fits(probe: Probe, step: int) -> bool:
    """Return whether multiples of this run."""
    return all(probe.runs(*size) for size in _sizes(step))


def measure_halo(probe: Probe, step: int, halo_of: Callable[[int], int]) -> HaloResult:
    """Return how far a pixel is seen, and where the model repeats itself, which may be less often than its sizes say.

    `halo_of` says how far it can be seen where pictures are multiples of a step, or raises an EndlessError.
    """
    why = "a picture that is moved gives another result"
    for grid in (one for one in STEPS if one >= step and (one == step or _fits(probe, one))):
        try:
            halo = halo_of(grid)
        except MisalignedError as problem:
            why = str(problem)
            continue
        except UnboundedError as problem:
            return HaloResult(step, None, None, str(problem))
        if halo > LARGEST_HALO:
            return HaloResult(step, None, None, f"a pixel can be seen {halo} pixels away")
        if _repeats(probe, grid, halo):
            return _held(probe, grid, halo)
    return HaloResult(step, None, None, why)


def _held(probe: Probe, grid: int, halo: int) -> HaloResult:
    """Return the model held to a halo; a reach beyond it is for the caller to refuse."""
    thick = grid * -(-16 // grid)
    reach = _reach(probe, grid, thick, halo + 2 * grid)
    if reach <= halo and not _tiles_are_whole(probe, grid, thick, halo):
        return HaloResult(grid, reach, None, "tiles did not equal the whole picture")
    return HaloResult(grid, reach, halo)


def accepts_batches(run: Run, channels: int, height: int, width: int) -> bool:
    """Return whether several pictures at once give what each gives alone."""
    x = np.concatenate([noise(channels, height, width, seed) for seed in (1, 2, 3)])
    alone = [run(one[np.newaxis]) for one in x]
    together = run(x)
    return together is not None and together.shape[0] == 3 and all(
        one is not None and _alike(one[0], other) for one, other in zip(alone, together, strict=True)
    )  # fmt: skip


def _sizes(step: int) -> Iterator[tuple[int, int]]:
    """Yield the commonest first; then odd multiples, one step, and long ones."""
    many = -(-TYPICAL_SIDE // step) | 1
    yield from ((step * a, step * b) for a, b in ((many, many + 2), (many + 3, many + 1), (1, 1), (1, many), (many, 2)))


def noise(channels: int, height: int, width: int, seed: int = 0) -> Array:
    """Noise that is darker at one end, so that its average is not the same everywhere."""
    rng = np.random.default_rng([seed, height, width])
    ramp = np.linspace(0.2, 1, width, dtype=np.float32) * np.linspace(0.4, 1, height, dtype=np.float32)[:, np.newaxis]
    return rng.random((1, channels, height, width), np.float32) * ramp


def _reach(probe: Probe, grid: int, thick: int, about: int) -> int:
    """Return the farthest that any place in a block is seen."""
    blocks = -(-(about + 8) // grid)
    middle = [grid * blocks + place for place in _places(grid)]
    return max(_seen(probe, grid * (2 * blocks + 1), thick, middle, axis) for axis in (2, 3))


def _seen(probe: Probe, length: int, thick: int, places: Sequence[int], axis: int) -> int:
    """Return how far changes at these places of a strip are seen, in pixels of the picture; its length where nothing runs."""
    farthest = 0
    for seed, changes in enumerate(((1.0, LARGE_CHANGE), (-LARGE_CHANGE,))):
        x = _along(axis, noise(probe.channels, thick, length, seed))
        plain = probe.run(x)
        for place in places:
            for added in changes:
                farthest = max(farthest, _distance(probe, x, plain, place, added, axis))
    return farthest


def _distance(probe: Probe, x: Array, plain: Array | None, place: int, added: float, axis: int) -> int:
    """Return how far from the place one change is seen; what is not finite shows nothing."""
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


def _repeats(probe: Probe, grid: int, reach: int) -> bool:
    """Return whether a strip without its first `grid` pixels gives the same result, far enough from there."""
    edge = reach + max(grid, 16)
    length, thick = (grid * -(-side // grid) for side in (2 * grid + edge + 64, 16))
    for axis in (2, 3):
        x = _along(axis, noise(probe.channels, thick, length))
        whole, rest = probe.run(x), probe.run(_cut(x, axis, grid, length))
        if whole is None or rest is None:
            return False
        first = probe.scale * (grid + edge)
        end = probe.scale * length
        if not _alike(_cut(rest, axis, first - probe.scale * grid, end), _cut(whole, axis, first, end)):
            return False
    return True


def _tiles_are_whole(probe: Probe, step: int, thick: int, halo: int) -> bool:
    """Return whether the parts of a strip, each grown by the halo, give what the strip gives."""
    around = -(-halo // step)
    core = max(-(-24 // step), around // 2)
    length = step * (2 * around + 4 * core)
    for axis in (2, 3):
        x = _along(axis, noise(probe.channels, thick, length, seed=5))
        whole = probe.run(x)
        for begin in range(0, length, step * core):
            end = min(begin + step * core, length)
            low, high = max(begin - step * around, 0), min(end + step * around, length)
            part = probe.run(_cut(x, axis, low, high))
            if whole is None or part is None:
                return False
            kept = _cut(part, axis, probe.scale * (begin - low), probe.scale * (end - low))
            if not _alike(kept, _cut(whole, axis, probe.scale * begin, probe.scale * end)):
                return False
    return True


def _places(step: int) -> list[int]:
    """Return the first and the last places in a block, and its middle."""
    return sorted({0, 1, step // 2 - 1, step // 2, step - 2, step - 1} & set(range(step)))


def _alike(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(
        np.abs(one - other).max(initial=0) <= ROUNDING_TOLERANCE * max(1.0, np.abs(other).max(initial=0))
    )


def _along(axis: int, strip: Array) -> Array:
    """Return a strip that lies, or that stands."""
    return strip if axis == 3 else np.ascontiguousarray(strip.transpose(0, 1, 3, 2))


def _cut(x: Array, axis: int, begin: int, end: int) -> Array:
    return x[(slice(None),) * axis + (slice(begin, end),)]
