"""Weights of a network with another upsampler, from those of a trained one.

Every layer besides the upsamplers keeps its weights. An upsampler gets weights for the same kernel if it can have it;
otherwise, those that best reproduce the old layer's outputs on examples. If it has no weights, or another number of
channels, the convolution that reads its result is fitted instead: to the old results of that convolution.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from repix.arithmetic.arrays import Array, Integers
from repix.comparison.least_squares import Examples, Window, examples_at, explained, fitted, joined
from repix.upsampling import LayerSpec, Upsampler, Weights
from repix.upsampling._linear import Basis, kernel_of, weights_for

NUMBERS = 1 << 22
"""At most this many numbers are in the equations of one layer."""

Way = Literal["exact", "least squares", "new weights", "no weights"]
NEW: Way = "new weights"
FITTED: Way = "least squares"


@dataclass(frozen=True)
class Conversion:
    """The origin of a layer's weights."""

    layer: str
    way: Way
    explained: float | None = None
    """The share of the variance of the old layer's outputs that the new layer reproduces, on other examples."""

    @property
    def origin(self) -> str:
        """The origin of the weights as text."""
        said = {"exact": "exact, away from the border", "no weights": "it has no weights"}.get(self.way, self.way)
        share = "" if self.explained is None else f", explains {self.explained:.1%} of the old layer's variance"
        return f"{said}{share}"

    def __str__(self) -> str:
        return f"{self.layer}: {self.origin}"


@dataclass(frozen=True)
class Place:
    """An upsampler in a network."""

    module: nn.Module
    upsampler: Upsampler[Any]
    spec: LayerSpec[Any]

    @property
    def weights(self) -> Weights:
        """Its weights."""
        return self.upsampler.weights(self.module)

    def load(self, weights: Weights) -> None:
        """Give it these weights."""
        _load(self.module, weights)

    @property
    def margin(self) -> int:
        """The border that is left out of comparisons, in input pixels."""
        return self.upsampler.halo(self.spec.scale, self.spec.settings) or 0


def upsamplers_in(module: nn.Module) -> dict[str, Place]:
    """Return the upsamplers in a network, by the names of their modules.

    >>> from repix import networks
    >>> [place.upsampler.name for place in upsamplers_in(networks.unet(widths=(4, 8))).values()]
    ['nearest', 'nearest']
    """
    found = {}
    for name, part in module.named_modules():
        upsampler, spec = vars(part).get("upsampler"), vars(part).get("spec")
        if isinstance(upsampler, Upsampler) and isinstance(spec, LayerSpec):
            found[name] = Place(part, upsampler, spec)
    return found


@dataclass
class Call:
    """One use of an upsampler, and the convolutions that read its result."""

    name: str
    x: Tensor
    indices: Tensor | None
    y: Tensor
    readers: dict[str, Tensor] = field(default_factory=dict)
    """The result of each of these convolutions, by its name."""


def converted(old: nn.Module, new: nn.Module, pictures: Sequence[Tensor], others: Sequence[Tensor]) -> list[Conversion]:
    """Give a network the weights of one with other upsamplers, and return where those of changed layers come from.

    The layers are converted in the order of their use. One that is fitted gets its inputs from the new network, so it
    makes up for what the layers before it do not reproduce.

    Args:
        old: the trained network.
        new: the same network with other upsamplers; it gets the weights.
        pictures: examples to fit weights on, each 1×C×H×W.
        others: examples to measure the fit on.
    """
    old.eval(), new.eval()
    conversion = _NetworkConversion(old, new, pictures)
    with torch.no_grad():
        conversion.keep()
        for name in conversion.names:
            conversion.convert(name)
        return conversion.measured(others)


class _NetworkConversion:
    """The conversion of the weights of one network, layer by layer."""

    def __init__(self, old: nn.Module, new: nn.Module, pictures: Sequence[Tensor]) -> None:
        self.old, self.new, self.pictures = old, new, pictures
        self.before, self.after = upsamplers_in(old), upsamplers_in(new)
        first = _calls(old, self.before, pictures[0])
        self.names = list(dict.fromkeys(call.name for call in first if call.name in self.after))
        """The upsamplers, in the order of their use."""
        self.readers = {name: reader for name in self.names if (reader := self._reader(name, first)) is not None}
        """The convolution that reads an upsampler's result, where it can be fitted."""
        self.mixes = {name: mix for name in self.readers if (mix := self._mix(name)) is not None}
        """The mix of old channels that an upsampler with another number of output channels is fitted to."""
        self.ways: dict[str, Way] = {}
        self.kept: dict[str, Tensor] = {}
        """The weights outside of the upsamplers that fit into the new network."""
        self.rng = np.random.default_rng(0)

    def keep(self) -> None:
        """Copy the weights outside of the upsamplers."""
        own = self.new.state_dict()
        inside = tuple(f"{name}." for name in {*self.before, *self.after})
        self.kept = {
            name: one
            for name, one in self.old.state_dict().items()
            if not name.startswith(inside) and name in own and own[name].shape == one.shape
        }
        _load(self.new, {name: one.numpy() for name, one in self.kept.items()})

    def convert(self, name: str) -> None:
        """Give an upsampler its weights, and if needed the convolution that reads its result."""
        place = self.after[name]
        self.ways[name] = self._converted(name) if place.upsampler.has_weights else "no weights"
        is_same = self.ways[name] in ("exact", "least squares") and name not in self.mixes
        if name in self.readers and not is_same:
            self._fit_reader(self.readers[name], name)

    def measured(self, pictures: Sequence[Tensor]) -> list[Conversion]:
        """Return the origin of the weights of all changed layers, with the share of variance where they were fitted."""
        shares: dict[str, list[float]] = {}
        for picture in pictures:
            for old, new in self._both(picture):
                pairs = {old.name: (self._wanted(old), new.y)}
                pairs |= {
                    name: (y.numpy()[0], new.readers[name]) for name, y in old.readers.items() if name in new.readers
                }
                for name, (wanted, made) in pairs.items():
                    if self.ways.get(name) == FITTED:
                        shares.setdefault(name, []).append(self._explained(old.name, wanted, made))
        done = (*self.kept, *(name for name, _ in self.new.named_parameters() if name.startswith(self._inside)))
        found = self.ways | {name: NEW for name, _ in self.new.named_parameters() if name not in done}
        return [Conversion(name, way, _mean(shares.get(name))) for name, way in found.items()]

    @property
    def _inside(self) -> tuple[str, ...]:
        """The beginnings of the names of weights in layers that were converted, or are new."""
        return tuple(f"{name}." for name in self.ways)

    def _reader(self, name: str, calls: Sequence[Call]) -> str | None:
        """Return the only convolution that reads an upsampler's result; None if it cannot be fitted."""
        reading = {reader for call in calls if call.name == name for reader in call.readers}
        reader = next(iter(reading), None)
        if reader is None or len(reading) > 1:
            return None
        old, new = self.old.get_submodule(reader), self.new.get_submodule(reader)
        if not (_is_plain(old) and _is_plain(new)):
            return None
        same = (old.kernel_size, old.out_channels) == (new.kernel_size, new.out_channels)
        return reader if same and new.in_channels == self.after[name].spec.out_channels else None

    def _mix(self, name: str) -> Array | None:
        """Return the mix of channels that an upsampler is fitted to; None if their number does not change."""
        channels = self.after[name].spec.out_channels
        if channels == self.before[name].spec.out_channels:
            return None
        return _strongest(self.old.get_submodule(self.readers[name]), channels)

    def _converted(self, name: str) -> Way:
        """Convert an upsampler with weights, and return how."""
        old, new = self.before[name], self.after[name]
        linear, scale = new.upsampler.linear, int(new.spec.scale)
        same_outputs = name in self.mixes or old.spec.out_channels == new.spec.out_channels
        if linear is None or new.spec.scale % 1 or not same_outputs:
            return NEW
        weights = self._exact_weights(name)
        if weights is not None:
            new.load(weights)
            return "exact"
        window = Window(scale, linear.basis(scale, new.spec.settings))
        examples = self._examples(window, self._margin(name), lambda old, new: (new.x, self._wanted(old)), name)
        if examples is None:
            return NEW
        bias = linear.biases if new.spec.settings.bias else "none"
        new.load(linear.write(new.spec, fitted(examples, window, bias)))
        return FITTED

    def _exact_weights(self, name: str) -> Weights | None:
        """Return the weights with which an upsampler has the old one's kernel; None if it cannot have it."""
        old, new = self.before[name], self.after[name]
        kernel = kernel_of(old.upsampler, old.spec, old.weights)
        if kernel is None or old.spec.in_channels != new.spec.in_channels:
            return None
        wanted = kernel.mixed(self.mixes[name]) if name in self.mixes else kernel
        return weights_for(new.upsampler, new.spec, wanted)

    def _fit_reader(self, reader: str, name: str) -> None:
        """Fit the convolution after an upsampler to its old results."""
        module = self.new.get_submodule(reader)
        window = _window_of(module)
        margin = self._margin(name) * int(self.after[name].spec.scale)
        examples = self._examples(window, margin, lambda old, new: (new.y, old.readers[reader].numpy()[0]), name)
        if examples is None:
            return
        has_bias = "bias" in module.state_dict()
        found = fitted(examples, window, "channel" if has_bias else "none")
        bias = {"bias": found.bias[:, 0, 0]} if has_bias else {}
        _load(module, {"weight": found.factors.swapaxes(0, 1)[..., ::-1, ::-1], **bias})
        self.ways[reader] = FITTED

    def _examples(
        self, window: Window, margin: int, parts: Callable[[Call, Call], tuple[Tensor, Array]], name: str
    ) -> Examples | None:
        """Return examples of what a layer is to compute; None if no picture is large enough.

        Args:
            window: the input pixels that an output depends on.
            margin: the border to leave out, if pictures are large enough for that.
            parts: returns inputs and outputs of the layer, of the same use of an upsampler in the old and new network.
            name: the name of this upsampler.
        """
        found = []
        for picture in self.pictures:
            for old, new in self._both(picture):
                if old.name != name:
                    continue
                x, y = parts(old, new)
                most = max(1, NUMBERS // (window.numbers(x.shape[1]) * len(self.pictures)))
                take = partial(examples_at, x.numpy()[0], y, window, positions=partial(self._positions, most))
                found += [one for one in (take(margin=margin) or take(margin=0),) if one is not None]
        return joined(found) if found else None

    def _both(self, picture: Tensor) -> list[tuple[Call, Call]]:
        """Return the uses of the upsamplers in the old network and the new one, on a picture."""
        calls = (_calls(*network, picture) for network in ((self.old, self.before), (self.new, self.after)))
        old, new = ([call for call in found if call.name in self.names] for found in calls)
        return list(zip(old, new, strict=True))

    def _positions(self, most: int, count: int) -> Integers:
        return self.rng.choice(count, min(count, most), replace=False)

    def _wanted(self, call: Call) -> Array:
        """Return what the new upsampler should return: the old result, or its mix; C×H×W."""
        y = call.y.numpy()[0]
        mixed: Array = np.einsum("no,oyx->nyx", self.mixes[call.name], y) if call.name in self.mixes else y
        return mixed

    def _margin(self, name: str) -> int:
        return max(self.before[name].margin, self.after[name].margin)

    def _explained(self, name: str, wanted: Array, made: Tensor) -> float:
        """Return the share of variance in the interior, or of all where the picture is small."""
        margin = self._margin(name) * int(self.after[name].spec.scale) + 1
        inner = (slice(None), slice(margin, -margin), slice(margin, -margin))
        results = wanted, made.numpy()[0]
        if results[0][inner].size:
            results = results[0][inner], results[1][inner]
        return explained(*results)


def _calls(module: nn.Module, places: Mapping[str, Place], picture: Tensor) -> list[Call]:
    """Run a network on a picture, and return the uses of its upsamplers."""
    calls: list[Call] = []

    def used(name: str, _: nn.Module, given: tuple[Any, ...], y: Tensor) -> None:
        calls.append(Call(name, given[0], given[1] if len(given) > 1 else None, y))

    def read(name: str, _: nn.Module, given: tuple[Any, ...], y: Tensor) -> None:
        for call in calls:
            if given[0] is call.y:
                call.readers[name] = y

    with ExitStack() as hooks:
        for name, part in module.named_modules():
            if name in places:
                hooks.callback(part.register_forward_hook(partial(used, name)).remove)
            elif isinstance(part, nn.Conv2d) and not any(name.startswith(f"{one}.") for one in places):
                hooks.callback(part.register_forward_hook(partial(read, name)).remove)
        module(picture)
    return calls


def _is_plain(module: nn.Module) -> bool:
    """Return whether a layer is a convolution of which each output depends on all channels of the pixels around it."""
    return (
        type(module) is nn.Conv2d
        and (module.stride, module.dilation, module.groups) == ((1, 1), (1, 1), 1)
        and module.kernel_size[0] == module.kernel_size[1]
        and module.kernel_size[0] % 2 == 1
    )


def _window_of(convolution: nn.Module) -> Window:
    """Return the window of a convolution."""
    side = convolution.get_parameter("weight").shape[-1]
    return Window(1, Basis(np.eye(side), -(side // 2)))


def _strongest(reader: nn.Module, channels: int) -> Array:
    """Return the mixes of an upsampler's channels that the convolution after it depends on most: new × old channels."""
    weight = reader.get_parameter("weight").detach().double().numpy()
    old = weight.shape[1]
    if channels > old:
        found: Array = np.linalg.qr(np.random.default_rng(0).normal(size=(channels, old)))[0]
        return found
    directions: Array = np.linalg.svd(weight.swapaxes(0, 1).reshape(old, -1).T, full_matrices=True)[2]
    return directions[:channels]


def _load(module: nn.Module, weights: Weights) -> None:
    """Give a module these weights; it keeps the others."""
    own = module.state_dict()
    given = {name: torch.from_numpy(np.ascontiguousarray(one)).to(own[name].dtype) for name, one in weights.items()}
    module.load_state_dict(own | given)


def _mean(shares: Sequence[float] | None) -> float | None:
    return None if not shares else float(np.mean(shares))
