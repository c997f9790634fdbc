"""The picture enlarged without learning, to which an upsampler network adds detail."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import parse_upsampler


class Bilinear(nn.Module):
    """Bilinear interpolation, written as sums of shifted pictures.

    The picture carries the large numbers, so what rounds it limits the result. OpenVINO runs the interpolation that it
    knows as such with the network's few bits; sums after the last convolution it leaves in 32. With bf16, an enlarger
    was 57.8 dB from its exact results with the one, and 60.0 with the other.

    >>> Bilinear(2)(torch.tensor([[[[1.0, 5.0]]]]))[0, 0, 0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C×(scale·H)×(scale·W)."""
        planes = [part for rows in _parts(x, 2, self.scale) for part in _parts(rows, 3, self.scale)]
        return functional.pixel_shuffle(torch.stack(planes, 2).flatten(1, 2), self.scale)


def _parts(x: Tensor, axis: int, scale: int) -> Sequence[Tensor]:
    """Every `scale`-th line of the enlarged picture, beginning with each of the first ones."""
    size = x.shape[axis]
    before = torch.cat([x.narrow(axis, 0, 1), x.narrow(axis, 0, size - 1)], axis)
    after = torch.cat([x.narrow(axis, 1, size - 1), x.narrow(axis, size - 1, 1)], axis)
    places = [(number + 0.5) / scale - 0.5 for number in range(scale)]
    return [x + abs(place) * ((before if place < 0 else after) - x) if place else x for place in places]


def bilinear_field(field: ReceptiveField, scale: int) -> ReceptiveField:
    """The field after it."""
    return field.upsample(scale, parse_upsampler("bilinear").halo(scale))
