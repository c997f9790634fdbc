"""Two stages against impulse noise: a detector marks corrupted pixels, an estimator fills them from the others.

The estimator sees the picture with holes, where the detector's probability is near 1, and the probabilities. It
corrects a first estimate, the mean of the neighborhood without the holes (normalized convolution, H. Knutsson and
C.-F. Westin, CVPR 1993). The output is the estimate of each pixel and, as last channel, the probability that the pixel
is corrupted.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, Network, OutChannels, UpsamplerName
from repix.networks._layers import Widths
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import near_zero
from repix.networks.efficient_unet import NETWORK as STAGE
from repix.networks.efficient_unet import Config as StageConfig
from repix.networks.efficient_unet import EfficientUnet, ResidualBlocks
from repix.parameters import Bounds

MEANS = 2
"""Means over 3×3 pixels, one after the other, whose neighborhood is the first estimate's: 5×5, triangular weights."""
LEAST_WEIGHT = 1e-4
"""Added to the sum of weights, which is 0 where no pixel is left; there, the first estimate is black."""


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a two-stage network."""

    out_channels: OutChannels = 4
    upsampler: UpsamplerName = "transposed kernel=2"
    detector_widths: Widths = (24, 48)
    detector_blocks: ResidualBlocks = (2, 2)
    estimator_widths: Widths = (32, 64, 96)
    estimator_blocks: ResidualBlocks = (1, 1, 1)
    unshuffle: Annotated[int, "pixel unshuffle factor of both inputs", Bounds(1, 4)] = 2


class TwoStage(nn.Module):
    """Two efficient U-Nets: pixels to the probability of corruption, then picture with holes to estimates.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.two_stage()(torch.zeros(1, 3, 8, 16)).shape
        torch.Size([1, 4, 8, 16])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        detector, estimator = _stages(config)
        self.detector = EfficientUnet(detector)
        self.estimator = EfficientUnet(estimator)
        near_zero(self.estimator.last)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×(C+1)×H×W."""
        probability = self.detector(x).float().sigmoid()  # N×1×H×W
        known = probability.detach()  # the detector learns the mask only
        holes = x * (1 - known)
        estimate = filled(holes, 1 - known) + self.estimator(torch.cat([holes, known], 1)).float()
        return torch.cat([estimate, probability], 1)


def filled(holes: Tensor, kept: Tensor) -> Tensor:
    """Return the mean of each neighborhood, N×C×H×W, where `kept` (N×1×H×W) is the share of a pixel that counts.

    Two means over 3×3 pixels give the weights of the neighborhood; unlike convolutions, they stay in 32 bits.

    >>> round(filled(torch.full((1, 1, 3, 2), 0.2), torch.full((1, 1, 3, 2), 0.5))[0, 0, 0, 0].item(), 2)
    0.4
    """
    sums = torch.cat([holes, kept], 1).float()
    for _ in range(MEANS):
        sums = functional.avg_pool2d(sums, 3, 1, 1)
    return sums[:, :-1] / (sums[:, -1:] + LEAST_WEIGHT)


def _stages(config: Config) -> tuple[StageConfig, StageConfig]:
    """Return the settings of detector and estimator.

    The detector has biases and normalization, because it recognizes black and white by their values.
    """
    shared = {"upsampler": config.upsampler, "unshuffle": config.unshuffle}
    plain = StageConfig(global_residual=False, mean_free=False).to_dict() | shared
    channels = config.in_channels
    detector = {
        "in_channels": channels,
        "out_channels": 1,
        "widths": config.detector_widths,
        "blocks": config.detector_blocks,
        "norm": "batch",
    }
    estimator = {
        "in_channels": channels + 1,
        "out_channels": channels,
        "widths": config.estimator_widths,
        "blocks": config.estimator_blocks,
    }
    return StageConfig.from_dict(plain | detector), StageConfig.from_dict(plain | estimator)


def _receptive_field(config: Config) -> ReceptiveField:
    """Return the receptive field: the estimator's around that of the detector."""
    first, second = map(STAGE.receptive_field, _stages(config))
    return first.then(second.join(ReceptiveField().conv(3, MEANS)))


def _config_error(config: Config) -> str | None:
    if config.out_channels != config.in_channels + 1:
        return (
            f"in_channels is {config.in_channels} and out_channels is {config.out_channels}, but the network returns "
            f"the picture and a mask; out_channels must be {config.in_channels + 1}."
        )
    for name, stage in zip(("detector", "estimator"), _stages(config), strict=True):
        reason = STAGE.config_error(stage)
        if reason is not None:
            return f"{name}: {reason}"
    return None


NETWORK = Network(
    "two-stage",
    Config,
    TwoStage,
    _receptive_field,
    small=Config(
        detector_widths=(4, 6), detector_blocks=(1, 1), estimator_widths=(4, 6, 8), estimator_blocks=(1, 1, 1)
    ),
    config_error=_config_error,
    impulse_mask=True,
    use="impulse noise: a mask of the corrupted pixels, and estimates for them (`denoise` with `impulse_mask`)",
)
