"""Upsamplers: the swappable part of every network. One file each, with a NumPy reference beside its torch layer.

    layer = upsampling.transposed(64, 32, scale=2, kernel=4)  # a torch layer
    upsampling.reference.nearest(x, scale=2)                  # what a layer computes, in NumPy alone

The same with what is known of an upsampler:

    upsampler = registry.get("upsampling", "transposed")
    layer = upsampler.layer(64, 32, 2)                        # torch loads here, not before
    y = layer(x)                                              # N×64×H×W -> N×32×2H×2W, whatever H and W
    upsampler.reference(x, upsampler.weights(layer), 2)       # the same numbers, in numpy alone

Every layer is called `layer(x, indices=None)`; only unpooling reads the indices. `fits` says where an upsampler can
stand, `takes` how many channels it must be given, `halo` how far it reaches. Pictures are N×C×H×W.
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

if TYPE_CHECKING:
    from torch import nn

    from repix.upsampling import reference as reference
    from repix.upsampling._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)

S = TypeVar("S", bound=Settings)

Weights = Mapping[str, Array]
"""A layer's weights by the names of its state, such as "convolution.weight"."""

SCALE = Parameter("scale", float, "how many times larger", Bounds(above=0, high=64), 2)
"""What every upsampler's scale may be; each says which of these numbers it takes."""


@dataclass(frozen=True)
class NoSettings(Settings):
    """The settings of an upsampler that has none."""


@dataclass(frozen=True)
class Place(Generic[S]):
    """Where a layer stands in a network."""

    in_channels: int
    out_channels: int
    scale: float
    settings: S


@dataclass(frozen=True, eq=False)
class Given(Generic[S]):
    """What a reference computes from."""

    x: Array
    """N×C×H×W; for an adjoint, the large picture."""
    weights: Weights
    scale: float
    settings: S
    indices: Integers | None = None
    """Where each number of x was before it was pooled, as `arithmetic.max_pool2d` gives them."""


def _nothing_learned(_: Place[Any]) -> dict[str, tuple[int, ...]]:
    return {}


def _no_objection(_: float, __: Any) -> None:
    return None


@dataclass(frozen=True)
class Upsampler(Generic[S]):
    """What a file of this family offers."""

    name: str
    settings: type[S]
    """Their class; each has a default."""
    compute: Callable[[Given[S]], Array]
    """The arithmetic in numpy."""
    working: Callable[[Given[S]], Trace]
    """The same, step by step."""
    build: Callable[[Place[S]], "nn.Module"]
    """The torch layer."""
    reach: Callable[[float, S], int | None]
    """The halo, by scale and settings."""
    stays_flat: bool
    """Whether channels that are constant stay constant, up to the border and whatever the weights."""
    channels: Literal["any", "same", "blocks"] = "same"
    """Any number in and out, the same number, or scale² channels for each one that comes out."""
    shapes: Callable[[Place[S]], dict[str, tuple[int, ...]]] = _nothing_learned
    """What it learns: the shape of each weight by its name."""
    fractional: bool = False
    """Whether the scale may be any multiple of 1/4."""
    needs_indices: bool = False
    """Whether it needs to know where each number was before pooling."""
    objection: Callable[[float, S], str | None] = _no_objection
    """Why these settings make no sense at this scale."""
    adjoint: Callable[[Given[S]], Array] | None = None
    """From the large picture back, with the transposed matrix: <compute(x), y> = <x, adjoint(y)> without bias.
    None where that operation has no name of its own."""
    use: str = ""
    """When to take it, in half a sentence, for the table in docs/upsampling.md; left out, the file's first line."""

    @property
    def learns(self) -> bool:
        """Whether it has weights."""
        return self.shapes is not _nothing_learned

    def fits(
        self,
        in_channels: int,
        out_channels: int,
        scale: float,
        settings: S | None = None,
        *,
        has_indices: bool = False,
    ) -> str | None:
        """None where the layer can stand, otherwise the reason why not, in a sentence.

        >>> registry.get("upsampling", "nearest").fits(64, 32, 2)
        'nearest gives as many channels as it gets, so 64 cannot become 32; give it 32.'
        """
        asked = self._place(in_channels, out_channels, scale, settings)
        reason = self._misfit(asked.scale, asked.settings)
        if reason is not None:
            return reason
        taken = self.takes(out_channels, scale)
        if taken not in (None, in_channels):
            rule = "as many channels as it gets" if self.channels == "same" else "one channel for every scale² it gets"
            return f"{self.name} gives {rule}, so {in_channels} cannot become {out_channels}; give it {taken}."
        if self.needs_indices and not has_indices:
            return f"{self.name} puts numbers back where a max pool found them; it needs that pool's indices."
        return None

    def takes(self, out_channels: int, scale: float) -> int | None:
        """How many channels it must be given to give so many; None where any number will do.

        >>> registry.get("upsampling", "reshape").takes(16, 2)
        64
        """
        whole(out_channels, "channels out", 1)
        return {"any": None, "same": out_channels, "blocks": round(out_channels * scale**2)}[self.channels]

    def halo(self, scale: float, settings: S | None = None) -> int | None:
        """How many input pixels around its own an output pixel depends on; None where that is not the same everywhere.

        An output pixel's own input pixel is the one its center lies in.

        >>> registry.get("upsampling", "bilinear").halo(2)
        1
        """
        return self.reach(*self._checked(scale, settings))

    def layer(self, in_channels: int, out_channels: int, scale: float, settings: S | None = None) -> "nn.Module":
        """The torch layer, called `layer(x, indices=None)`; refused where `fits` has a reason."""
        reason = self.fits(in_channels, out_channels, scale, settings, has_indices=True)
        if reason is not None:
            raise WrongUse(reason)
        registry.library("torch")
        return self.build(self._place(in_channels, out_channels, scale, settings))

    @cached_property
    def function(self) -> Callable[..., "nn.Module"]:
        """The function that people call: `repix.upsampling.transposed(64, 32, scale=2, kernel=4)` makes the layer.

        >>> registry.get("upsampling", "transposed").function(64, 32, kernal=4)
        Traceback (most recent call last):
        repix.errors.WrongUse: transposed has no parameter 'kernal'; did you mean 'kernel'?
        """
        from repix.upsampling._calls import layer_function

        return layer_function(self, SCALE)

    @cached_property
    def reference_function(self) -> Callable[..., Array]:
        """The function `repix.upsampling.reference.NAME`: what the layer computes, in NumPy.

        >>> registry.get("upsampling", "nearest").reference_function(np.ones((1, 1, 2, 2)), scale=3).shape
        (1, 1, 6, 6)
        """
        from repix.upsampling._calls import reference_function

        return reference_function(self, SCALE)

    def weights(self, layer: "nn.Module") -> dict[str, Array]:
        """What a layer has learned, as `reference` takes it: float64 as it is, everything else as float32."""
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
        """What the layer gives, in numpy alone: N×C×H×W to N×C'×(scale·H)×(scale·W), rounded down.

        >>> registry.get("upsampling", "nearest").reference(np.array([[[[1.0, 2.0]]]]), {}, 2)[0, 0].tolist()
        [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
        """
        return self.compute(self._given(x, weights, scale, settings, indices))

    def example(self, scale: float = 2, settings: S | None = None) -> Given[S]:
        """Small whole numbers to explain it with: one channel of 2×2 pixels, or as many as it takes."""
        scale, settings = self._checked(scale, settings)
        place = Place(self.takes(1, scale) or 1, 1, scale, settings)
        rng = np.random.default_rng(7)
        x = rng.permutation(4 * place.in_channels).reshape(1, -1, 2, 2) + 1.0
        weights = {name: rng.integers(-2, 3, shape) * 1.0 for name, shape in self.shapes(place).items()}
        return Given(x, weights, scale, settings, _some_indices(x, int(scale), rng) if self.needs_indices else None)

    def explain(self, scale: float = 2, settings: S | None = None) -> Trace:
        """Its arithmetic on the example, step by step.

        >>> registry.get("upsampling", "reshape").explain(2).steps[1].text
        'channel 0, row 1: 7, 9 go on at row 0, columns 2-3 of channel 0'
        """
        return self.working(self.example(scale, settings))

    def _given(
        self, x: Array, weights: Weights, scale: float, settings: S | None, indices: Integers | None
    ) -> Given[S]:
        require_floats(x, "x")
        require_dimensions(x, "x", 4)
        require_finite(x, "x")
        scale, settings = self._checked(scale, settings)
        wanted = set(self.shapes(Place(1, 1, scale, settings)))
        if set(weights) != wanted:
            raise WrongUse(f"{self.name} takes the weights {_listed(wanted)}, but was given {_listed(set(weights))}.")
        return Given(x, weights, scale, settings, indices)

    def _place(self, in_channels: int, out_channels: int, scale: float, settings: S | None) -> Place[S]:
        counts = whole(in_channels, "channels in", 1), whole(out_channels, "channels out", 1)
        if settings is None:
            settings = self.settings()
        if not isinstance(settings, self.settings):
            raise WrongUse(f"The settings are {settings!r}; {self.name} takes {self.settings.__qualname__}.")
        SCALE.check(scale)
        return Place(*counts, int(scale) if scale % 1 == 0 else float(scale), settings)

    def _misfit(self, scale: float, settings: S) -> str | None:
        if self.fractional and (scale <= 1 or (4 * scale) % 1):
            return f"{self.name} enlarges by multiples of 1/4 above 1 (1.25, 1.5, 2 ...), not by {scale:g}."
        if not self.fractional and (scale < 2 or scale % 1):
            return f"{self.name} enlarges by whole numbers from 2 on, not by {scale:g}."
        return self.objection(scale, settings)

    def _checked(self, scale: float, settings: S | None) -> tuple[float, S]:
        place = self._place(1, 1, scale, settings)
        reason = self._misfit(place.scale, place.settings)
        if reason is not None:
            raise WrongUse(reason)
        return place.scale, place.settings


def _some_indices(x: Array, scale: int, rng: np.random.Generator) -> Integers:
    """For every number of x some place in its own block of the large plane."""
    rows, columns = (np.arange(n) * scale for n in x.shape[-2:])
    inside = rng.integers(0, scale, (2, *x.shape))
    return np.asarray((rows[:, np.newaxis] + inside[0]) * (x.shape[-1] * scale) + columns + inside[1])


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo
    __all__ = ["Given", "NoSettings", "Place", "Upsampler", "Weights", "reference"]

    def __getattr__(name: str) -> Any:
        """`repix.upsampling.nearest` makes the layer of the file `nearest.py`, whose settings are its parameters."""
        if name == "reference":
            return import_module("repix.upsampling.reference")
        return registry.function("upsampling", name)


registry.open_family(__name__)
