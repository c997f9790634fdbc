"""Networks: plain torch modules, one file each, with their settings, scale, step and halo.

    module = networks.unet(out_channels=4, upsampler="transposed kernel=4")     # a plain nn.Module

The same with what is known of it:

    network = registry.get("networks", "unet")
    config = network.config(out_channels=4, upsampler="transposed kernel=4")
    module = network.module(config)                           # a plain nn.Module: N×3×H×W -> N×4×H×W
    network.step(config), network.halo(config)                # 32 and 155

Pictures are N×C×H×W in [0, 1]. Heights and widths must be multiples of the step (total stride); the caller pads and
crops. The halo is the margin of the receptive field, in pixels. Segmentation networks return logits. Networks for
volumes take N×C×D×H×W, and have a step and a halo along the slices, too.

Every configuration has `in_channels` and `out_channels`. Networks that upsample the picture have `scale`; those with a
configurable upsampler name it in `upsampler`, followed by its settings.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from repix import registry
from repix.errors import WrongShape, WrongUse
from repix.networks._receptive_field import ReceptiveField as ReceptiveField
from repix.parameters import Bounds, parameters
from repix.settings import Settings
from repix.signatures import Docs, function_of, settings_arguments

if TYPE_CHECKING:
    from torch import Tensor, nn

    from repix.conversion.contract_parts import Slices, Windows
    from repix.networks._cost import Cost
    from repix.networks._encoder import with_encoder as with_encoder
    from repix.networks._features import bundled_features as bundled_features
    from repix.networks._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)
    from repix.networks._upsampler_choice import parse_upsampler as parse_upsampler

InChannels = Annotated[int, "input channels", Bounds(1, 4096)]
OutChannels = Annotated[int, "output channels, or classes", Bounds(1, 4096)]
UpsamplerName = Annotated[str, "upsampler with its settings, such as 'transposed kernel=4'"]

LAZY = {
    "bundled_features": "repix.networks._features",
    "parse_upsampler": "repix.networks._upsampler_choice",
    "with_encoder": "repix.networks._encoder",
}
"""Functions whose modules import torch, so that they load when they are asked for."""


@dataclass(frozen=True)
class Configuration(Settings):
    """The settings that all networks have."""

    in_channels: InChannels = 3
    out_channels: OutChannels = 3


C = TypeVar("C", bound=Configuration)


def _no_error(_: Any) -> None:
    return None


def _any_size(_: Any) -> None:
    return None


def _no_choice(_: Any) -> bool:
    return False


def _no_windows(_: Any) -> None:
    return None


def _as_exported(config: C) -> C:
    return config


def _as_trained(module: "nn.Module", config: C) -> tuple["nn.Module", C]:
    return module, config


@dataclass(frozen=True)
class Network(Generic[C]):
    """A network plugin: the class of its settings, the module, and its declared properties."""

    name: str
    config: type[C]
    """Class of the settings, which all have defaults."""
    build: Callable[[C], "nn.Module"]
    """Function that builds the module."""
    receptive_field: Callable[[C], ReceptiveField]
    """Function that returns the receptive field of the output, from which scale, step and halo follow."""
    small: C
    """A small configuration, for tests."""
    config_error: Callable[[C], str | None] = _no_error
    """Function that returns the reason why settings do not fit together, or None."""
    fixed: Callable[[C], int | None] = _any_size
    """Function that returns the only height and width that the module accepts, or None."""
    windows: Callable[[C], "Windows | None"] = _no_windows
    """Function that returns the windows in which pictures are converted, for an unbounded receptive field, or None."""
    reparameterize: Callable[["nn.Module", C], tuple["nn.Module", C]] = _as_trained
    """Function that returns the module to export, and its settings: equal outputs at a lower cost, if possible."""
    widen: Callable[[C], C] = _as_exported
    """Function that returns the settings to train on with, of exported ones; the inverse of `reparameterize`."""
    slices: Callable[[C], ReceptiveField] | None = None
    """Function that returns the receptive field along the slices, of a network for volumes; None for pictures."""
    impulse_mask: bool = False
    """The last output channel is a mask: the probability that impulse noise corrupted the pixel."""
    perception_map: bool = False
    """The last input channel is a map that steers the result, from fidelity to perception."""
    chooses: Callable[[C], bool] = _no_choice
    """Function that tells if it chooses the map itself at pixels where the map is -1."""
    use: str = ""
    """When to take it, in half a sentence, for the table in docs/networks.md; left out, the file's first line."""

    def module(self, config: C | None = None) -> "nn.Module":
        """Build the module, which checks the shape of its inputs.

        Args:
            config: the settings; by default the defaults.

        Raises:
            WrongUse: the settings are invalid.

        >>> torch = registry.library("torch")
        >>> registry.get("networks", "unet").module()(torch.zeros(1, 3, 40, 64))
        Traceback (most recent call last):
        repix.errors.WrongShape: unet takes multiples of 32 as height and width, but was given 40×64; pad to 64×64.
        """
        config = self._checked(config)
        module = self.build(config)
        third = self.third_side(config)
        slice_step = None if third is None else third.step
        check = InputCheck(self.name, config.in_channels, self.step(config), self.fixed(config), slice_step)
        module.register_forward_pre_hook(check)
        return module

    @property
    def dimensions(self) -> int:
        """2 for pictures, 3 for volumes."""
        return 2 if self.slices is None else 3

    @cached_property
    def function(self) -> Callable[..., "nn.Module"]:
        """The public function, `repix.networks.unet(in_channels=1)`; every setting is a parameter.

        >>> registry.get("networks", "pixelwise").function(width=8)
        Traceback (most recent call last):
        repix.errors.WrongUse: pixelwise has no parameter 'width'; did you mean 'widths'?
        """
        nn = registry.library("torch").nn
        name = self.name.replace("-", "_")
        pictures = self.slices is None
        turned = "N×C×H×W into N×C'×(scale·H)×(scale·W)" if pictures else "N×C×D×H×W into N×C'×D×H×W"
        docs = Docs(
            f"Return the network {self.name} as a plain torch module.",
            inspect.cleandoc(self.build.__doc__ or ""),
            f"A module that turns {turned}. It takes heights and widths that are multiples "
            "of its step, and refuses others with a `WrongShape`.",
            "A setting is unknown or out of its range, or settings do not go together.",
        )
        arguments = settings_arguments(self.config)
        return function_of(
            "repix.networks", name, arguments, docs, nn.Module, lambda given: self.module(self.from_dict(given))
        )

    def fits(self, config: C) -> str | None:
        """Check settings without allocating weights.

        Returns:
            None if the settings are valid, else the reason why not.

        >>> network = registry.get("networks", "picture-unet")
        >>> network.fits(network.config(upsampler="nearest"))
        'nearest keeps the number of channels, so 1024 cannot become 256; use 256 input channels, or resize-conv.'
        """
        try:
            with registry.library("torch").device("meta"):
                self.module(config)
        except WrongUse as error:
            return str(error)
        return None

    def scale(self, config: C | None = None) -> int:
        """Return the upsampling factor of the output.

        >>> registry.get("networks", "compact").scale()
        2
        """
        return self.receptive_field(self._checked(config)).scale

    def step(self, config: C | None = None) -> int:
        """Return the step (total stride); heights and widths must be multiples of it.

        >>> registry.get("networks", "unet").step()
        32
        """
        return self.receptive_field(self._checked(config)).step

    def halo(self, config: C | None = None) -> int | None:
        """Return the halo: the margin of the receptive field in input pixels, or None if it is unbounded.

        >>> registry.get("networks", "dncnn").halo()
        17
        """
        return self.receptive_field(self._checked(config)).halo

    def third_side(self, config: C | None = None) -> "Slices | None":
        """Return step and halo along the slices; None for a network for pictures.

        >>> registry.get("networks", "unet-3d").third_side()
        Slices(step=2, halo=9)
        >>> registry.get("networks", "unet").third_side()
        """
        if self.slices is None:
            return None
        from repix.conversion.contract_parts import Slices

        field = self.slices(self._checked(config))
        return Slices(field.step, field.halo)

    def measured_halo(self, module: "nn.Module", config: C) -> int:
        """Measure the halo of a module, by propagating NaN from single input pixels.

        Args:
            module: the module, in eval mode.
            config: its settings.

        Returns:
            The margin of the measured receptive field, in input pixels.

        Raises:
            WrongUse: the receptive field is unbounded.

        >>> network = registry.get("networks", "wide-kernel")
        >>> network.measured_halo(network.module(network.small).eval(), network.small) == network.halo(network.small)
        True
        """
        at_most = self.halo(config)
        if at_most is None:
            raise WrongUse(f"The receptive field of {self.name} is unbounded with these settings; it has no halo.")
        from repix.networks._measured_halo import RepeatedSlice, measured_halo

        third = self.third_side(config)
        if third is not None:
            module = RepeatedSlice(module, third.step)
        return measured_halo(module, config.in_channels, self.scale(config), self.step(config), at_most)

    def measured_slice_halo(self, module: "nn.Module", config: C) -> int:
        """Measure the halo along the slices of a module for volumes; see `measured_halo`.

        >>> network = registry.get("networks", "unet-3d")
        >>> network.measured_slice_halo(network.module(network.small).eval(), network.small)
        5
        """
        third = self.third_side(config)
        if third is None or third.halo is None:
            raise WrongUse(f"{self.name} has no halo along slices with these settings.")
        from repix.networks._measured_halo import OnlySlices, measured_halo

        alone = OnlySlices(module, self.step(config))
        return measured_halo(alone, config.in_channels, 1, third.step, third.halo, axes=(3,))

    def cost(self, config: C | None = None) -> "Cost":
        """Return the number of parameters and of multiply-adds, without allocating weights.

        Multiply-adds of attention depend on the size; they are those of a window.

        >>> registry.get("networks", "channel-mixer").cost()
        Cost(parameters=640, macs=832)
        """
        from repix.networks._cost import measured_cost

        config = self._checked(config)
        with registry.library("torch").device("meta"):
            module = self.module(config).train()  # without the extra padding of inference
        third = self.third_side(config)
        sides = () if third is None else (2 * third.step,)
        return measured_cost(module, config.in_channels, self.usual_side(config), sides)

    def usual_side(self, config: C) -> int:
        """Return a side that the module takes: the only one, that of its windows, or two steps.

        >>> network = registry.get("networks", "transunet")
        >>> network.usual_side(network.config())
        256
        """
        windows = self.windows(config)
        return self.fixed(config) or (windows.size if windows is not None else 2 * self.step(config))

    def from_dict(self, settings: Mapping[str, Any]) -> C:
        """Return the configuration of a dictionary from JSON or TOML, as written by `config.to_dict()`.

        Args:
            settings: values by name; missing settings have their defaults.

        Raises:
            WrongUse: a setting is unknown or invalid, or the settings do not fit together.

        >>> network = registry.get("networks", "unet")
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
            raise WrongUse(f"The settings are {config!r}; {self.name} needs its own Config.")
        reason = self.config_error(config)
        if reason is not None:
            raise WrongUse(reason)
        return config


@dataclass(frozen=True)
class InputCheck:
    """Forward pre-hook that checks the shape of a module's input."""

    name: str
    channels: int
    step: int
    fixed: int | None
    slice_step: int | None = None
    """Step along the slices, of a module for volumes."""

    def __call__(self, _: "nn.Module", given: tuple["Tensor", ...]) -> None:
        """Check the shape, except while a graph is traced, when sizes are symbolic."""
        torch = registry.library("torch")
        if torch.jit.is_tracing() or torch.compiler.is_compiling():
            return
        reason = self.reason(tuple(given[0].shape))
        if reason is not None:
            raise WrongShape(reason)

    def reason(self, shape: tuple[int, ...]) -> str | None:
        """Return the reason why a shape is invalid, or None.

        >>> InputCheck("unet", 3, 32, None).reason((1, 1, 64, 64))
        'unet takes pictures of 3 channels, but was given 1.'
        """
        kind, sides = ("pictures", "N×C×H×W") if self.slice_step is None else ("volumes", "N×C×D×H×W")
        if len(shape) != len(sides.split("×")):
            return f"{self.name} takes {kind} {sides}, but the input has the shape {shape}."
        channels, height, width = shape[1], *shape[-2:]
        if channels != self.channels:
            return f"{self.name} takes {kind} of {self.channels} channels, but was given {channels}."
        if self.slice_step is not None and (shape[2] % self.slice_step or not shape[2]):
            return f"{self.name} takes multiples of {self.slice_step} slices, but was given {shape[2]}; pad them."
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
    """Return the settings with another upsampler.

    Args:
        network: the network.
        config: its settings.
        upsampler: name of the upsampler, with its settings.

    Returns:
        A copy of the settings.

    Raises:
        WrongUse: the network has no configurable upsampler.

    >>> network = registry.get("networks", "unet")
    >>> with_upsampler(network, network.config(), "nearest").upsampler
    'nearest'
    """
    if "upsampler" not in parameters(network.config):
        raise WrongUse(f"{network.name} has no upsampler to replace.")
    return replace(config, upsampler=upsampler)  # type: ignore[call-arg]


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo
    __all__ = [
        "Configuration",
        "InChannels",
        "InputCheck",
        "Network",
        "OutChannels",
        "ReceptiveField",
        "UpsamplerName",
        "bundled_features",
        "parse_upsampler",
        "with_encoder",
        "with_upsampler",
    ]

    def __getattr__(name: str) -> Any:
        """`repix.networks.unet` builds the network of the file `unet.py`, whose settings are its parameters."""
        if name in LAZY:
            registry.library("torch")
            return getattr(import_module(LAZY[name]), name)
        return registry.function("networks", name)


registry.open_family(__name__)
