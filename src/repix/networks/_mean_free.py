"""Mean-free convolution: kernels that sum to zero, so that a flat picture leaves no trace in any feature.

Zero padding tells a network that the world outside the picture is black, and features of a flat picture then bend
along its border. After a mean-free convolution, and without biases, zero is what a flat picture gives everywhere, so
zero padding continues it, at no cost. The picture itself is extended by its edge pixels, which is cheap.
"""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional


class MeanFreeFront(nn.Module):
    """Blocks of `front`×`front` pixels become channels, then a mean-free 3×3 convolution without bias."""

    def __init__(self, channels_in: int, channels_out: int, front: int) -> None:
        super().__init__()
        self.channels_in, self.front = channels_in, front
        self.convolution = nn.Conv2d(channels_in * front**2, channels_out, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H/front×W/front."""
        wide = functional.pad(x, (self.front,) * 4, mode="replicate")
        return functional.conv2d(functional.pixel_unshuffle(wide, self.front), self.kernel())

    def kernel(self) -> Tensor:
        """The weights without their mean over the pixels of each color: C'×(C·front²)×3×3.

        >>> import torch
        >>> bool(MeanFreeFront(3, 5, 2).kernel().view(5, 3, -1).sum(2).abs().max() < 1e-6)
        True
        """
        weight = self.convolution.weight
        kernels = weight.reshape(len(weight), self.channels_in, -1)  # C'×C×(front²·3·3)
        return (kernels - kernels.mean(2, keepdim=True)).reshape(weight.shape)

    def from_exported(self, exported: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the weights with which this is the exported form, `settled`; they are mean-free already."""
        return {"convolution.weight": exported["2.weight"]}

    def settled(self) -> nn.Module:
        """The same with fixed kernels, as a graph is to hold it."""
        convolution = nn.Conv2d(self.convolution.in_channels, self.convolution.out_channels, 3, bias=False)
        convolution.weight = nn.Parameter(self.kernel().detach(), requires_grad=False)
        return nn.Sequential(nn.ReplicationPad2d(self.front), nn.PixelUnshuffle(self.front), convolution)
