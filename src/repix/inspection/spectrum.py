"""Zeros of the spectrum: the direction and length of motion blur, and the radius of defocus.

Blur multiplies the spectrum of a picture with that of its kernel. The mean logarithm of windows' spectra is a smooth
curve plus the logarithm of the kernel's spectrum, whose dark lines (motion) or rings (defocus) are matched with
those of known kernels (Cannon, "Blind deconvolution of spatially invariant image blurs with phase", 1976).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import Kernel, disc_kernel, gaussian_kernel

WINDOW, STRIDE = 64, 32
"""Side of the windows, and distance from one to the next."""
FREQUENCIES = (0.03, 0.40)
"""The frequencies that are looked at, in periods per pixel."""
LENGTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20)
"""Longer motions are taken for none: their lines are as narrow as those of sharp pictures."""
ANGLES = tuple(range(0, 180, 10))
SIGMAS = (1, 1.5, 2, 2.5, 3, 4)
"""Gaussians, whose spectra have no zeros: they only keep smooth blur from being taken for defocus."""
RADII = (2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8)
"""Smaller discs look like Gaussians."""
FLOOR = 0.02
"""A kernel's spectrum is hidden by noise below it."""
LEAST = 0.4
"""Least correlation with the spectrum of a kernel."""
AXIS = 0.02
"""Width of the bright lines along the axes, from straight edges and from the border."""
CONTRAST = 2.0
"""Least standard deviation of a window, in gray levels."""
FEWEST = 4
"""Fewest windows."""


@dataclass(frozen=True)
class Match:
    """The kernel whose spectrum the picture's resembles most."""

    kind: str
    """'motion' or 'defocus'."""
    extent: float
    """Length of the motion or radius of the disc, in pixels."""
    angle: float
    """Direction of the motion, in degrees counter-clockwise from the right; 0 for defocus."""
    likeness: float
    """Correlation of the two spectra."""


def match(planes: Sequence[Array]) -> Match | None:
    """Return the blur kernel that the spectrum of crops H×W shows; None if it shows none."""
    spectrum = _spectrum(planes)
    if spectrum is None:
        return None
    kernels, templates = _templates()
    values = spectrum[_inside()]
    rest = values - _smooth() @ (_smooth().T @ values)
    likeness = templates @ rest / max(float(np.linalg.norm(rest)), 1e-9)
    best = int(likeness.argmax())
    if likeness[best] < LEAST or kernels[best][0] == "gaussian":
        return None
    kind, extent, angle = kernels[best]
    return Match(kind, extent, angle, float(likeness[best]))


def _spectrum(planes: Sequence[Array]) -> Array | None:
    """Return the mean logarithm of the windows' power spectra; None if there are too few windows."""
    total, count = np.zeros((WINDOW, WINDOW // 2 + 1)), 0
    wave = np.hanning(WINDOW + 2)[1:-1].astype(np.float32)
    for plane in planes:
        if min(plane.shape) < WINDOW:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(plane, (WINDOW, WINDOW))[::STRIDE, ::STRIDE]
        parts = windows.reshape(-1, WINDOW, WINDOW)
        parts = parts - parts.mean(axis=(1, 2), keepdims=True)
        parts = parts[parts.std(axis=(1, 2)) > CONTRAST]
        power = np.abs(np.fft.rfft2(parts * np.outer(wave, wave))) ** 2
        total += np.log(power + 10).sum(axis=0)
        count += len(parts)
    return total / count if count >= FEWEST else None


@cache
def _grid() -> tuple[Array, Array]:
    """Return the vertical and the horizontal frequency of each value of a spectrum."""
    down, across = np.meshgrid(np.fft.fftfreq(WINDOW), np.fft.rfftfreq(WINDOW), indexing="ij")
    return down, across


@cache
def _inside() -> NDArray[np.bool_]:
    """Return the values that are looked at, each frequency once."""
    down, across = _grid()
    radius = np.hypot(down, across)
    inside: NDArray[np.bool_] = (radius >= FREQUENCIES[0]) & (radius <= FREQUENCIES[1]) & ~((across == 0) & (down < 0))
    return inside


@cache
def _smooth() -> Array:
    """Return an orthonormal basis of what spectra of sharp pictures look like."""
    down, across = (values[_inside()] for values in _grid())
    steep, angle = np.log(np.hypot(down, across)), np.arctan2(down, across)
    waves = [wave(number * angle) for number in (2, 4) for wave in (np.cos, np.sin)]
    axes = [np.exp(-((along / AXIS) ** 2)) for along in (down, across)]
    parts = [np.ones_like(steep), steep, steep**2, *waves, *axes, steep * waves[0], steep * waves[1]]
    basis: Array = np.linalg.qr(np.stack(parts, axis=1))[0]
    return basis


@cache
def _templates() -> tuple[list[tuple[str, float, float]], Array]:
    """Return the kernels, and what their spectra have besides the smooth part, N×frequencies of length 1."""
    kernels = [("motion", float(length), float(angle)) for length in LENGTHS for angle in ANGLES]
    spectra = [_motion(length, np.deg2rad(angle)) for _, length, angle in kernels]
    kernels += [("defocus", float(radius), 0.0) for radius in RADII]
    spectra += [_power(disc_kernel(radius)) for radius in RADII]
    kernels += [("gaussian", float(sigma), 0.0) for sigma in SIGMAS]
    spectra += [_power(gaussian_kernel(sigma)) for sigma in SIGMAS]
    found = np.log(np.stack(spectra) + FLOOR)
    rest = found - (found @ _smooth()) @ _smooth().T
    return kernels, rest / np.linalg.norm(rest, axis=1, keepdims=True)


def _motion(length: float, angle: float) -> Array:
    """Return the power spectrum of a straight motion."""
    down, across = (values[_inside()] for values in _grid())
    found: Array = np.sinc(length * (across * np.cos(angle) - down * np.sin(angle))) ** 2
    return found


def _power(kernel: Kernel) -> Array:
    """Return the power spectrum of a kernel."""
    padded = np.zeros((WINDOW, WINDOW))
    padded[: kernel.shape[0], : kernel.shape[1]] = kernel
    found: Array = np.abs(np.fft.rfft2(padded))[_inside()] ** 2
    return found
