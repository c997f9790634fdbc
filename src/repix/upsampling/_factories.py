"""Public functions: `repix.upsampling.NAME` returns a layer, `repix.upsampling.reference.NAME` computes in NumPy."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from repix.arithmetic.arrays import Array, Integers, whole
from repix.parameters import Parameter
from repix.settings import Settings
from repix.signatures import Argument, Docs, function_of, settings_arguments

if TYPE_CHECKING:
    from torch import nn

    from repix.upsampling import Upsampler

S = TypeVar("S", bound=Settings)

OUT_CHANNELS_HELP = {
    "any": "Number of output channels; default: as many as input channels.",
    "same": "Number of output channels: as many as input channels.",
    "blocks": "Number of output channels: one for every scale² input channels.",
}
"""The help text of `out_channels` by the upsampler's `channels`."""


def layer_function(upsampler: "Upsampler[Any]", scale_parameter: Parameter) -> Callable[..., "nn.Module"]:
    """Return the function `repix.upsampling.NAME`, which returns a layer."""
    name = upsampler.name.replace("-", "_")
    own = settings_arguments(upsampler.settings)
    arguments = [
        Argument("in_channels", int, "Number of input channels."),
        Argument("out_channels", int | None, OUT_CHANNELS_HELP[upsampler.channels], None),
        _scale(scale_parameter),
        *own,
    ]
    takes = "layer(x, indices)" if upsampler.needs_indices else "layer(x)"
    few, many = (upsampler.required_channels(4, 2) or 8), 4
    docs = Docs(
        f"Return the upsampler {upsampler.name} as a torch layer.",
        f"{_about(upsampler)}\n\nExample:\n    >>> from repix import upsampling\n"
        f"    >>> layer = upsampling.{name}({few}, {many}, scale=2)",
        f"A layer, called `{takes}`, from N×C×H×W to N×C'×(scale·H)×(scale·W).",
        "A parameter is unknown or out of range, or the upsampler does not fit the channels and the scale.",
    )

    def call(given: dict[str, Any]) -> "nn.Module":
        channels_in, channels_out, scale = given["in_channels"], given["out_channels"], given["scale"]
        if channels_out is None:
            scale_parameter.check(scale)
            blocks = round(scale**2) if upsampler.channels == "blocks" else 1
            channels_out = max(whole(channels_in, "channels in", 1) // blocks, 1)
        return upsampler.layer(channels_in, channels_out, scale, _settings_of(upsampler, own, given))

    return function_of("repix.upsampling", name, arguments, docs, "nn.Module", call)


def reference_function(upsampler: "Upsampler[Any]", scale_parameter: Parameter) -> Callable[..., Array]:
    """Return the function `repix.upsampling.reference.NAME`, which computes in NumPy."""
    name = upsampler.name.replace("-", "_")
    own = settings_arguments(upsampler.settings)
    weights = Argument(
        "weights", Mapping[str, Array], "The layer's weights by name; `Upsampler.weights(layer)` returns them."
    )
    indices = Argument("indices", Integers, "The index of each value before its max pool, as `max_pool2d` returns it.")
    arguments = [
        Argument("x", Array, "N×C×H×W, of float32 or float64."),
        *([weights] if upsampler.has_weights else []),
        *([indices] if upsampler.needs_indices else []),
        _scale(scale_parameter),
        *own,
    ]
    docs = Docs(
        f"Return the result of the upsampler {upsampler.name}, computed in NumPy.",
        f"{_about(upsampler)}\n\nExample:\n{_reference_example(upsampler, name)}",
        "N×C'×(scale·H)×(scale·W), rounded down.",
        "A parameter is unknown or out of range, or an array has the wrong type or shape.",
    )

    def call(given: dict[str, Any]) -> Array:
        settings = _settings_of(upsampler, own, given)
        return upsampler.reference(given["x"], given.get("weights", {}), given["scale"], settings, given.get("indices"))

    return function_of("repix.upsampling.reference", name, arguments, docs, Array, call)


def _scale(parameter: Parameter) -> Argument:
    return Argument(parameter.name, parameter.kind, parameter.help, parameter.default)


def _settings_of(upsampler: "Upsampler[S]", own: Sequence[Argument], given: Mapping[str, Any]) -> S:
    return upsampler.settings(**{one.name: given[one.name] for one in own})


def _about(upsampler: "Upsampler[Any]") -> str:
    """Return the docstring of the upsampler's file."""
    return (sys.modules[upsampler.compute.__module__].__doc__ or "").strip()


def _reference_example(upsampler: "Upsampler[Any]", name: str) -> str:
    """Return example code: a call on ones, and the shape of its result."""
    given = upsampler.example(2)
    lines = [
        "import numpy as np",
        "from repix.upsampling import reference",
        f"x = np.ones((1, {given.x.shape[1]}, 3, 3))",
    ]
    more = ""
    if upsampler.has_weights:
        shapes = ", ".join(f'"{key}": np.ones({one.shape})' for key, one in given.weights.items())
        lines.append(f"weights = {{{shapes}}}")
        more += ", weights"
    if upsampler.needs_indices:
        lines.append("x, indices = max_pool2d(np.ones((1, 1, 6, 6)), 2)")
        lines[2] = "from repix.arithmetic import max_pool2d"
        more += ", indices"
    lines.append(f"reference.{name}(x{more}, scale=2).shape")
    return "\n".join([*(f"    >>> {line}" for line in lines), "    (1, 1, 6, 6)"])
