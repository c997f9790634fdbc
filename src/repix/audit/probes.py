"""Probes: the inputs that a model is measured with: constants, ramps, steps, texture, and pictures of a folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.audit.prediction import constant_pictures
from repix.conversion.contract import Contract
from repix.errors import RepixError, Unreadable
from repix.pictures import Picture, read
from repix.side_inputs import side_channels, with_defaults

KINDS = ("constant", "ramp", "step", "texture", "pictures")
"""The kinds of inputs."""
TEXTURES = 3
MOST_PICTURES = 24
"""The most pictures of a folder; of more, evenly spaced ones are taken."""


@dataclass(frozen=True)
class Probe:
    """One input of a model."""

    kind: str
    x: Array
    """1×C×H×W."""
    truth: Array | None = None
    """The result that a perfect model returns, C×H×W; None if it is unknown."""
    name: str = ""
    """The file of a picture."""


@dataclass(frozen=True)
class Shape:
    """The inputs that a model takes."""

    channels: int
    size: tuple[int, int]
    levels: tuple[float, float]
    """The values of black and white."""


def synthetic_probes(shape: Shape) -> Iterator[Probe]:
    """Yield constants, ramps, steps and textures."""
    for color in constant_pictures(shape.channels):
        yield _probe("constant", np.broadcast_to(np.reshape(color, (-1, 1, 1)), (shape.channels, *shape.size)), shape)
    rows, columns = np.mgrid[: shape.size[0], : shape.size[1]]
    down, across = rows / max(1, shape.size[0] - 1), columns / max(1, shape.size[1] - 1)
    for position in (down, across, (down + across) / 2):
        yield _probe("ramp", np.repeat((0.1 + 0.8 * position)[None], shape.channels, 0), shape)
    for position in (down, across, (down + across) / 2):
        yield _probe("step", np.repeat(np.where(position < 0.5, 0.3, 0.7)[None], shape.channels, 0), shape)
    for seed in range(TEXTURES):
        yield _probe("texture", texture(shape.channels, shape.size, seed), shape)


def texture(channels: int, size: tuple[int, int], seed: int) -> Array:
    """Return random texture with the power spectrum of photos, 1/f², in [0, 1]."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.fft2(rng.standard_normal((channels, *size)))
    frequency = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.fftfreq(size[1])[None])
    frequency[0, 0] = np.inf
    waves = np.fft.ifft2(spectrum / frequency).real
    made: Array = np.clip(0.5 + 0.18 * waves / waves.std(), 0, 1)
    return made


def folder_probes(folder: Path, contract: Contract | None, shape: Shape, scale: int) -> list[Probe]:
    """Return the pictures of a folder as probes; each picture is the truth, and its input is made from it.

    A model with a contract has a task, which degrades pictures. For a model without one, they are shrunk by its scale.
    """
    from repix.batch.jobs import pictures_in

    files = [path for path, _ in pictures_in(folder)]
    if not files:
        raise Unreadable(f"{folder}: no pictures that repix can read.")
    step = max(1, -(-len(files) // MOST_PICTURES))
    made, problems = [], []
    for number, path in enumerate(files[::step]):
        try:
            clean = _cropped(read(path), (shape.size[0] * scale, shape.size[1] * scale))
            probe = _of_task(clean, contract, path.name, number) if contract else _of_picture(clean, shape, scale, path)
        except RepixError as problem:
            problems.append(str(problem))
            continue
        if probe.x.shape[2:] == shape.size:
            made.append(probe)
    if not made:
        least = f"{shape.size[0] * scale}×{shape.size[1] * scale}"
        reason = problems[0] if problems else f"all are smaller than {least}; add larger ones."
        raise Unreadable(f"{folder} has no picture to audit with: {reason}")
    return made


def _cropped(picture: Picture, size: tuple[int, int]) -> Picture:
    """Return the middle of a picture, if it is large enough."""
    height, width = picture.pixels.shape[:2]
    top, left = (max(0, (have - want) // 2) for have, want in zip((height, width), size, strict=True))
    return Picture(picture.pixels[top : top + size[0], left : left + size[1]])


def _of_task(clean: Picture, contract: Contract, name: str, seed: int) -> Probe:
    """Return a picture that was degraded as the model's task says."""
    task = contract.make_task()
    if task.make_pair is None:
        return Probe("pictures", task.encode(clean)[:1], None, name)
    source, target = task.make_pair(clean, np.random.default_rng(seed))
    truth = None if task.logits else task.encode_target(target)[0]
    return Probe("pictures", task.encode(source)[:1], truth, name)


def _of_picture(clean: Picture, shape: Shape, scale: int, path: Path) -> Probe:
    """Return a picture, shrunk by the scale of the model."""
    white = {"uint8": 255.0, "uint16": 65535.0}.get(clean.pixels.dtype.name, 1.0)
    colors = clean.pixels[:, :, : 3 if clean.pixels.shape[2] > 2 else 1].astype(np.float64) / white
    small = colors if scale == 1 else resize_picture(colors, scale=1 / scale, method="bicubic", antialias=True)
    made = [_planes(one, shape.channels) for one in (small, colors)]
    return _probe("pictures", np.clip(made[0], 0, 1), shape, made[1], path.name)


def _planes(colors: Array, channels: int) -> Array:
    """Return H×W×C as planes, with the number of channels of a model."""
    planes = np.moveaxis(colors, -1, 0)
    if channels == 1:
        planes = planes.mean(0, keepdims=True)
    made: Array = planes[np.arange(channels) % len(planes)]
    return made


def _probe(kind: str, picture: Array, shape: Shape, truth: Array | None = None, name: str = "") -> Probe:
    low, high = shape.levels
    x = (low + (high - low) * picture)[None].astype(np.float32)
    return Probe(kind, x, truth, name)


def without_side_inputs(probe: Probe, contract: Contract | None) -> Probe:
    """Return a probe whose side inputs, such as color hints, have their default values."""
    if contract is None or not contract.side_inputs:
        return probe
    picture = probe.x[:, : contract.channels[0] - side_channels(contract.side_inputs)]
    return replace(probe, x=with_defaults(picture, contract.side_inputs))


def by_kind(probes: Sequence[Probe]) -> dict[str, list[Probe]]:
    """Return the probes of each kind, in the order of KINDS."""
    return {kind: found for kind in KINDS if (found := [one for one in probes if one.kind == kind])}
