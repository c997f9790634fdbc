"""Networks: plain torch modules, one file each, with their settings and what they promise of sizes.

    module = networks.unet(out_channels=4, upsampler="transposed kernel=4")     # a plain nn.Module

The same with what is known of it:

    network = members.member("networks", "unet")
    config = network.config(out_channels=4, upsampler="transposed kernel=4")
    module = network.module(config)                           # a plain nn.Module: N×3×H×W -> N×4×H×W
    network.step(config), network.halo(config)                # 32 and 155: H, W are multiples; so far sees a pixel

Pictures are N×C×H×W with numbers in [0, 1]. A module takes heights and widths that are multiples of its step and
nothing else: padding and cropping belong to whoever feeds it. Networks for classes give scores, not probabilities.

Every configuration has `in_channels` and `out_channels`; those that enlarge have `scale`; those with an upsampler name
it in `upsampler`, with its settings behind it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from repix import members
from repix.errors import WrongShape, WrongUse
from repix.networks._receptive_field import ReceptiveField
from repix.parameters import Bounds, parameters
from repix.settings import Settings
from repix.signatures import Docs, function_of, settings_arguments

if TYPE_CHECKING:
    from torch import Tensor, nn

    from repix.networks._cost import Cost
    from repix.networks._encoder import with_encoder as with_encoder
    from repix.networks._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)

__all__ = [
    "Configuration",
    "InChannels",
    "InputCheck",
    "Network",
    "OutChannels",
    "UpsamplerName",
    "with_encoder",
    "with_upsampler",
]

InChannels = Annotated[int, "channels of the pictures that go in", Bounds(1, 4096)]
OutChannels = Annotated[int, "channels of the pictures that come out, or classes", Bounds(1, 4096)]
UpsamplerName = Annotated[str, "the upsampler, with its settings behind it: 'transposed kernel=4'"]


@dataclass(frozen=True)
class Configuration(Settings):
    """The settings that every network has."""

    in_channels: InChannels = 3
    out_channels: OutChannels = 3


C = TypeVar("C", bound=Configuration)


def _no_error(_: Any) -> None:
    return None


def _any_size(_: Any) -> None:
    return None


def _as_trained(module: "nn.Module", config: C) -> tuple["nn.Module", C]:
    return module, config


@dataclass(frozen=True)
class Network(Generic[C]):
    """What a file of this family offers."""

    name: str
    config: type[C]
    """A class of settings, each with a default."""
    build: Callable[[C], "nn.Module"]
    """The plain module."""
    receptive_field: Callable[[C], ReceptiveField]
    """What comes of an input pixel, layer by layer; from this follow scale, step and halo."""
    small: C
    """A configuration small enough to try things with."""
    config_error: Callable[[C], str | None] = _no_error
    """Why settings do not go together."""
    fixed: Callable[[C], int | None] = _any_size
    """The one height and width that it takes, where there is only one."""
    reparameterize: Callable[["nn.Module", C], tuple["nn.Module", C]] = _as_trained
    """What is exported of a trained module, and its settings: the same pictures for less work, where that can be."""

    def module(self, config: C | None = None) -> "nn.Module":
        """The module, which refuses pictures of a wrong shape.

        >>> torch = members.library("torch")
        >>> members.member("networks", "unet").module()(torch.zeros(1, 3, 40, 64))
        Traceback (most recent call last):
        repix.errors.WrongShape: unet takes multiples of 32 as height and width, but was given 40×64; pad to 64×64.
        """
        config = self._checked(config)
        module = self.build(config)
        check = InputCheck(self.name, config.in_channels, self.step(config), self.fixed(config))
        module.register_forward_pre_hook(check)
        return module

    @cached_property
    def function(self) -> Callable[..., "nn.Module"]:
        """The function that people call: `repix.networks.unet(in_channels=1)`; every setting is a parameter.

        >>> members.member("networks", "pixelwise").function(width=8)
        Traceback (most recent call last):
        repix.errors.WrongUse: pixelwise has no parameter 'width'; did you mean 'widths'?
        """
        nn = members.library("torch").nn
        name = self.name.replace("-", "_")
        docs = Docs(
            f"Return the network {self.name} as a plain torch module.",
            inspect.cleandoc(self.build.__doc__ or ""),
            "A module that turns N×C×H×W into N×C'×(scale·H)×(scale·W). It takes heights and widths that are multiples "
            "of its step, and refuses others with a `WrongShape`.",
            "A setting is unknown or out of its range, or settings do not go together.",
        )
        arguments = settings_arguments(self.config)
        return function_of(
            "repix.networks", name, arguments, docs, nn.Module, lambda given: self.module(self.from_dict(given))
        )

    def fits(self, config: C) -> str | None:
        """None where the settings make a network, otherwise the reason why not; no weights are made.

        >>> network = members.member("networks", "picture-unet")
        >>> network.fits(network.config(upsampler="nearest"))
        'nearest gives as many channels as it gets, so 1024 cannot become 256; give it 256.'
        """
        try:
            with members.library("torch").device("meta"):
                self.module(config)
        except WrongUse as error:
            return str(error)
        return None

    def scale(self, config: C | None = None) -> int:
        """How many times larger the output is than the input."""
        return self.receptive_field(self._checked(config)).scale

    def step(self, config: C | None = None) -> int:
        """What height and width of a picture must be multiples of."""
        return self.receptive_field(self._checked(config)).step

    def halo(self, config: C | None = None) -> int | None:
        """How many input pixels around its own an output pixel depends on; None: everywhere."""
        return self.receptive_field(self._checked(config)).halo

    def measured_halo(self, module: "nn.Module", config: C) -> int:
        """How many input pixels around its own an output pixel was seen to depend on; for those that have a halo.

        >>> network = members.member("networks", "wide-kernel")
        >>> network.measured_halo(network.module(network.small).eval(), network.small) == network.halo(network.small)
        True
        """
        at_most = self.halo(config)
        if at_most is None:
            raise WrongUse(f"{self.name} sees everywhere with these settings, so there is nothing to measure.")
        from repix.networks._measured_halo import measured_halo

        return measured_halo(module, config.in_channels, self.scale(config), self.step(config), at_most)

    def cost(self, config: C | None = None) -> "Cost":
        """Its parameters and its work, found on a module without weights.

        >>> members.member("networks", "channel-mixer").cost()
        Cost(parameters=640, macs=832)
        """
        from repix.networks._cost import measured_cost

        config = self._checked(config)
        with members.library("torch").device("meta"):
            module = self.module(config).train()  # without what only the borders of whole pictures need
        return measured_cost(module, config.in_channels, self.fixed(config) or 2 * self.step(config))

    def from_dict(self, settings: Mapping[str, Any]) -> C:
        """Return the configuration that JSON or TOML hold, if its settings go together; `config.to_dict()` wrote it.

        >>> network = members.member("networks", "unet")
        >>> network.from_dict({"widths": [8, 16], "skip": "add"}).widths
        (8, 16)
        >>> network.from_dict({"width": 8})
        Traceback (most recent call last):
        repix.errors.WrongUse: unet has no setting 'width'; did you mean 'widths'?
        """
        return self._checked(self.config.from_dict(settings))

    def _checked(self, config: C | None) -> C:
        if config is None:
            config = self.config()
        if not isinstance(config, self.config):
            raise WrongUse(f"The settings are {config!r}; {self.name} takes its own Config.")
        reason = self.config_error(config)
        if reason is not None:
            raise WrongUse(reason)
        return config


@dataclass(frozen=True)
class InputCheck:
    """Looks at the shape of what a module is given, before anything is computed."""

    name: str
    channels: int
    step: int
    fixed: int | None

    def __call__(self, _: "nn.Module", given: tuple["Tensor", ...]) -> None:
        """Refuse a wrong shape; while a graph is drawn sizes are unknown, and the graph's contract guards them."""
        torch = members.library("torch")
        if torch.jit.is_tracing() or torch.compiler.is_compiling():
            return
        reason = self.reason(tuple(given[0].shape))
        if reason is not None:
            raise WrongShape(reason)

    def reason(self, shape: tuple[int, ...]) -> str | None:
        """Why a shape is refused, if it is.

        >>> InputCheck("unet", 3, 32, None).reason((1, 1, 64, 64))
        'unet takes pictures of 3 channels, but was given 1.'
        """
        if len(shape) != 4:
            return f"{self.name} takes pictures N×C×H×W, but was given the shape {shape}."
        _, channels, height, width = shape
        if channels != self.channels:
            return f"{self.name} takes pictures of {self.channels} channels, but was given {channels}."
        if self.fixed and (height, width) != (self.fixed, self.fixed):
            return f"{self.name} takes pictures of {self.fixed}×{self.fixed} only, but was given {height}×{width}."
        padded = [max(-(-side // self.step), 1) * self.step for side in (height, width)]
        if [height, width] != padded:
            return (
                f"{self.name} takes multiples of {self.step} as height and width, but was given {height}×{width}; "
                f"pad to {padded[0]}×{padded[1]}."
            )
        return None


def with_upsampler(network: Network[C], config: C, upsampler: str) -> C:
    """Return the same settings with another upsampler.

    Args:
        network: the network that the settings are of.
        config: the settings.
        upsampler: the upsampler, with its settings behind it: 'transposed kernel=4'.

    Returns:
        A copy of the settings.

    Raises:
        WrongUse: the network enlarges nothing.

    >>> network = members.member("networks", "unet")
    >>> with_upsampler(network, network.config(), "nearest").upsampler
    'nearest'
    """
    if "upsampler" not in parameters(network.config):
        raise WrongUse(f"{network.name} enlarges nothing, so no upsampler can stand in it.")
    return replace(config, upsampler=upsampler)  # type: ignore[call-arg]


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo

    def __getattr__(name: str) -> Any:
        """`repix.networks.unet` builds the network of the file `unet.py`, whose settings are its parameters."""
        if name == "with_encoder":
            members.library("torch")
            return import_module("repix.networks._encoder").with_encoder
        return members.function("networks", name)


members.open_family(__name__)
