"""Multi-frame super-resolution: shots laid on a fine grid, then back-projected until they explain the shots.

Laying the shots down where they belong (shift-and-add) gives a first picture, still soft from the camera's pixels.
Then the camera takes its shots of that picture, and what they lack against the real ones is laid back: conjugate
gradients on the squared difference. Every step sharpens the picture and its noise. So a twentieth of the shots' pixels
is kept back in a trial, and the steps end when they no longer predict those pixels clearly better: what a step still
gains after that is noise.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.fusion.camera import Camera, Canvas
from repix.fusion.registration import MATCH, Registration, lightness, register

HELD_BACK = 0.05
"""Share of the shots' pixels that the trial does not see."""
GAIN = 0.02
"""A step must lower the error on those pixels by this share, or it is one too many."""
MOST_STEPS = 30
SEEN = 0.2
"""A fine pixel counts as seen when the weights of the shots' pixels that read it add up to this."""


def fuse(shots: Sequence[Array], scale: int = 2, blur: float = 0.0, registration: Registration | None = None) -> Array:
    """One picture, `scale` times as high and wide as the first shot and in its frame.

    Args:
        shots: two or more pictures of one scene, H×W or H×W×C in [0, 1], shifted against each other by fractions of
            a pixel; eight make ×2 worth while.
        scale: how many times finer the result is.
        blur: standard deviation of the lens's blur in pixels of the shots; a pixel's own square is counted anyway.
            Too much of it invents detail, so it is 0 unless known.
        registration: the shots' shifts where they are known already.

    >>> scene = np.random.default_rng(0).random((40, 40)).cumsum(0).cumsum(1) / 800
    >>> fuse([scene[4:36, 4:36], scene[7:39, 2:34]], scale=2).shape
    (64, 64)
    """
    if scale not in range(1, 9):
        raise WrongUse(f"The scale is {scale}; it must be a whole number from 1 to 8.")
    if not 0 <= blur <= 5:
        raise WrongUse(f"The lens's blur is {blur} pixels; it must be from 0 (none) to 5.")
    found = registration or register(shots)
    _require_match(found, len(shots))
    canvas = _canvas(shots[0], found, scale, blur)
    cameras = [Camera(canvas, (float(down), float(right)), blur) for down, right in found.shifts]
    steps = _worthwhile_steps([lightness(shot) for shot in shots], cameras)
    everything = [np.ones_like(shot) for shot in shots]
    result = next(islice(_projections(shots, cameras, everything), steps, None))
    return canvas.crop(result).astype(shots[0].dtype)


def _require_match(found: Registration, count: int) -> None:
    if len(found.shifts) != count:
        raise WrongUse(f"The registration holds {len(found.shifts)} shifts for {count} shots; register these shots.")
    lost = sorted(set(range(count)) - set(found.good()))
    if not lost:
        return
    if len(lost) == count - 1:
        raise WrongUse(f"No shot matches {found.names[0]}; shots may be shifted, but not turned, zoomed or different.")
    raise WrongUse(
        f"{', '.join(found.names[i] for i in lost)}: no match for {found.names[0]} (correlation "
        f"{found.match[lost].min():.2f}, needed {MATCH}); leave out what is turned, zoomed or different."
    )


def _canvas(shot: Array, found: Registration, scale: int, blur: float) -> Canvas:
    margin = math.ceil(scale * (np.abs(found.shifts).max() + 1 / 2 + 4 * blur)) + 3
    return Canvas((shot.shape[0], shot.shape[1]), scale, margin)


def _worthwhile_steps(shots: Sequence[Array], cameras: Sequence[Camera]) -> int:
    """How many steps go on to predict, clearly better than the step before, pixels that were kept back."""
    rng = np.random.default_rng(0)
    kept_back = [rng.random(shot.shape) < HELD_BACK for shot in shots]
    used = [(~mask).astype(shot.dtype) for mask, shot in zip(kept_back, shots, strict=True)]
    truth = _picked(shots, kept_back)
    trial = islice(_projections(shots, cameras, used), MOST_STEPS + 1)
    errors = (np.square(_picked((c.shoot(fine) for c in cameras), kept_back) - truth).mean() for fine in trial)
    for step, (before, after) in enumerate(pairwise(np.sqrt(e) for e in errors)):
        if after > (1 - GAIN) * before:
            return max(step, 1)  # without any, the picture is as soft as the camera's pixels
    return MOST_STEPS


def _picked(shots: Iterable[Array], masks: Sequence[NDArray[np.bool_]]) -> Array:
    return np.concatenate([shot[mask] for shot, mask in zip(shots, masks, strict=True)])


def _laid(shots: Iterable[Array], cameras: Sequence[Camera]) -> Array:
    """The sum of all shots laid on the fine grid."""
    return reduce(np.add, (camera.lay(shot) for camera, shot in zip(cameras, shots, strict=True)))


def _shift_and_add(shots: Sequence[Array], cameras: Sequence[Camera], used: Sequence[Array]) -> Array:
    """The weighted mean of what the shots show at each fine pixel; the first shot enlarged, where none shows any."""
    canvas, first = cameras[0].canvas, shots[0]
    weight = _laid(used, cameras)
    total = _laid((mask * shot for mask, shot in zip(used, shots, strict=True)), cameras)
    sides = [(canvas.margin, canvas.margin)] * 2 + [(0, 0)] * (first.ndim - 2)
    enlarged = np.pad(first.repeat(canvas.scale, axis=0).repeat(canvas.scale, axis=1), sides, mode="edge")
    covered = weight > SEEN
    return np.where(covered, total / np.where(covered, weight, 1), enlarged)


def _projections(shots: Sequence[Array], cameras: Sequence[Camera], used: Sequence[Array]) -> Iterator[Array]:
    """The fine picture before the first step of back-projection, after it, after the second, without end."""
    fine = _shift_and_add(shots, cameras, used)
    lack = [m * (shot - c.shoot(fine)) for m, shot, c in zip(used, shots, cameras, strict=True)]
    gradient = _laid(lack, cameras)
    direction, power = gradient, float(np.vdot(gradient, gradient))
    while True:
        yield fine
        if power == 0:
            continue
        change = [m * c.shoot(direction) for m, c in zip(used, cameras, strict=True)]
        stride = power / sum(float(np.vdot(c, c)) for c in change)
        fine = fine + stride * direction
        lack = [rest - stride * c for rest, c in zip(lack, change, strict=True)]
        gradient = _laid(lack, cameras)
        power, before = float(np.vdot(gradient, gradient)), power
        direction = gradient + (power / before) * direction
