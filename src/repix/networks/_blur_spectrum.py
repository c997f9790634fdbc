"""A descriptor of the local blur, computed from the local power spectrum, which conditions a deblurring network.

A blur multiplies the spectrum by its frequency response: motion blur makes zeros across its direction, Gaussian blur
attenuates high frequencies. Sharp photos have similar power spectra, so a blurred photo's spectrum reveals its blur.
The two layers on the spectrum were trained by `recipes/blur_spectrum.py` on photos with known blurs.
"""

from importlib.resources import files

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.arithmetic.arrays import Array
from repix.networks._receptive_field import ReceptiveField

CONDITION_CHANNELS = 64
"""Channels of the descriptor."""
CELL = 16
"""Side of a cell, in pixels; the descriptor has one vector per cell."""
WINDOW = 2 * CELL
"""Side of the windows of the Fourier transform."""
CELLS = 9
"""Side of the square of cells over which the power is averaged."""
HALF = WINDOW // 2 + 1
"""Frequencies along the rows; the others are redundant."""
LEAST_POWER = 1e-5
"""Added to the power before the logarithm."""


class Spectrum(nn.Module):
    """The local log power spectrum of a picture."""

    def __init__(self) -> None:
        super().__init__()
        rows, columns = (torch.from_numpy(waves).float() for waves in _waves())
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("columns", columns, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×544×H/16×W/16 in float32 or wider, with the mean over frequencies subtracted."""
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
    """The blur descriptor: two fixed layers on the spectrum, not trained with the network."""

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
    """Return the receptive field of the descriptor, for features after pixel unshuffle by a factor.

    A window extends half a cell beyond its own cell; here this counts as a whole cell.
    """
    return ReceptiveField().conv(CELL + 1).downsample(CELL).conv(3).conv(CELLS).upsample(CELL // unshuffle, 0)


def _known() -> dict[str, Tensor]:
    """Load the weights of the two trained layers."""
    with files("repix.networks").joinpath("blur_spectrum.npz").open("rb") as file, np.load(file) as known:
        return {name: torch.from_numpy(values).float() for name, values in known.items()}


def _waves() -> tuple[Array, Array]:
    """Return the windowed Fourier transform as two convolutions: along rows (half of the frequencies), then columns."""
    hann = (
        np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW) ** 2
    )  # normalized: the power of white noise is its variance
    phases = np.outer(np.fft.fftfreq(WINDOW), np.arange(WINDOW)) * 2 * np.pi
    cosine, sine = np.stack([np.cos(phases), np.sin(phases)]) * hann / np.sqrt(np.square(hann).sum())
    rows = np.stack([cosine[:HALF], sine[:HALF]], 1)
    pair = np.stack([np.stack([cosine, -sine], 1), np.stack([sine, cosine], 1)], 1)  # frequency × part × part × place
    columns = np.tile(pair.reshape(2 * WINDOW, 2, WINDOW, 1), (HALF, 1, 1, 1))
    return rows.reshape(2 * HALF, 1, 1, WINDOW), columns
