"""Mean-free convolution: kernels that sum to zero, so that a constant picture gives zero features.

Zero padding changes the features of a constant picture along its border. After a mean-free convolution and without
biases, a constant picture gives zero features everywhere, so zero padding is exact. Only the picture itself is padded
by replication.
"""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional


class MeanFreeStem(nn.Module):
    """Pixel unshuffle by a factor, then a mean-free 3×3 convolution without bias."""

    def __init__(self, in_channels: int, out_channels: int, unshuffle: int) -> None:
        super().__init__()
        self.in_channels, self.unshuffle = in_channels, unshuffle
        self.convolution = nn.Conv2d(in_channels * unshuffle**2, out_channels, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H/unshuffle×W/unshuffle."""
        wide = functional.pad(x, (self.unshuffle,) * 4, mode="replicate")
        return functional.conv2d(functional.pixel_unshuffle(wide, self.unshuffle), self.kernel())

    def kernel(self) -> Tensor:
        """Return the weights minus their mean over the pixels of each color: C'×(C·unshuffle²)×3×3.

        >>> import torch
        >>> bool(MeanFreeStem(3, 5, 2).kernel().view(5, 3, -1).sum(2).abs().max() < 1e-6)
        True
        """
        weight = self.convolution.weight
        kernels = weight.reshape(len(weight), self.in_channels, -1)  # C'×C×(unshuffle²·3·3)
        return (kernels - kernels.mean(2, keepdim=True)).reshape(weight.shape)

    def from_exported(self, exported: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the weights with which this is the exported form, `settled`; they are mean-free already."""
        return {"convolution.weight": exported["2.weight"]}

    def frozen(self) -> nn.Module:
        """Return an equivalent module with fixed kernels, for export."""
        convolution = nn.Conv2d(self.convolution.in_channels, self.convolution.out_channels, 3, bias=False)
        convolution.weight = nn.Parameter(self.kernel().detach(), requires_grad=False)
        return nn.Sequential(nn.ReplicationPad2d(self.unshuffle), nn.PixelUnshuffle(self.unshuffle), convolution)
