"""Every upsampler at every scale with every setting that fits, for the tests of the family."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

import numpy as np
import torch

from repix import registry
from repix.arithmetic import max_pool2d
from repix.parameters import Parameter, parameters
from repix.upsampling import Upsampler

NAMES = registry.available("upsampling")


def offered(name: str) -> Upsampler[Any]:
    found = registry.get("upsampling", name)
    assert isinstance(found, Upsampler)
    return found


def scales(name: str) -> list[float]:
    return [1.5, 2, 2.25, 3, 4] if offered(name).fractional else [2, 3, 4]


def in_channels(name: str, out_channels: int, scale: float) -> int:
    return offered(name).required_channels(out_channels, scale) or out_channels + 1


def values_of(parameter: Parameter) -> list[Any]:
    """Other values than the default that a setting may have."""
    if parameter.kind is bool:
        return [not parameter.default]
    if get_origin(parameter.kind) is Literal:
        return [value for value in get_args(parameter.kind) if value != parameter.default]
    return [value for value in range(1, 8) if parameter.bounds.allow(value)]


def variants(name: str, scale: float) -> Iterator[Any]:
    """The default settings, and each with one other value that fits."""
    upsampler = offered(name)
    default = upsampler.settings()
    yield default
    taken = in_channels(name, 2, scale)
    for key, parameter in parameters(upsampler.settings).items():
        for value in values_of(parameter):
            settings = replace(default, **{key: value})
            if upsampler.fits(taken, 2, scale, settings, has_indices=True) is None:
                yield settings


DEFAULTS = [(name, scale, offered(name).settings()) for name in NAMES for scale in scales(name)]
ALL = [(name, scale, settings) for name in NAMES for scale in scales(name) for settings in variants(name, scale)]


def random_layer(name: str, scale: float, settings: Any, out_channels: int = 2) -> torch.nn.Module:
    """A layer in float64 whose weights, biases too, are nothing special."""
    layer = offered(name).layer(in_channels(name, out_channels, scale), out_channels, scale, settings).double()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for values in layer.parameters():
            values.copy_(torch.rand(values.shape, generator=generator, dtype=torch.float64) - 0.4)
    return layer


def picture(name: str, scale: float, size: tuple[int, int], out_channels: int = 2) -> tuple[np.ndarray, Any]:
    """What a layer is given, 2×C×H×W: noise, and the indices of a max pool where it needs them."""
    shape = (2, in_channels(name, out_channels, scale), *size)
    rng = np.random.default_rng(11)
    if not offered(name).needs_indices:
        return rng.normal(size=shape), None
    return max_pool2d(rng.normal(size=(*shape[:2], size[0] * int(scale), size[1] * int(scale))), int(scale))


def run(layer: torch.nn.Module, x: np.ndarray, indices: Any = None) -> np.ndarray:
    places = None if indices is None else torch.from_numpy(indices)
    with torch.no_grad():
        return layer(torch.from_numpy(x), places).numpy()


def larger(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return math.floor(size[0] * scale), math.floor(size[1] * scale)
