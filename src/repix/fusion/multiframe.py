"""Multi-frame super-resolution: shots laid on a fine grid, then back-projected until they explain the shots.

Laying the shots down where they belong (shift-and-add) gives a first picture, still soft from the camera's pixels.
Then the camera takes its shots of that picture, and what they lack against the real ones is laid back, again and again
(conjugate gradients). Every step sharpens the picture, and its noise with it. Two things hold the noise back:

- A trial keeps back a twentieth of the shots' pixels and ends when its steps no longer predict those clearly better.
  Its error on them tells how strong the noise is, with all else that the camera model does not explain.
- As much as the shots are noisy, and no more, back-projection then weighs slopes against them: small ones, which are
  likely noise, are smoothed, and edges stay (total variation).
"""

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.solving import conjugate_gradients
from repix.errors import WrongUse
from repix.fusion.camera import Camera, Canvas
from repix.fusion.registration import MATCH, Registration, register, require_shots

HELD_BACK = 0.05
"""Share of the shots' pixels that the trial does not see."""
GAIN = 0.02
"""A step of the trial must lower the error on those pixels by this share, or it is the last one."""
MOST_STEPS = 30
SEEN = 0.2
"""A fine pixel counts as seen when the weights of the shots' pixels that read it add up to this."""
SMOOTHNESS = 0.5
"""How much slopes count; of 0.25, 0.35, 0.5, 0.7, 1 and 1.4 the best on six photos of BSDS500's training split."""
ROUNDS, STEPS = 4, 4
"""How often the slopes are weighed anew, and the steps of back-projection each time."""
FLAT = 2 / 255
"""Slopes below this, in brightness a fine pixel, are no edges."""


def fuse(shots: Sequence[Array], scale: int = 2, blur: float = 0.0, registration: Registration | None = None) -> Array:
    """Return one picture of higher resolution, in the frame of the first shot.

    Args:
        shots: two or more pictures of one scene, H×W or H×W×C in [0, 1], with different sub-pixel shifts; about eight
            are useful for scale 2.
        scale: upsampling factor, 1 to 8.
        blur: standard deviation of the lens blur, in pixels of the shots, in addition to the pixel's square. Too large
            a value creates false detail.
        registration: shifts of the shots, if known; by default they are estimated by `register`.

    Returns:
        The picture, `scale` times as high and wide as a shot.

    Raises:
        WrongUse: a shot does not match the first, or a parameter is out of range.
        WrongShape: the shots differ in size or channels.

    >>> scene = np.random.default_rng(0).random((40, 40)).cumsum(0).cumsum(1) / 800
    >>> fuse([scene[4:36, 4:36], scene[7:39, 2:34]], scale=2).shape
    (64, 64)
    """
    if scale not in range(1, 9):
        raise WrongUse(f"The scale is {scale}; it must be a whole number from 1 to 8.")
    if not 0 <= blur <= 5:
        raise WrongUse(f"The lens's blur is {blur} pixels; it must be from 0 (none) to 5.")
    found = registration or register(shots)
    require_shots(shots, found.names)
    _require_match(found)
    canvas = _canvas(shots[0], found, scale, blur)
    cameras = [Camera(canvas, (float(down), float(right)), blur) for down, right in found.shifts]
    return canvas.crop(_back_project(shots, cameras, _noise(shots, cameras))).astype(shots[0].dtype)


def _require_match(found: Registration) -> None:
    count = len(found.shifts)
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


def _noise(shots: Sequence[Array], cameras: Sequence[Camera]) -> float:
    """The trial: how far pixels that were kept back are from what the others tell about them, root mean square."""
    rng = np.random.default_rng(0)
    kept_back = [rng.random(shot.shape[:2]) < HELD_BACK for shot in shots]
    channel = (1,) * (shots[0].ndim - 2)
    used = [(~mask).astype(shots[0].dtype).reshape(mask.shape + channel) for mask in kept_back]
    truth = _picked(shots, kept_back)

    def explained(fine: Array) -> Array:
        return _laid((mask * c.project(fine) for mask, c in zip(used, cameras, strict=True)), cameras)

    target = _laid((mask * shot for mask, shot in zip(used, shots, strict=True)), cameras)
    trial = conjugate_gradients(explained, target, _shift_and_add(shots, cameras, used))
    error = math.inf
    for fine in islice(trial, MOST_STEPS):
        before = error
        error = float(np.sqrt(np.square(_picked((c.project(fine) for c in cameras), kept_back) - truth).mean()))
        if error >= (1 - GAIN) * before:
            break
    return min(error, before)


def _back_project(shots: Sequence[Array], cameras: Sequence[Camera], noise: float) -> Array:
    """The picture whose shots are the real ones, up to the noise, and whose slopes are the smallest."""
    target = _laid(shots, cameras)
    fine = _shift_and_add(shots, cameras, [np.ones_like(shot) for shot in shots])
    for _ in range(ROUNDS):
        steepness = np.sqrt(sum(_mean_over_channels(slope**2) for slope in _slopes(fine)) + FLAT**2)
        weight = SMOOTHNESS * noise**2 / (steepness.mean() * steepness)

        def explained(picture: Array, weight: Array = weight) -> Array:
            below, right = _slopes(picture)
            return _laid((c.project(picture) for c in cameras), cameras) + _fall(weight * below, weight * right)

        fine = next(islice(conjugate_gradients(explained, target, fine), STEPS, None))
    return fine


def _slopes(picture: Array) -> tuple[Array, Array]:
    """Differences to the pixel below and to the right; 0 at the far borders."""
    return np.diff(picture, axis=0, append=picture[-1:]), np.diff(picture, axis=1, append=picture[:, -1:])


def _mean_over_channels(picture: Array) -> Array:
    """One number a pixel, so that all colours keep the same edges."""
    return picture if picture.ndim == 2 else picture.mean(axis=2, keepdims=True)


def _fall(below: Array, right: Array) -> Array:
    """The adjoint of `_slopes`."""
    return -np.diff(below, axis=0, prepend=0 * below[:1]) - np.diff(right, axis=1, prepend=0 * right[:, :1])


def _picked(shots: Iterable[Array], masks: Sequence[NDArray[np.bool_]]) -> Array:
    return np.concatenate([shot[mask] for shot, mask in zip(shots, masks, strict=True)])


def _laid(shots: Iterable[Array], cameras: Sequence[Camera]) -> Array:
    """The sum of all shots laid on the fine grid."""
    return reduce(np.add, (camera.back_project(shot) for camera, shot in zip(cameras, shots, strict=True)))


def _shift_and_add(shots: Sequence[Array], cameras: Sequence[Camera], used: Sequence[Array]) -> Array:
    """The weighted mean of what the shots show at each fine pixel; the first shot enlarged, where none shows any."""
    canvas, first = cameras[0].canvas, shots[0]
    weight = _laid(used, cameras)
    total = _laid((mask * shot for mask, shot in zip(used, shots, strict=True)), cameras)
    sides = [(canvas.margin, canvas.margin)] * 2 + [(0, 0)] * (first.ndim - 2)
    enlarged = np.pad(first.repeat(canvas.scale, axis=0).repeat(canvas.scale, axis=1), sides, mode="edge")
    covered = weight > SEEN
    return np.where(covered, total / np.where(covered, weight, 1), enlarged)
