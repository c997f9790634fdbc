"""Feature network: features of a picture at five scales, to compare pictures by more than their pixels.

`recipes/features.py` trained it, without any other network: a shift or a gain must change the features less than a
degradation with the same squared error; heads learned degradations, breeds of pets and classes of streets. Only the
features are stored, in `features.npz`, with batch normalization folded into the convolutions.
"""

from importlib.resources import files
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (16, 32, 64, 96, 96)
"""Channels at each scale; each has half the height and width of the one before."""
DEPTHS = (1, 2, 2, 2, 1)
"""Convolutions at each scale."""


class Downsample(nn.Module):
    """Half the height and width after a binomial blur, so that a shift by one pixel changes little."""

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C×H/2×W/2, rounded up."""
        taps = torch.tensor([0.25, 0.5, 0.25], dtype=x.dtype, device=x.device)
        kernel = (taps[:, None] * taps).expand(x.shape[1], 1, 3, 3)
        return functional.conv2d(functional.pad(x, (1, 1, 1, 1), mode="replicate"), kernel, stride=2, groups=x.shape[1])


class PictureFeatures(nn.Module):
    """The feature network, without weights of a training.

    >>> network = PictureFeatures()
    >>> [tuple(one.shape[1:]) for one in network(torch.zeros(1, 3, 33, 48))]
    [(16, 33, 48), (32, 17, 24), (64, 9, 12), (96, 5, 6), (96, 3, 3)]
    """

    def __init__(self, norm: bool = False) -> None:
        """Build it; with `norm`, each convolution is followed by batch normalization, for training."""
        super().__init__()
        scales: list[nn.Module] = []
        for into, width, depth in zip((3, *WIDTHS), WIDTHS, DEPTHS, strict=False):
            layers: list[nn.Module] = [Downsample()] if scales else []
            for start, end in pairwise((into, *[width] * depth)):
                layers.append(nn.Conv2d(start, end, 3, padding=1, padding_mode="replicate", bias=not norm))
                layers += [nn.BatchNorm2d(end)] if norm else []
                layers.append(nn.ReLU())
            scales.append(nn.Sequential(*layers))
        self.scales = nn.ModuleList(scales)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the features at each scale of RGB pictures N×3×H×W with values in [0, 1]."""
        y, features = 2 * x - 1, []
        for scale in self.scales:
            y = scale(y)
            features.append(y)
        return tuple(features)


def bundled_features() -> PictureFeatures:
    """Return the feature network that repix trained, frozen, in evaluation mode.

    Returns:
        A module from RGB pictures N×3×H×W with values in [0, 1] to a tuple of five feature maps with 16, 32, 64, 96
        and 96 channels; each has half the height and width of the one before.

    Raises:
        MissingLibrary: torch is not installed.

    >>> network = bundled_features()
    >>> network.training, any(one.requires_grad for one in network.parameters())
    (False, False)
    """
    network = PictureFeatures()
    with files("repix.networks").joinpath("features.npz").open("rb") as file, np.load(file) as known:
        network.load_state_dict({name: torch.from_numpy(values).float() for name, values in known.items()})
    return network.eval().requires_grad_(False)


def distance(first: tuple[Tensor, ...], second: tuple[Tensor, ...]) -> Tensor:
    """Return the distance between the features of pictures, one value for each picture.

    At each position, the channels are scaled to unit length; the squared differences are averaged over the positions,
    and their roots over the scales.

    >>> same = (torch.rand(2, 4, 8, 8), torch.rand(2, 8, 4, 4))
    >>> distance(same, same).tolist()
    [0.0, 0.0]
    """
    total = torch.zeros(len(first[0]))
    for one, other in zip(first, second, strict=True):
        total = total + (functional.normalize(one) - functional.normalize(other)).square().sum(1).mean((1, 2))
    return total / len(first)
