"""Parse the upsampler of a configuration: `bilinear`, `transposed kernel=3 bias=no`."""

from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from repix import registry
from repix.errors import WrongUse
from repix.parameters import read_settings
from repix.upsampling import Upsampler


@dataclass(frozen=True)
class ConfiguredUpsampler:
    """An upsampler with its settings."""

    upsampler: Upsampler[Any]
    settings: Any

    @property
    def needs_indices(self) -> bool:
        """True if the upsampler needs the indices of a max pool."""
        return self.upsampler.needs_indices

    def halo(self, scale: int) -> int | None:
        """Return the halo of the upsampler, in input pixels."""
        return self.upsampler.halo(scale, self.settings)

    def output_channels(self, in_channels: int, wanted: int, scale: int) -> int:
        """Return the number of output channels: the wanted number if the upsampler can produce it, else its own.

        >>> [parse_upsampler(name).output_channels(64, 32, 2) for name in ("transposed", "nearest", "reshape")]
        [32, 64, 16]
        """
        kind = self.upsampler.channels
        return {"any": wanted, "same": in_channels, "blocks": max(in_channels // scale**2, 1)}[kind]

    def layer(self, in_channels: int, out_channels: int, scale: int, pooled: int | None = None) -> nn.Module:
        """Build the layer.

        Args:
            in_channels: input channels.
            out_channels: output channels.
            scale: upsampling factor.
            pooled: channels of the max pool that supplies indices; None if there is no such pool.

        Raises:
            WrongUse: the upsampler does not fit.

        >>> parse_upsampler("nearest").layer(64, 32, 2)
        Traceback (most recent call last):
        repix.errors.WrongUse: nearest keeps the number of channels, so 64 cannot become 32; use 32 input ...
        """
        name = self.upsampler.name
        has = pooled is not None
        reason = self.upsampler.fits(in_channels, out_channels, scale, self.settings, has_indices=has)
        if reason is None and self.needs_indices and pooled != in_channels:
            reason = f"{name} needs the {pooled} channels of the max pool, but its input has {in_channels}."
        if reason is not None:
            raise WrongUse(reason if name in reason else f"{name}: {reason}")
        return self.upsampler.layer(in_channels, out_channels, scale, self.settings)


def parse_upsampler(text: str, *, bias: bool = True) -> ConfiguredUpsampler:
    """Parse an upsampler and its settings.

    Args:
        text: such as "transposed kernel=4".
        bias: false removes the bias of an upsampler that has one.

    Returns:
        The upsampler, with methods that say its halo and its output channels, and that build the layer.

    Raises:
        WrongUse: the name or a setting is invalid.

    >>> parse_upsampler("transposed kernel=2").settings
    TransposedSettings(kernel=2, bias=True)
    >>> parse_upsampler("nearest size=2")
    Traceback (most recent call last):
    repix.errors.WrongUse: In the upsampler 'nearest size=2': nearest has no setting 'size'; it has none.
    """
    name, *words = text.split() or [""]
    if not name:
        raise WrongUse("The upsampler is empty; name one, such as 'bilinear' or 'transposed kernel=4'.")
    upsampler: Upsampler[Any] = registry.get("upsampling", name)
    try:
        settings = upsampler.settings(**read_settings(name, upsampler.settings, words))
    except WrongUse as error:
        raise type(error)(f"In the upsampler '{text}': {error}") from None
    if not bias and hasattr(settings, "bias"):
        settings = replace(settings, bias=False)
    return ConfiguredUpsampler(upsampler, settings)
