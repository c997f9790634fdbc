"""Feature network of the perceptual loss: the bundled one, or a run or a bundled model, rebuilt in torch and frozen."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix import registry
from repix.errors import WrongUse
from repix.losses.perceptual import feature_maps
from repix.networks import Network, bundled_features
from repix.side_inputs import SideInput
from repix.training.pretrained import Pretrained

DEFAULT = "features"
"""The name of the network that repix trained for its features: `repix.networks.bundled_features()`."""
MAPS = 4
"""Feature maps that are compared."""
RGB = 3
PROBE = 4
"""The side of the picture that shows the order of the layers, in steps of the network."""


class FeatureNetwork(nn.Module):
    """A network with fixed weights that returns some of its feature maps, for gray and RGB pictures of any size.

    A network for gray pictures is applied to each channel. Side inputs have their default values.
    """

    def __init__(
        self, network: nn.Module, layers: Sequence[str], channels: int, side: Sequence[SideInput], step: int
    ) -> None:
        super().__init__()
        self.network, self.layers = network, layers
        self.channels, self.step = channels, step
        self.defaults = [one.default for one in side for _ in range(one.channels)]
        self.requires_grad_(False).eval()

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the maps of N×1×H×W or N×3×H×W; borders are replicated up to a multiple of the step."""
        if x.shape[1] != self.channels:
            x = x.expand(-1, RGB, -1, -1) if self.channels == RGB else x.reshape(-1, 1, *x.shape[2:])
        bottom, right = (-side % self.step for side in x.shape[2:])
        x = functional.pad(x, (0, right, 0, bottom), mode="replicate")
        if self.defaults:
            planes = x.new_tensor(self.defaults)[:, None, None].expand(len(x), -1, *x.shape[2:])
            x = torch.cat([x, planes], 1)
        return feature_maps(self.network, x, self.layers)

    @property
    def fingerprint(self) -> str:
        """A hash of the weights."""
        found = hashlib.sha256()
        for name, tensor in sorted(self.state_dict().items()):
            found.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
        return found.hexdigest()


def feature_network(name: str) -> FeatureNetwork:
    """Return the frozen feature network of a name: "features", a run, or a bundled model.

    Args:
        name: "features", a bundled model's name, a model file or the folder of a run, with a network of repix.

    Returns:
        A module for `repix.losses.perceptual`, in evaluation mode.

    Raises:
        WrongUse: the model has no network that can be rebuilt, or it takes other pictures.

    >>> [tuple(one.shape) for one in feature_network("segment-cells")(torch.zeros(1, 3, 61, 64))][:2]
    [(3, 64, 16, 16), (3, 96, 8, 8)]
    """
    if name == DEFAULT:
        return FeatureNetwork(bundled_features(), (), RGB, (), 1)
    pretrained = Pretrained(name)
    if not Path(pretrained.path).exists():
        raise WrongUse(
            f"features is '{name}', which is neither '{DEFAULT}', a bundled model nor a path; `repix models` lists the "
            "models."
        )
    if pretrained.network is None:
        raise WrongUse(
            f"features is '{name}', which does not say its network; name a run or a model that repix trained."
        )
    network: Network[Any] = registry.get("networks", pretrained.network)
    task, config = pretrained.task, network.from_dict(pretrained.network_settings)
    channels, fixed = task.picture_channels, network.fixed(config)
    if fixed or channels not in (1, RGB):
        wants = f"pictures of {fixed}×{fixed} only" if fixed else f"{channels} channels"
        raise WrongUse(f"features is '{name}', whose network takes {wants}; choose a model for gray or color pictures.")
    module = network.module(config)
    unknown = pretrained.load_into(module, channels, task.side.channels)
    if unknown:
        raise WrongUse(f"features is '{name}', which has no weights for {unknown[0]}; train it again.")
    module, config = network.reparameterize(module, config)
    step = network.step(config)
    layers = middle_layers(module.eval(), torch.zeros(1, config.in_channels, PROBE * step, PROBE * step))
    return FeatureNetwork(module, layers, channels, task.side.inputs, step)


def middle_layers(module: nn.Module, picture: Tensor) -> list[str]:
    """Return the names of `MAPS` convolutions, at equal distances in the order in which a module uses them.

    >>> layers = nn.Sequential(*(nn.Conv2d(1, 1, 1) for _ in range(9)))
    >>> middle_layers(layers, torch.zeros(1, 1, 1, 1))
    ['1', '3', '4', '6']
    """
    used: list[str] = []
    named = [(name, one) for name, one in module.named_modules() if isinstance(one, nn.Conv2d | nn.ConvTranspose2d)]
    hooks = [one.register_forward_hook(lambda *_, name=name: used.append(name)) for name, one in named]
    with torch.no_grad():
        module(picture)
    for hook in hooks:
        hook.remove()
    inner = list(dict.fromkeys(used))[:-1] or used  # the last one makes the result
    count = min(MAPS, len(inner))
    return [inner[len(inner) * number // (count + 1)] for number in range(1, count + 1)]
