"""What the spectrum of the surroundings says of their blur: a condition that steers a network which mends it.

A blur multiplies the spectrum of a picture by its own: motion leaves dark stripes across its direction, as far apart as
it is short; a bell dims all that is fine. Photos have nearly one spectrum, so that of a blurred one tells the blur.
`recipes/blur_spectrum.py` learned to tell them apart, from photos that were blurred in known ways.
"""

from importlib.resources import files

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.arithmetic.arrays import Array
from repix.networks._receptive_field import ReceptiveField

CONDITION_CHANNELS = 64
"""Channels of the condition."""
CELL = 16
"""The side of the pixels that have a condition of their own."""
WINDOW = 2 * CELL
"""The side of the windows whose spectra are taken."""
CELLS = 9
"""The side of the square of cells whose power is averaged."""
HALF = WINDOW // 2 + 1
"""Frequencies along the rows; the others mirror them."""
LEAST_POWER = 1e-5
"""Added before the logarithm: less than the noise of a good camera."""


class Spectrum(nn.Module):
    """The picture's local power at every frequency."""

    def __init__(self) -> None:
        super().__init__()
        rows, columns = (torch.from_numpy(waves).float() for waves in _waves())
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("columns", columns, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Its logarithm less the mean over all frequencies, N×544×H/16×W/16 of 32 bits or more."""
        y = x.mean(1, keepdim=True)
        y = y - functional.avg_pool2d(y, CELL + 1, 1, CELL // 2, count_include_pad=False)
        y = functional.pad(y, (CELL // 2,) * 4, mode="replicate")
        y = functional.conv2d(y, self.get_buffer("rows"), None, (1, CELL))
        y = functional.conv2d(y, self.get_buffer("columns"), None, (CELL, 1), 0, 1, HALF)
        y = y.to(torch.promote_types(y.dtype, torch.float32))
        power = y[:, ::2].square() + y[:, 1::2].square()
        power = functional.avg_pool2d(power, CELLS, 1, CELLS // 2, count_include_pad=False)
        power = (power + LEAST_POWER).log()
        return power - power.mean(1, keepdim=True)


class BlurDescriptor(nn.Module):
    """What the spectrum tells. Nothing of it learns on with the network it steers."""

    def __init__(self) -> None:
        super().__init__()
        self.spectrum = Spectrum()
        for name, values in _known().items():
            self.register_buffer(name, values)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×64×H/16×W/16."""
        y: Tensor = self.spectrum(x)
        for layer in ("first", "second"):
            weight, bias = self.get_buffer(layer), self.get_buffer(f"{layer}_bias")
            y = functional.conv2d(y.to(weight.dtype), weight, bias).relu()
        return y


def condition_field(unshuffle: int) -> ReceptiveField:
    """What a condition sees, which blocks of so many pixels share where they lie in one cell.

    A window reaches half a cell beyond its own; here that counts as a whole one.
    """
    return ReceptiveField().conv(CELL + 1).downsample(CELL).conv(3).conv(CELLS).upsample(CELL // unshuffle, 0)


def _known() -> dict[str, Tensor]:
    """The two layers that were learned."""
    with files("repix.networks").joinpath("blur_spectrum.npz").open("rb") as file, np.load(file) as known:
        return {name: torch.from_numpy(values).float() for name, values in known.items()}


def _waves() -> tuple[Array, Array]:
    """Fourier's sum over a window as two convolutions: along rows for half of the frequencies, then down columns."""
    bell = np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW) ** 2  # Hann's; white noise has its variance as power
    turns = np.outer(np.fft.fftfreq(WINDOW), np.arange(WINDOW)) * 2 * np.pi
    cosine, sine = np.stack([np.cos(turns), np.sin(turns)]) * bell / np.sqrt(np.square(bell).sum())
    rows = np.stack([cosine[:HALF], sine[:HALF]], 1)
    pair = np.stack([np.stack([cosine, -sine], 1), np.stack([sine, cosine], 1)], 1)  # frequency × part × part × place
    columns = np.tile(pair.reshape(2 * WINDOW, 2, WINDOW, 1), (HALF, 1, 1, 1))
    return rows.reshape(2 * HALF, 1, 1, WINDOW), columns
