"""Blur: point spread functions and their convolution with a picture.

A kernel is a float64 array of odd height and width. Its values sum to 1, so a constant picture does not change.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array, require_dimensions, require_finite, require_floats, require_picture
from repix.errors import WrongShape, WrongUse

Kernel = NDArray[np.float64]

Border = Literal["mirror", "replicate", "circular"]
"""Border mode: mirror without repeating the edge pixel, repeat the edge pixel, or wrap around."""

PADDING: dict[str, Any] = {"mirror": "reflect", "replicate": "edge", "circular": "wrap"}
"""The name of each border mode in `numpy.pad`."""

MOST_TAPS = 32
"""Above this number of taps a Fourier transform is faster than a sum of shifted pictures (measured at 512×512)."""


def mean_kernel(size: int) -> Kernel:
    """Return a square mean kernel: every pixel has the same weight.

    >>> mean_kernel(3).round(3).tolist()[0]
    [0.111, 0.111, 0.111]
    """
    if size < 1 or size % 2 == 0:
        raise WrongUse(f"size is {size}; it must be odd, at least 1.")
    return np.full((size, size), 1 / size**2)


def gaussian_kernel(sigma: float) -> Kernel:
    """Return a Gaussian kernel with a standard deviation of `sigma` pixels, truncated at 4 sigma.

    >>> gaussian_kernel(0.5).shape
    (5, 5)
    """
    _require_positive(sigma, "sigma")
    radius = int(4 * sigma + 0.5)
    gaussian = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return _normalized(np.outer(gaussian, gaussian))


def motion_kernel(length: float, angle: float) -> Kernel:
    """Return the kernel of a straight motion of `length` pixels, `angle` degrees counter-clockwise from the x axis.

    The weight of a pixel falls linearly with its distance from the line: 1 on the line, 0 one pixel away.

    >>> motion_kernel(3, 0).round(3).tolist()
    [[0.333, 0.333, 0.333]]
    """
    if not length >= 1:
        raise WrongUse(f"length is {length}; it must be at least 1.")
    if not np.isfinite([length, angle]).all():
        raise WrongUse(f"length {length} and angle {angle} must be finite numbers.")
    radians = np.deg2rad(angle)
    along_x, along_y = np.cos(radians), -np.sin(radians)
    half = (length - 1) / 2
    radius = int(np.ceil(half))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    nearest = np.clip(x * along_x + y * along_y, -half, half)
    weights = np.maximum(0, 1 - np.hypot(x - nearest * along_x, y - nearest * along_y))
    return _normalized(_trimmed(weights))


def disc_kernel(radius: float) -> Kernel:
    """Return the kernel of a defocused lens: a uniform disc, where a pixel's weight is its area inside the circle.

    >>> disc_kernel(1).round(3).tolist()[0]
    [0.025, 0.145, 0.025]
    """
    _require_positive(radius, "radius")
    if radius <= 0.5:  # the disc lies inside one pixel
        return np.ones((1, 1))
    side = int(np.ceil(radius - 0.5))
    edges = np.arange(-side, side + 2) - 0.5
    signs = np.sign(edges)
    corners = np.outer(signs, signs) * _quarter_disc(np.abs(edges)[:, np.newaxis], np.abs(edges), radius)
    areas = np.diff(np.diff(corners, axis=0), axis=1)
    return _normalized(np.maximum(areas, 0))


def blur(picture: Array, kernel: Array, border: Border = "mirror") -> Array:
    """Convolve each channel of a picture, H×W or H×W×C, with a kernel of odd height and width.

    It is computed in float64. A separable kernel is applied as two passes, a large one by Fourier transform.

    >>> blur(np.array([[0.0, 9.0, 0.0]]), mean_kernel(3)).round(6).tolist()
    [[6.0, 3.0, 6.0]]
    """
    _require(picture, kernel, border)
    margins = [(side // 2, side // 2) for side in kernel.shape] + [(0, 0)] * (picture.ndim - 2)
    padded = np.pad(picture, margins, mode=PADDING[border]).astype(np.float64, copy=False)
    factors = column_and_row(kernel)
    if factors is not None and sum(kernel.shape) <= MOST_TAPS:
        result = _add_taps(_add_taps(padded, factors[0][:, np.newaxis]), factors[1][np.newaxis])
    elif np.count_nonzero(kernel) <= MOST_TAPS:
        result = _add_taps(padded, kernel)
    else:
        result = _by_fourier(padded, kernel)
    return result.astype(picture.dtype)


def _add_taps(padded: Array, kernel: Array) -> Array:
    """Return the sum of shifted pictures, one for each weight of the kernel."""
    height, width = (side - taps + 1 for side, taps in zip(padded.shape, kernel.shape, strict=False))
    total = np.zeros((height, width, *padded.shape[2:]))
    scaled = np.empty_like(total)
    flipped = kernel[::-1, ::-1]
    for i, j in np.argwhere(flipped):
        np.multiply(padded[i : i + height, j : j + width], flipped[i, j], out=scaled)
        total += scaled
    return total


def _by_fourier(padded: Array, kernel: Array) -> Array:
    """Return the same by multiplying spectra; sides are padded to lengths with a fast Fourier transform."""
    lengths = [_smooth_length(side) for side in padded.shape[:2]]
    spectrum = np.fft.rfft2(padded, lengths, axes=(0, 1))
    weights = np.fft.rfft2(kernel, lengths)
    product = np.fft.irfft2(spectrum * weights.reshape(weights.shape + (1,) * (padded.ndim - 2)), lengths, axes=(0, 1))
    rows, columns = kernel.shape
    return product[rows - 1 : padded.shape[0], columns - 1 : padded.shape[1]]


def column_and_row(kernel: Array) -> tuple[Array, Array] | None:
    """Return the column and the row whose outer product is the kernel; None if the kernel is not separable.

    >>> column_and_row(np.array([[1.0, 2.0], [3.0, 6.0]]))
    (array([2., 6.]), array([0.5, 1. ]))
    """
    i, j = np.unravel_index(np.argmax(np.abs(kernel)), kernel.shape)
    column, row = kernel[:, j], kernel[i] / kernel[i, j]
    is_separable = bool((np.abs(np.outer(column, row) - kernel) <= 1e-16 + 1e-13 * np.abs(kernel)).all())
    return (column, row) if is_separable else None


def _smooth_length(least: int) -> int:
    """Return the smallest number, at least `least`, that has no prime factors but 2, 3 and 5."""
    length = least
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1


def _quarter_disc(across: Array, down: Array, radius: float) -> Array:
    """Return the area of a disc around 0 inside the rectangle from 0 to `across` and from 0 to `down`."""
    across, down = np.minimum(across, radius), np.minimum(down, radius)
    meet = np.minimum(across, np.sqrt(radius**2 - down**2))  # up to here the rectangle's lower side is inside the disc
    area: Array = down * meet + _under_arc(across, radius) - _under_arc(meet, radius)
    return area


def _under_arc(x: Array, radius: float) -> Array:
    """Return the area under the circle's arc from 0 to x."""
    area: Array = (x * np.sqrt(radius**2 - x**2) + radius**2 * np.arcsin(x / radius)) / 2
    return area


def _trimmed(kernel: Kernel) -> Kernel:
    """Return a kernel without its outer rows and columns of zeros; the center stays the center."""
    middle = kernel.shape[0] // 2
    up, left = np.abs(np.argwhere(kernel > 1e-12) - middle).max(axis=0)
    return kernel[middle - up : middle + up + 1, middle - left : middle + left + 1]


def _normalized(kernel: Kernel) -> Kernel:
    divided: Kernel = kernel / kernel.sum()
    return divided


def _require(picture: Array, kernel: Array, border: str) -> None:
    require_picture(picture)
    require_floats(kernel, "kernel")
    require_dimensions(kernel, "kernel", 2)
    require_finite(kernel, "kernel")
    if any(side % 2 == 0 for side in kernel.shape):
        raise WrongShape(f"kernel has shape {kernel.shape}; its height and width must be odd.")
    if not kernel.any():
        raise WrongUse("kernel is zero everywhere; at least one value must not be 0.")
    if border not in PADDING:
        raise WrongUse(f"border '{border}' is not one of {', '.join(PADDING)}.")


def _require_positive(value: float, name: str) -> None:
    if not 0 < value < np.inf:
        raise WrongUse(f"{name} is {value}; it must be finite and above 0.")
