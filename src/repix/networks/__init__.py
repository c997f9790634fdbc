"""Networks: plain torch modules, one file each, with their settings and what they promise of sizes.

    network = members.member("networks", "unet")
    config = network.config(channels_out=4, upsampler="transposed kernel=4")
    module = network.module(config)                           # a plain nn.Module: N×3×H×W -> N×4×H×W
    network.step(config), network.halo(config)                # 32 and 155: H, W are multiples; so far sees a pixel

Pictures are N×C×H×W with numbers in [0, 1]. A module takes heights and widths that are multiples of its step and
nothing else: padding and cropping belong to whoever feeds it. Networks for classes give scores, not probabilities.

Every configuration has `channels_in` and `channels_out`; those that enlarge have `scale`; those with an upsampler name
it in `upsampler`, with its settings behind it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from repix import members
from repix.errors import WrongShape, WrongUse
from repix.networks._reach import Reach
from repix.parameters import Bounds, parameters
from repix.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor, nn

    from repix.networks._counting import Counts

ChannelsIn = Annotated[int, "channels of the pictures that go in", Bounds(1, 4096)]
ChannelsOut = Annotated[int, "channels of the pictures that come out, or classes", Bounds(1, 4096)]
UpsamplerName = Annotated[str, "the upsampler, with its settings behind it: 'transposed kernel=4'"]


@dataclass(frozen=True)
class Configuration(Settings):
    """The settings that every network has."""

    channels_in: ChannelsIn = 3
    channels_out: ChannelsOut = 3


C = TypeVar("C", bound=Configuration)


def _no_objection(_: Any) -> None:
    return None


def _any_size(_: Any) -> None:
    return None


def _as_exported(config: C) -> C:
    return config


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
    reach: Callable[[C], Reach]
    """What comes of an input pixel, layer by layer; from this follow scale, step and halo."""
    small: C
    """A configuration small enough to try things with."""
    objection: Callable[[C], str | None] = _no_objection
    """Why settings do not go together."""
    fixed: Callable[[C], int | None] = _any_size
    """The one height and width that it takes, where there is only one."""
    narrow: Callable[["nn.Module", C], tuple["nn.Module", C]] = _as_trained
    """What is exported of a trained module, and its settings: the same pictures for less work, where that can be."""
    widen: Callable[[C], C] = _as_exported
    """The settings to train on with, of those that were exported; the way back from `narrow`."""

    def module(self, config: C | None = None) -> "nn.Module":
        """The module, which refuses pictures of a wrong shape.

        >>> torch = members.library("torch")
        >>> members.member("networks", "unet").module()(torch.zeros(1, 3, 40, 64))
        Traceback (most recent call last):
        repix.errors.WrongShape: unet takes multiples of 32 as height and width, but was given 40×64; pad to 64×64.
        """
        config = self._checked(config)
        module = self.build(config)
        entrance = Entrance(self.name, config.channels_in, self.step(config), self.fixed(config))
        module.register_forward_pre_hook(entrance)
        return module

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
        return self.reach(self._checked(config)).scale

    def step(self, config: C | None = None) -> int:
        """What height and width of a picture must be multiples of."""
        return self.reach(self._checked(config)).step

    def halo(self, config: C | None = None) -> int | None:
        """How many input pixels around its own an output pixel depends on; None: everywhere."""
        return self.reach(self._checked(config)).halo

    def influence(self, module: "nn.Module", config: C) -> int:
        """How many input pixels around its own an output pixel was seen to depend on; for those that have a halo.

        >>> network = members.member("networks", "wide-kernel")
        >>> network.influence(network.module(network.small).eval(), network.small) == network.halo(network.small)
        True
        """
        at_most = self.halo(config)
        if at_most is None:
            raise WrongUse(f"{self.name} sees everywhere with these settings, so there is nothing to measure.")
        from repix.networks._influence import influence

        return influence(module, config.channels_in, self.scale(config), self.step(config), at_most)

    def count(self, config: C | None = None) -> "Counts":
        """Its parameters and its work, found on a module without weights.

        >>> members.member("networks", "channel-mixer").count()
        Counts(parameters=640, work=832)
        """
        from repix.networks._counting import counted

        config = self._checked(config)
        with members.library("torch").device("meta"):
            module = self.module(config).train()  # without what only the borders of whole pictures need
        return counted(module, config.channels_in, self.fixed(config) or 2 * self.step(config))

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
        reason = self.objection(config)
        if reason is not None:
            raise WrongUse(reason)
        return config


@dataclass(frozen=True)
class Entrance:
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

        >>> Entrance("unet", 3, 32, None).reason((1, 1, 64, 64))
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
    """The same settings with another upsampler; refused where a network has none to change.

    >>> network = members.member("networks", "unet")
    >>> with_upsampler(network, network.config(), "nearest").upsampler
    'nearest'
    """
    if "upsampler" not in parameters(network.config):
        raise WrongUse(f"{network.name} enlarges nothing, so no upsampler can stand in it.")
    return replace(config, upsampler=upsampler)  # type: ignore[call-arg]


def __getattr__(name: str) -> Callable[..., Any]:
    """`repix.networks.unet` is the function in the file `unet.py`: a configuration becomes a module."""
    return members.function("networks", name)


members.open_family(__name__)
