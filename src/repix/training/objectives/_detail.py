"""Detail: the error of the local energy of fine structure; and of patterns that repeat with the scale factor."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

BANDS = 3
"""Bands of fine structure, each at half the size of the one before."""
AREA = 4
"""Pixels on each side of a square, at the size of its band, whose energy is compared."""
ROUND_OFF = 1 / 255
"""Keeps the root of the energy smooth at zero; energy well below it does not count."""
BLOCKS = 16
"""Blocks of scale × scale pixels along each side of a square in which repeating patterns are looked for."""
KERNEL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
"""The binomial filter that separates the bands of a Laplacian pyramid (Burt and Adelson, 1983)."""


def detail_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the local errors of the energy of fine structure: N×C×H×W to N×1×h×w, with squares of 4×4 pixels.

    Energy is the root of the mean square of a band of a Laplacian pyramid, of the channels' mean. Unlike the error of
    pixels, it is as large for texture that is missing as for texture that is invented, and zero for texture that is
    only displaced; so it favors a sharp guess over the mean of all guesses.

    Args:
        prediction: the result of a network.
        target: the truth, of the same shape.

    >>> texture = torch.tensor([0.4, 0.6]).repeat(16).expand(1, 1, 32, 32)
    >>> flat, moved = torch.full((1, 1, 32, 32), 0.5), texture.flip(3)
    >>> bool(detail_error(moved, texture).mean() < 0.05 * detail_error(flat, texture).mean())
    True
    """
    errors = [(own - true).abs() for own, true in zip(band_energies(prediction), band_energies(target), strict=True)]
    size = errors[0].shape[-2:]
    return torch.stack([functional.interpolate(error, size=size, mode="nearest") for error in errors]).mean(0)


def period_error(prediction: Tensor, target: Tensor, scale: int) -> Tensor:
    """Return the local strength of errors that repeat with the scale factor: N×C×H×W to N×1×h×w.

    An upsampler can make such patterns (checkerboards) everywhere, which is the easiest way to energy. The errors of
    the pixels at one place of a block of scale × scale pixels are averaged over many blocks, where others cancel out.

    Args:
        prediction: the result of a network.
        target: the truth, of the same shape, with multiples of the scale factor as height and width.
        scale: the scale factor.

    >>> target = torch.rand(1, 3, 32, 32)
    >>> pattern = torch.tensor([0.1, -0.1]).repeat(16).expand(1, 3, 32, 32)
    >>> round(period_error(target + pattern, target, 2).mean().item(), 3)
    0.1
    >>> round(period_error(target + 0.1, target, 2).mean().item(), 3)
    0.0
    """
    places = functional.pixel_unshuffle((prediction - target).float(), scale)
    count, planes, height, width = places.shape
    places = places.reshape(count, -1, scale**2, height, width)
    places = places - places.mean(2, keepdim=True)
    means = functional.avg_pool2d(places.reshape(count, planes, height, width), BLOCKS, ceil_mode=True)
    return means.abs().mean(1, keepdim=True)


def band_energies(picture: Tensor) -> Sequence[Tensor]:
    """Return the energy of each band in squares of pixels: N×1×h×w, finest band first.

    >>> [tuple(one.shape) for one in band_energies(torch.zeros(2, 3, 32, 48))]
    [(2, 1, 8, 12), (2, 1, 4, 6), (2, 1, 2, 3)]
    """
    luma, energies = picture.float().mean(1, keepdim=True), []
    for _ in range(BANDS):
        coarse = _smooth(luma)
        squares = functional.avg_pool2d((luma - coarse).square(), AREA, ceil_mode=True)
        energies.append((squares + ROUND_OFF**2).sqrt())
        luma = coarse[:, :, ::2, ::2]
    return energies


def _smooth(picture: Tensor) -> Tensor:
    """Return a picture N×1×H×W after the binomial filter; borders are replicated."""
    kernel = picture.new_tensor(KERNEL)
    wide = functional.pad(picture, (2, 2, 2, 2), mode="replicate")
    rows = functional.conv2d(wide, kernel.view(1, 1, 5, 1))
    return functional.conv2d(rows, kernel.view(1, 1, 1, 5))
