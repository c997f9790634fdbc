"""Upsamplers: the interchangeable part of every network. One file each, with a NumPy reference and a torch layer.

    layer = upsampling.transposed(64, 32, scale=2, kernel=4)  # a torch layer
    upsampling.reference.nearest(x, scale=2)                  # the same computation in NumPy

The same with the upsampler object:

    upsampler = registry.get("upsampling", "transposed")
    layer = upsampler.layer(64, 32, 2)                        # torch loads here, not before
    y = layer(x)                                              # N×64×H×W -> N×32×2H×2W for any H and W
    upsampler.reference(x, upsampler.weights(layer), 2)       # the same values in NumPy

Every layer is called `layer(x, indices=None)`; only unpooling reads the indices. `fits` checks channels, scale and
settings, `required_channels` gives the number of input channels, `halo` the margin of the receptive field. Pictures are
N×C×H×W.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array, Integers, require_dimensions, require_finite, require_floats, whole
from repix.arithmetic.trace import Trace
from repix.errors import WrongUse
from repix.parameters import Bounds, Parameter
from repix.settings import Settings
from repix.upsampling._linear import Linear

if TYPE_CHECKING:
    from torch import nn

    from repix.upsampling import reference as reference
    from repix.upsampling._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)

S = TypeVar("S", bound=Settings)

Weights = Mapping[str, Array]
"""The weights of a layer by their names in its state dict, such as "convolution.weight"."""

SCALE = Parameter("scale", float, "scale factor", Bounds(above=0, high=64), 2)
"""The bounds of the scale of every upsampler; each upsampler accepts some of these values."""


@dataclass(frozen=True)
class NoSettings(Settings):
    """The empty settings of an upsampler without settings."""


@dataclass(frozen=True)
class LayerSpec(Generic[S]):
    """Channels, scale and settings of a layer."""

    in_channels: int
    out_channels: int
    scale: float
    settings: S


@dataclass(frozen=True, eq=False)
class ReferenceInput(Generic[S]):
    """The inputs of a reference computation."""

    x: Array
    """N×C×H×W; for an adjoint, the enlarged picture."""
    weights: Weights
    scale: float
    settings: S
    indices: Integers | None = None
    """The index of each value of x before pooling, as `arithmetic.max_pool2d` returns it."""


def _no_weights(_: LayerSpec[Any]) -> dict[str, tuple[int, ...]]:
    return {}


def _no_settings_error(_: float, __: Any) -> None:
    return None


@dataclass(frozen=True)
class Upsampler(Generic[S]):
    """An upsampler: its NumPy computation, its torch layer and its properties."""

    name: str
    settings: type[S]
    """The class of its settings; each setting has a default."""
    compute: Callable[[ReferenceInput[S]], Array]
    """The computation in NumPy."""
    trace: Callable[[ReferenceInput[S]], Trace]
    """The trace of the same computation."""
    build: Callable[[LayerSpec[S]], "nn.Module"]
    """A function that builds the torch layer."""
    halo_of: Callable[[float, S], int | None]
    """The halo (margin of the receptive field) by scale and settings."""
    preserves_constants: bool
    """True if constant channels stay constant, also at the border and with any weights."""
    channels: Literal["any", "same", "blocks"] = "same"
    """Channels in and out: any, the same number, or scale² input channels for each output channel."""
    shapes: Callable[[LayerSpec[S]], dict[str, tuple[int, ...]]] = _no_weights
    """The shape of each weight, by its name."""
    fractional: bool = False
    """True if the scale may be any multiple of 1/4."""
    needs_indices: bool = False
    """True if it needs the indices of a max pool."""
    settings_error: Callable[[float, S], str | None] = _no_settings_error
    """The reason why these settings are invalid at this scale, or None."""
    adjoint: Callable[[ReferenceInput[S]], Array] | None = None
    """The adjoint (transposed matrix) without bias: <compute(x), y> = <x, adjoint(y)>. None if it is not
    implemented."""
    linear: Linear[S] | None = None
    """Its linear form, by which weights are converted; None if it is not linear."""
    use: str = ""
    """When to use it, in half a sentence, for the table in docs/upsampling.md; empty: the file's first line."""

    @property
    def has_weights(self) -> bool:
        """True if the upsampler has weights."""
        return self.shapes is not _no_weights

    def fits(
        self,
        in_channels: int,
        out_channels: int,
        scale: float,
        settings: S | None = None,
        *,
        has_indices: bool = False,
    ) -> str | None:
        """Return None if channels, scale and settings fit the upsampler, otherwise the reason in a sentence.

        >>> registry.get("upsampling", "nearest").fits(64, 32, 2)
        'nearest keeps the number of channels, so 64 cannot become 32; use 32 input channels, or resize-conv.'
        """
        spec = self._place(in_channels, out_channels, scale, settings)
        reason = self._problem(spec.scale, spec.settings)
        if reason is not None:
            return reason
        needed = self.required_channels(out_channels, scale)
        if needed not in (None, in_channels):
            same = self.channels == "same"
            rule = "keeps the number of channels" if same else "turns scale² channels into one"
            said = f"{self.name} {rule}, so {in_channels} cannot become {out_channels}"
            return f"{said}; use {needed} input channels, or {'resize-conv' if same else 'pixel-shuffle'}."
        if self.needs_indices and not has_indices:
            return f"{self.name} returns values to their positions before max pooling; it needs that pool's indices."
        return None

    def required_channels(self, out_channels: int, scale: float) -> int | None:
        """Return the number of input channels for a number of output channels; None if any number fits.

        >>> registry.get("upsampling", "reshape").required_channels(16, 2)
        64
        """
        whole(out_channels, "channels out", 1)
        return {"any": None, "same": out_channels, "blocks": round(out_channels * scale**2)}[self.channels]

    def halo(self, scale: float, settings: S | None = None) -> int | None:
        """Return the halo: the margin of the receptive field, in input pixels.

        The margin is around the input pixel that contains the center of the output pixel. It is None if the
        receptive field is not the same for all output pixels.

        >>> registry.get("upsampling", "bilinear").halo(2)
        1
        """
        return self.halo_of(*self._checked(scale, settings))

    def layer(self, in_channels: int, out_channels: int, scale: float, settings: S | None = None) -> "nn.Module":
        """Return the torch layer, called `layer(x, indices=None)`; refuse what does not fit, see `fits`."""
        reason = self.fits(in_channels, out_channels, scale, settings, has_indices=True)
        if reason is not None:
            raise WrongUse(reason)
        registry.library("torch")
        spec = self._place(in_channels, out_channels, scale, settings)
        made = self.build(spec)
        vars(made).update(upsampler=self, spec=spec)  # so that it is found in a network
        return made

    @cached_property
    def function(self) -> Callable[..., "nn.Module"]:
        """The function `repix.upsampling.NAME`, which returns the layer: `transposed(64, 32, scale=2, kernel=4)`.

        >>> registry.get("upsampling", "transposed").function(64, 32, kernal=4)
        Traceback (most recent call last):
        repix.errors.WrongUse: transposed has no parameter 'kernal'; did you mean 'kernel'?
        """
        from repix.upsampling._factories import layer_function

        return layer_function(self, SCALE)

    @cached_property
    def reference_function(self) -> Callable[..., Array]:
        """The function `repix.upsampling.reference.NAME`, which computes the layer's result in NumPy.

        >>> registry.get("upsampling", "nearest").reference_function(np.ones((1, 1, 2, 2)), scale=3).shape
        (1, 1, 6, 6)
        """
        from repix.upsampling._factories import reference_function

        return reference_function(self, SCALE)

    def weights(self, layer: "nn.Module") -> dict[str, Array]:
        """Return a layer's weights as NumPy arrays for `reference`: float64 is kept, other types become float32."""
        state = {name: values.detach().cpu() for name, values in layer.state_dict().items()}
        return {name: (v if v.dtype.itemsize == 8 else v.float()).numpy().copy() for name, v in state.items()}

    def reference(
        self,
        x: Array,
        weights: Weights,
        scale: float,
        settings: S | None = None,
        indices: Integers | None = None,
    ) -> Array:
        """Return the layer's result, computed in NumPy: N×C×H×W to N×C'×(scale·H)×(scale·W), rounded down.

        >>> registry.get("upsampling", "nearest").reference(np.array([[[[1.0, 2.0]]]]), {}, 2)[0, 0].tolist()
        [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
        """
        return self.compute(self._given(x, weights, scale, settings, indices))

    def trace_reference(
        self,
        x: Array,
        weights: Weights,
        scale: float,
        settings: S | None = None,
        indices: Integers | None = None,
    ) -> Trace:
        """Return the trace of `reference`: the same computation, step by step.

        >>> trace = registry.get("upsampling", "nearest").trace_reference(np.array([[[[1.0, 2.0]]]]), {}, 2)
        >>> trace.output[0, 0, 0].tolist()
        [1.0, 1.0, 2.0, 2.0]
        """
        return self.trace(self._given(x, weights, scale, settings, indices))

    def example(self, scale: float = 2, settings: S | None = None) -> ReferenceInput[S]:
        """Return an example input of small whole numbers: 2×2 pixels, one output channel."""
        scale, settings = self._checked(scale, settings)
        place = LayerSpec(self.required_channels(1, scale) or 1, 1, scale, settings)
        rng = np.random.default_rng(7)
        x = rng.permutation(4 * place.in_channels).reshape(1, -1, 2, 2) + 1.0
        weights = {name: rng.integers(-2, 3, shape) * 1.0 for name, shape in self.shapes(place).items()}
        return ReferenceInput(
            x, weights, scale, settings, _random_indices(x, int(scale), rng) if self.needs_indices else None
        )

    def explain(self, scale: float = 2, settings: S | None = None) -> Trace:
        """Return the trace of the computation on the example.

        >>> registry.get("upsampling", "reshape").explain(2).steps[1].text
        'channel 0, row 1: 7, 9 become row 0, columns 2-3 of channel 0'
        """
        return self.trace(self.example(scale, settings))

    def _given(
        self, x: Array, weights: Weights, scale: float, settings: S | None, indices: Integers | None
    ) -> ReferenceInput[S]:
        require_floats(x, "x")
        require_dimensions(x, "x", 4)
        require_finite(x, "x")
        scale, settings = self._checked(scale, settings)
        wanted = [set(self.shapes(LayerSpec(channels, 1, scale, settings))) for channels in (1, 2)]
        if set(weights) not in wanted:  # more weights where the number of channels changes
            needed = " or ".join(dict.fromkeys(map(_listed, wanted)))
            raise WrongUse(f"{self.name} needs the weights {needed}, but was given {_listed(set(weights))}.")
        return ReferenceInput(x, weights, scale, settings, indices)

    def _place(self, in_channels: int, out_channels: int, scale: float, settings: S | None) -> LayerSpec[S]:
        counts = whole(in_channels, "channels in", 1), whole(out_channels, "channels out", 1)
        if settings is None:
            settings = self.settings()
        if not isinstance(settings, self.settings):
            raise WrongUse(f"The settings are {settings!r}; {self.name} needs {self.settings.__qualname__}.")
        SCALE.check(scale)
        return LayerSpec(*counts, int(scale) if scale % 1 == 0 else float(scale), settings)

    def _problem(self, scale: float, settings: S) -> str | None:
        if self.fractional and (scale <= 1 or (4 * scale) % 1):
            return f"{self.name} has scales that are multiples of 1/4 above 1 (1.25, 1.5, 2 ...), not {scale:g}."
        if not self.fractional and (scale < 2 or scale % 1):
            return f"{self.name} has whole scales from 2 on, not {scale:g}."
        return self.settings_error(scale, settings)

    def _checked(self, scale: float, settings: S | None) -> tuple[float, S]:
        place = self._place(1, 1, scale, settings)
        reason = self._problem(place.scale, place.settings)
        if reason is not None:
            raise WrongUse(reason)
        return place.scale, place.settings


def _random_indices(x: Array, scale: int, rng: np.random.Generator) -> Integers:
    """Return a random index for each value of x, inside its block of the enlarged plane."""
    rows, columns = (np.arange(n) * scale for n in x.shape[-2:])
    inside = rng.integers(0, scale, (2, *x.shape))
    return np.asarray((rows[:, np.newaxis] + inside[0]) * (x.shape[-1] * scale) + columns + inside[1])


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so they find typos
    __all__ = ["LayerSpec", "NoSettings", "ReferenceInput", "Upsampler", "Weights", "reference"]

    def __getattr__(name: str) -> Any:
        """Return the function that makes the layer of the file NAME.py; the settings are its parameters."""
        if name == "reference":
            return import_module("repix.upsampling.reference")
        return registry.function("upsampling", name)


registry.open_family(__name__)
