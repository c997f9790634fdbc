"""Weights of a network with another upsampler, from those of a trained one.

Every layer besides the upsamplers keeps its weights. An upsampler gets weights for the same kernel if it can have it;
otherwise, those that best reproduce the old layer's outputs on examples. If it has no weights, or another number of
channels, the convolution that reads its result is fitted instead: to the old results of that convolution.
"""

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class Conversion:
    """The origin of a layer's weights."""

    layer: str
    way: Way
    explained: float | None = None
    """The share of the variance of the old layer's outputs that the new layer reproduces, on other examples."""

    def __str__(self) -> str:
        said = {"exact": "exact, away from the border", "no weights": "it has no weights"}.get(self.way, self.way)
        share = "" if self.explained is None else f", explains {self.explained:.1%} of the old layer's variance"
        return f"{self.layer}: {said}{share}"


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

    Args:
        old: the trained network.
        new: the same network with other upsamplers; it gets the weights.
        pictures: examples to fit weights on, each 1×C×H×W.
        others: examples to measure the fit on.
    """
    old.eval(), new.eval()
    conversion = _NetworkConversion(old, new)
    _load(new, {name: one.numpy() for name, one in conversion.kept.items()})
    with torch.no_grad():
        conversion.look(pictures[0])
        conversion.convert_exactly()
        conversion.fit_upsamplers(pictures)
        conversion.fit_readers(pictures)
        return conversion.measured(others)


class _NetworkConversion:
    """The conversion of the weights of one network, step by step."""

    def __init__(self, old: nn.Module, new: nn.Module) -> None:
        self.old, self.new = old, new
        self.before, self.after = upsamplers_in(old), upsamplers_in(new)
        self.names = [name for name in self.before if name in self.after]
        self.mixes: dict[str, Array] = {}
        """What an upsampler with another number of output channels is fitted to: a mix of the old channels."""
        self.readers: dict[str, str] = {}
        """The convolution that reads an upsampler's result, where it can be fitted."""
        self.ways: dict[str, Way] = {}
        self.rng = np.random.default_rng(0)

    @property
    def kept(self) -> dict[str, Tensor]:
        """The weights outside of the upsamplers that fit into the new network."""
        own = self.new.state_dict()
        inside = tuple(f"{name}." for name in {*self.before, *self.after})
        return {
            name: one
            for name, one in self.old.state_dict().items()
            if not name.startswith(inside) and name in own and own[name].shape == one.shape
        }

    def look(self, picture: Tensor) -> None:
        """Find the convolutions that read the results of upsamplers."""
        for call in _calls(self.old, self.before, picture):
            fitting = [name for name in call.readers if self._can_fit(call.name, name)]
            if call.name in self.names and len(call.readers) == 1 == len(fitting):
                self.readers[call.name] = fitting[0]
        for name in self.names:
            old, new = self.before[name].spec.out_channels, self.after[name].spec.out_channels
            if old != new and name in self.readers:
                self.mixes[name] = _mix(self.old.get_submodule(self.readers[name]), new)

    def _can_fit(self, name: str, reader: str) -> bool:
        """Return whether a convolution can be fitted to the results of the new upsampler."""
        if name not in self.after:
            return False
        old, new = self.old.get_submodule(reader), self.new.get_submodule(reader)
        if not (_is_plain(old) and _is_plain(new)):
            return False
        same = (old.kernel_size, old.out_channels) == (new.kernel_size, new.out_channels)
        return same and bool(new.in_channels == self.after[name].spec.out_channels)

    def convert_exactly(self) -> None:
        """Convert the upsamplers that can have the same kernel, or the same mixed kernel."""
        for name in self.names:
            old, new = self.before[name], self.after[name]
            kernel = kernel_of(old.upsampler, old.spec, old.weights)
            if kernel is None or not self._same_inputs(name) or not self._has_target(name):
                continue
            wanted = kernel.mixed(self.mixes[name]) if name in self.mixes else kernel
            weights = weights_for(new.upsampler, new.spec, wanted)
            if weights is not None:
                new.load(weights)
                self.ways[name] = "exact"

    def fit_upsamplers(self, pictures: Sequence[Tensor]) -> None:
        """Fit the other linear upsamplers that have weights."""
        for name in self.names:
            if name not in self.ways:
                self.ways[name] = "new weights" if self.after[name].upsampler.has_weights else "no weights"
        windows = {name: window for name in self.names if (window := self._window(name)) is not None}
        for name, examples in self._examples(windows, pictures).items():
            place = self.after[name]
            if place.upsampler.linear is not None:
                place.load(place.upsampler.linear.write(place.spec, fitted(examples, windows[name])))
                self.ways[name] = "least squares"

    def fit_readers(self, pictures: Sequence[Tensor]) -> None:
        """Fit the convolutions after upsamplers that do not reproduce the old ones."""
        needed = [
            name for name in self.readers if name in self.mixes or self.ways[name] in ("new weights", "no weights")
        ]
        self.readers = {name: self.readers[name] for name in needed if self._result_is_known(name)}
        windows = {name: _reading(self.new.get_submodule(reader)) for name, reader in self.readers.items()}
        for name, examples in self._examples(windows, pictures, of_readers=True).items():
            found, module = fitted(examples, windows[name]), self.new.get_submodule(self.readers[name])
            bias = {"bias": found.bias[:, 0, 0]} if "bias" in module.state_dict() else {}
            _load(module, {"weight": found.factors.swapaxes(0, 1)[..., ::-1, ::-1], **bias})
            self.ways[self.readers[name]] = "least squares"

    def measured(self, pictures: Sequence[Tensor]) -> list[Conversion]:
        """Return the origin of the weights of all changed layers, with the share of variance where they were fitted."""
        shares: dict[str, list[float]] = {}
        for picture in pictures:
            for call in _calls(self.old, self.before, picture):
                if self.ways.get(call.name) == "least squares":
                    made = self._made(call)
                    shares.setdefault(call.name, []).append(self._explained(call, self._wanted(call), made))
                reader = self.readers.get(call.name, "")
                if self.ways.get(reader) == "least squares":
                    made = self.new.get_submodule(reader)(self._made(call))
                    shares.setdefault(reader, []).append(self._explained(call, call.readers[reader].numpy()[0], made))
        done = (*self.kept, *(name for name, _ in self.new.named_parameters() if name.startswith(self._inside)))
        found = self.ways | {name: NEW for name, _ in self.new.named_parameters() if name not in done}
        return [Conversion(name, way, _mean(shares.get(name))) for name, way in found.items()]

    @property
    def _inside(self) -> tuple[str, ...]:
        """The beginnings of the names of weights in layers that were converted, or are new."""
        return tuple(f"{name}." for name in self.ways)

    def _same_inputs(self, name: str) -> bool:
        return self.before[name].spec.in_channels == self.after[name].spec.in_channels

    def _has_target(self, name: str) -> bool:
        """Return whether the outputs that the new upsampler should have are known."""
        return name in self.mixes or self.before[name].spec.out_channels == self.after[name].spec.out_channels

    def _result_is_known(self, name: str) -> bool:
        """Return whether the new upsampler can be run on the old one's inputs."""
        indices = self.after[name].upsampler.needs_indices and not self.before[name].upsampler.needs_indices
        return self._same_inputs(name) and not indices

    def _window(self, name: str) -> Window | None:
        """Return the window of an upsampler that is to be fitted; None for others."""
        place = self.after[name]
        linear = place.upsampler.linear
        if self.ways[name] != "new weights" or linear is None or place.spec.scale % 1:
            return None
        if not self._same_inputs(name) or not self._has_target(name):
            return None
        scale = int(place.spec.scale)
        return Window(scale, linear.basis(scale, place.spec.settings))

    def _examples(
        self, windows: Mapping[str, Window], pictures: Sequence[Tensor], of_readers: bool = False
    ) -> dict[str, Examples]:
        """Return the examples of each layer that is to be fitted, of those pictures that are large enough."""
        found: dict[str, list[Examples]] = {}
        for picture in pictures if windows else ():
            for call in _calls(self.old, self.before, picture):
                window = windows.get(call.name)
                if window is None:
                    continue
                x, y = call.x.numpy()[0], self._wanted(call)
                if of_readers:
                    x, y = self._made(call).numpy()[0], call.readers[self.readers[call.name]].numpy()[0]
                margin = self._margin(call.name) * (int(self.after[call.name].spec.scale) if of_readers else 1)
                most = max(1, NUMBERS // (window.numbers(len(x)) * len(pictures)))
                take = partial(examples_at, x, y, window, positions=partial(self._positions, most))
                made = take(margin=margin) or take(margin=0)
                found.setdefault(call.name, []).extend([] if made is None else [made])
        return {name: joined(parts) for name, parts in found.items() if parts}

    def _positions(self, most: int, count: int) -> Integers:
        return self.rng.choice(count, min(count, most), replace=False)

    def _made(self, call: Call) -> Tensor:
        """Return the new upsampler's result."""
        y: Tensor = self.after[call.name].module(call.x, call.indices)
        return y

    def _wanted(self, call: Call) -> Array:
        """Return what the new upsampler should return: the old result, or its mix; C×H×W."""
        y = call.y.numpy()[0]
        mixed: Array = np.einsum("no,oyx->nyx", self.mixes[call.name], y) if call.name in self.mixes else y
        return mixed

    def _margin(self, name: str) -> int:
        return max(self.before[name].margin, self.after[name].margin)

    def _explained(self, call: Call, wanted: Array, made: Tensor) -> float:
        """Return the share of variance in the interior, or of all where the picture is small."""
        margin = self._margin(call.name) * int(self.after[call.name].spec.scale) + 1
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


def _reading(convolution: nn.Module) -> Window:
    """Return the window of a convolution."""
    side = int(convolution.kernel_size[0])  # type: ignore[index] # a convolution
    return Window(1, Basis(np.eye(side), -(side // 2)))


def _mix(reader: nn.Module, channels: int) -> Array:
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
