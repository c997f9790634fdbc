"""Segmentation network with an external encoder (timm's `features_only` interface) and a decoder with any upsampler."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from repix import registry
from repix.arithmetic.arrays import whole
from repix.errors import Unreadable, WrongUse
from repix.networks import InputCheck
from repix.networks._layers import conv, conv_stack
from repix.networks._upsampler_choice import ConfiguredUpsampler, parse_upsampler

Statistics = tuple[Sequence[float], Sequence[float]]
"""Mean and standard deviation of each channel."""

LISTED = 3
"""Largest number of tensors in a message."""


def with_encoder(
    encoder: nn.Module,
    classes: int,
    *,
    upsampler: str = "bilinear",
    weights: str | Path | None = None,
    normalize: Statistics | None = None,
    in_channels: int = 3,
) -> nn.Module:
    """Return a U-Net for segmentation with an encoder that returns a list of features, such as timm's.

    An encoder has the interface of `timm.create_model(NAME, features_only=True)`: `encoder(x)` is a list of features,
    finest first; `encoder.feature_info.channels()` are their numbers of channels, `.reduction()` their strides. The
    decoder upsamples the coarsest features and concatenates the next finer ones, level by level. Nothing is
    downloaded: `weights` is a local file.

    Args:
        encoder: The encoder; it becomes a part of the network, and learns with it.
        classes: How many classes come out.
        upsampler: The upsampler of every level, with its settings behind it: 'transposed kernel=4'.
        weights: A safetensors file with the encoder's weights. What else it holds, such as a classifier's last layer,
            is not used; the network's `unused` names it.
        normalize: The mean and the standard deviation of each channel that the encoder was trained with, on the scale
            from 0 to 1; left out: the encoder gets pictures as they are.
        in_channels: Channels of the pictures that go in.

    Returns:
        A module that turns N×C×H×W with numbers in [0, 1] into class scores N×classes×H×W. Heights and widths must be
        multiples of its largest reduction. `repix.export(module, "net.onnx", "segment")` makes a model file of it.

    Raises:
        WrongUse: The encoder has another interface, the weights are for another one, or the upsampler does not fit.
        Unreadable: The file of weights cannot be read.

    Example:
        >>> class Info:
        ...     def channels(self): return [8, 16]
        ...     def reduction(self): return [2, 4]
        >>> class Encoder(nn.Module):
        ...     feature_info = Info()
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.first, self.second = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1)
        ...     def forward(self, x):
        ...         fine = self.first(x)
        ...         return [fine, self.second(fine.relu())]
        >>> from repix import networks
        >>> networks.with_encoder(Encoder(), 5)(torch.zeros(1, 3, 12, 8)).shape
        torch.Size([1, 5, 12, 8])
    """
    whole(classes, "classes", 1)
    channels, reductions = _interface(encoder)
    unused = () if weights is None else _load(encoder, Path(weights))
    network = EncoderUnet(encoder, (channels, reductions), classes, parse_upsampler(upsampler))
    network.normalize = _normalization(normalize, in_channels)
    network.unused = unused
    step = math.lcm(*reductions)
    network.register_forward_pre_hook(InputCheck("This network", in_channels, step, None))
    _try(network, in_channels, 2 * step)
    return network


class EncoderUnet(nn.Module):
    """An encoder, and a decoder that joins its features from the coarsest to the finest."""

    unused: tuple[str, ...] = ()
    """Names of the weights in the file that the encoder does not have."""

    def __init__(
        self,
        encoder: nn.Module,
        features: tuple[Sequence[int], Sequence[int]],
        classes: int,
        upsampler: ConfiguredUpsampler,
    ) -> None:
        super().__init__()
        channels, reductions = features
        self.normalize: nn.Module = nn.Identity()
        self.encoder = encoder
        self.enlarge, self.join = nn.ModuleList(), nn.ModuleList()
        levels = list(zip(channels, reductions, strict=True))[::-1]
        for (coarse, much), (fine, less) in pairwise(levels):
            layer, carried = _enlarged(coarse, fine, much // less, upsampler)
            self.enlarge.append(layer)
            self.join.append(conv_stack(carried + fine, (fine,), (3,), "batch"))
        self.last, carried = _enlarged(channels[0], channels[0], reductions[0], upsampler)
        self.scores = conv(carried, classes)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to scores N×classes×H×W."""
        *finer, y = self.encoder(self.normalize(x))
        for enlarge, join, fine in zip(self.enlarge, self.join, finer[::-1], strict=True):
            y = join(torch.cat([enlarge(y), fine], 1))
        scores: Tensor = self.scores(self.last(y))
        return scores


class Normalize(nn.Module):
    """Each channel less its mean, divided by its standard deviation."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("deviation", torch.tensor(deviation)[:, None, None])

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        return (x - self.mean) / self.deviation


def _enlarged(coarse: int, wanted: int, scale: int, upsampler: ConfiguredUpsampler) -> tuple[nn.Module, int]:
    """The upsampler of a level, and how many channels it gives; nothing if sizes are equal."""
    if scale == 1:
        return nn.Identity(), coarse
    carried = upsampler.output_channels(coarse, wanted, scale)
    return upsampler.layer(coarse, carried, scale), carried


def _interface(encoder: Any) -> tuple[list[int], list[int]]:
    """The channels and the reductions of the features."""
    info: Any = getattr(encoder, "feature_info", None)
    if not isinstance(encoder, nn.Module) or not all(hasattr(info, name) for name in ("channels", "reduction")):
        raise WrongUse(
            f"{type(encoder).__name__} has no feature_info with channels() and reduction(); an encoder is made as by "
            "timm.create_model(NAME, features_only=True)."
        )
    channels, reductions = list(info.channels()), list(info.reduction())
    is_whole = all(after % before == 0 for before, after in pairwise([1, *reductions]))
    if not channels or len(channels) != len(reductions) or not is_whole:
        raise WrongUse(
            f"The encoder gives features of {channels} channels, {reductions} times smaller; each must be smaller than "
            "the one before by a whole number."
        )
    return channels, reductions


def _normalization(normalize: Statistics | None, channels: int) -> nn.Module:
    if normalize is None:
        return nn.Identity()
    mean, deviation = normalize
    if len(mean) != channels or len(deviation) != channels or min(deviation) <= 0:
        raise WrongUse(
            f"normalize is {normalize!r}; it must be a mean and a standard deviation above 0 for each of {channels} "
            "channels."
        )
    return Normalize(mean, deviation)


def _try(network: EncoderUnet, channels: int, side: int) -> None:
    """Refuse an encoder whose features are not what it says of them; its statistics stay as they are."""
    info: Any = network.encoder.feature_info
    expected = [(many, side // less) for many, less in zip(info.channels(), info.reduction(), strict=True)]
    was = network.training
    like = next(network.parameters())
    with torch.no_grad():
        found = network.eval().encoder(torch.zeros(1, channels, side, side, device=like.device, dtype=like.dtype))
    network.train(was)
    given = [(one.shape[1], one.shape[2]) for one in found] if isinstance(found, list | tuple) else []
    if given != expected:
        said = ", ".join(f"{many}×{size}×{size}" for many, size in expected)
        gives = ", ".join("×".join(map(str, one.shape[1:])) for one in found) if given else type(found).__name__
        raise WrongUse(f"The encoder declares features {said} for a picture of {side}×{side}, but returns {gives}.")


def _load(encoder: nn.Module, path: Path) -> tuple[str, ...]:
    """Load a file's weights into the encoder, and return the names of further tensors in the file.

    timm's encoders have the layer names of its classifiers, some with underscores instead of dots.
    """
    state = encoder.state_dict()
    held = {_plain(name): (name, values) for name, values in _read(path).items()}
    lacking = [name for name in state if _plain(name) not in held]
    if lacking:
        raise WrongUse(
            f"{path} lacks {len(lacking)} of the encoder's {len(state)} tensors, such as {_listed(lacking)}; it is for "
            "another encoder."
        )
    other = [name for name in state if held[_plain(name)][1].shape != state[name].shape]
    if other:
        shape, needed = (tuple(one.shape) for one in (held[_plain(other[0])][1], state[other[0]]))
        raise WrongUse(f"{path} contains {other[0]} with shape {shape}, but the encoder needs {needed}.")
    encoder.load_state_dict({name: held[_plain(name)][1] for name in state})
    used = {_plain(name) for name in state}
    return tuple(name for plain, (name, _) in held.items() if plain not in used)


def _plain(name: str) -> str:
    return name.replace(".", "_")


def _read(path: Path) -> Mapping[str, Tensor]:
    """Return the tensors of a safetensors file."""
    library = registry.library("safetensors.torch")
    try:
        found: Mapping[str, Tensor] = library.load_file(path)
    except FileNotFoundError:
        raise Unreadable(f"{path}: there is no such file.") from None
    except (OSError, registry.library("safetensors").SafetensorError) as problem:
        raise Unreadable(f"{path} is not a file of weights that repix can read (safetensors): {problem}.") from None
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:LISTED])
