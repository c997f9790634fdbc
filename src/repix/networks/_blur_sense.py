"""What the spectrum of the surroundings says of their blur: a hint that steers a network which mends it.

A blur multiplies the spectrum of a picture by its own. Photos have nearly one spectrum, 1/f², so that of a blurred one
tells the blur: motion across some direction leaves dark stripes, a bell dims all that is fine. Convolutions learn to
undo one blur in minutes and take days to tell blurs apart; here that is begun with what is known.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.arithmetic.arrays import Array
from repix.degradations.motion_blur import motion_kernel
from repix.networks._reach import Reach

HINTS = 64
"""Channels of the hint."""
CELL = 16
"""The side of the pixels that have a hint of their own."""
WINDOW = 2 * CELL
"""The side of the windows whose spectra are taken; each reaches half a cell beyond its own."""
CELLS = 9
"""The side of the square of cells whose power is averaged."""

LENGTHS = (3.0, 4.5, 6.0, 8.0, 10.0, 12.5, 15.5)
ANGLES = 16
SIGMAS = (0.3, 0.6, 0.9, 1.2, 1.6, 2.0, 2.5, 3.1)
FINER = 4
"""How many times finer than a window's the spectra of the known blurs are computed."""
FLOOR = 0.03
"""Noise in the known spectra, as a share of their mean."""
LEAST_POWER = 1e-5
"""Added before the logarithm: less than the noise of a good camera."""
SHARPNESS = 0.01
"""How much a squared distance of spectra counts: neighbours share what lies between them, strangers get nothing."""


class BlurSense(nn.Module):
    """The picture's local power spectrum, how likely it makes each known blur, and what that means for the blocks."""

    def __init__(self) -> None:
        super().__init__()
        rows, columns = _waves()
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("columns", columns, persistent=False)
        known = torch.from_numpy(_spectra()).float()
        self.match = nn.Conv2d(known.shape[1], len(known), 1)
        with torch.no_grad():
            self.match.weight.copy_(2 * known[:, :, None, None])
            self.match.bias.copy_(-known.square().sum(1))
        self.register_buffer("moments", torch.from_numpy(_moments())[:, :, None, None].float(), persistent=False)
        self.hint = nn.Sequential(
            nn.Conv2d(len(self.moments), HINTS, 1), nn.ReLU(), nn.Conv2d(HINTS, HINTS, 1), nn.ReLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×64×H/16×W/16."""
        likely = (SHARPNESS * self.match(self.spectrum(x)).float()).softmax(1)
        hint: Tensor = self.hint(functional.conv2d(likely, self.moments))
        return hint

    def spectrum(self, x: Tensor) -> Tensor:
        """The logarithm of the local power at every frequency, less its mean over them, N×544×H/16×W/16."""
        y = x.mean(1, keepdim=True)
        y = y - functional.avg_pool2d(y, CELL + 1, 1, CELL // 2, count_include_pad=False)
        y = functional.pad(y, (CELL // 2,) * 4, mode="replicate")
        y = functional.conv2d(y, self.rows, None, (1, CELL))
        y = functional.conv2d(y, self.columns, None, (CELL, 1), 0, 1, WINDOW // 2 + 1)
        power = y.float().square().unflatten(1, (-1, 2)).sum(2)
        power = functional.avg_pool2d(power, CELLS, 1, CELLS // 2, count_include_pad=False)
        power = (power + LEAST_POWER).log()
        return power - power.mean(1, keepdim=True)


def sensing() -> Reach:
    """What a hint sees."""
    return Reach().convolved(CELL + 1).shrunk(CELL).convolved(3).convolved(CELLS)


def _window() -> Array:
    """Hann's, so scaled that white noise has its variance as power."""
    bell = np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW) ** 2
    return bell / np.sqrt(np.square(bell).sum())


def _waves() -> tuple[Tensor, Tensor]:
    """Fourier's sum over a window as two convolutions: along rows for half of the frequencies, then down columns."""
    turns = np.outer(np.fft.fftfreq(WINDOW), np.arange(WINDOW)) * 2 * np.pi
    waves = np.stack([np.cos(turns), np.sin(turns)]) * _window()  # 2 × frequency × place
    half = WINDOW // 2 + 1
    rows = waves[:, :half].transpose(1, 0, 2).reshape(2 * half, 1, 1, WINDOW)
    cosine, sine = waves
    pair = np.stack(
        [np.stack([cosine, -sine], 1), np.stack([sine, cosine], 1)], 1
    )  # frequency × 2 × (cos, sin) × place
    columns = np.tile(pair.reshape(2 * WINDOW, 2, WINDOW, 1), (half, 1, 1, 1))
    return torch.from_numpy(rows).float(), torch.from_numpy(columns).float()


def _spectra() -> Array:
    """The spectrum of every known blur of a photo as windows show it, blurs × frequencies, less its mean."""
    side = FINER * WINDOW
    high, wide = np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None]
    squared = high**2 + wide**2
    squared[0, 0] = 1 / side**2
    box = np.zeros((side, side))
    box[: CELL + 1, : CELL + 1] = (CELL + 1) ** -2.0
    photo = np.abs(1 - np.abs(np.fft.fft2(box)) * np.sign(_box(high) * _box(wide))) ** 2 / squared
    kernels = [motion_kernel(length, angle) for length, angle in _motions()]
    blurs = [np.abs(np.fft.fft2(kernel, (side, side))) ** 2 for kernel in kernels]
    blurs += [np.exp(-((2 * np.pi * sigma) ** 2) * squared) for sigma in SIGMAS]
    bell = np.correlate(_window(), _window(), "full")
    seen = np.roll(np.pad(np.outer(bell, bell), (0, side - len(bell))), (1 - WINDOW, 1 - WINDOW), (0, 1))
    found = []
    for blur in blurs:
        spectrum = np.fft.fft2(np.fft.ifft2(blur * photo).real * seen).real[::FINER, ::FINER]
        found.append(np.log(np.maximum(spectrum, 0) / spectrum.mean() + FLOOR).T[: WINDOW // 2 + 1].ravel())
    spectra = np.array(found)
    return spectra - spectra.mean(1, keepdims=True)


def _box(frequency: Array) -> Array:
    return np.sinc(frequency * (CELL + 1)) / np.sinc(frequency)


def _motions() -> list[tuple[float, float]]:
    return [(length, 180 / ANGLES * turn) for length in LENGTHS for turn in range(ANGLES)]


def _moments() -> Array:
    """What of every known blur is averaged, by how likely it is: direction and length of a motion, width of a bell."""
    motions = np.array(_motions())
    length, angle = motions[:, 0] / 8, np.deg2rad(2 * motions[:, 1])
    across = [np.cos(angle), np.sin(angle), length * np.cos(angle), length * np.sin(angle), length, np.ones(len(angle))]
    bells = np.array(SIGMAS) / 1.5
    return np.block([[np.array(across), np.zeros((len(across), len(bells)))], [np.zeros(len(angle)), bells]])
