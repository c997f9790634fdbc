"""The upsampler that a network's configuration names, as a text: `bilinear`, `transposed kernel=3 bias=no`."""

from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from repix import members
from repix.errors import WrongUse
from repix.parameters import read_settings
from repix.upsampling import Upsampler


@dataclass(frozen=True)
class Chosen:
    """An upsampler with its settings, ready to stand in a network."""

    upsampler: Upsampler[Any]
    settings: Any

    @property
    def needs_indices(self) -> bool:
        """Whether a pool must keep its indices for it."""
        return self.upsampler.needs_indices

    def halo(self, scale: int) -> int | None:
        """How many pixels around its own one of its output pixels depends on."""
        return self.upsampler.halo(scale, self.settings)

    def gives(self, channels_in: int, wanted: int, scale: int) -> int:
        """How many channels come out: those wanted where it can choose, else what its kind gives.

        >>> [chosen(name).gives(64, 32, 2) for name in ("transposed", "nearest", "reshape")]
        [32, 64, 16]
        """
        kind = self.upsampler.channels
        return {"any": wanted, "same": channels_in, "blocks": max(channels_in // scale**2, 1)}[kind]

    def layer(self, channels_in: int, channels_out: int, scale: int, pooled: int | None = None) -> nn.Module:
        """The layer, refused with the upsampler's own reason where it does not fit.

        `pooled` is how many channels the pool had whose indices can be given; None where there is no such pool.

        >>> chosen("nearest").layer(64, 32, 2)
        Traceback (most recent call last):
        repix.errors.WrongUse: nearest gives as many channels as it gets, so 64 cannot become 32; give it 32.
        """
        name = self.upsampler.name
        has = pooled is not None
        reason = self.upsampler.fits(channels_in, channels_out, scale, self.settings, has_indices=has)
        if reason is None and self.needs_indices and pooled != channels_in:
            reason = f"{name} puts back the {pooled} channels that a max pool took, but {channels_in} arrive here."
        if reason is not None:
            raise WrongUse(reason if name in reason else f"{name}: {reason}")
        return self.upsampler.layer(channels_in, channels_out, scale, self.settings)


def chosen(text: str, *, bias: bool = True) -> Chosen:
    """Read a text; `bias=False` takes away the bias of an upsampler that has one.

    >>> chosen("transposed kernel=2").settings
    TransposedSettings(kernel=2, bias=True)
    >>> chosen("nearest size=2")
    Traceback (most recent call last):
    repix.errors.WrongUse: In the upsampler 'nearest size=2': nearest has no setting 'size'; it has none.
    """
    name, *words = text.split() or [""]
    if not name:
        raise WrongUse("The upsampler is empty; name one, such as 'bilinear' or 'transposed kernel=4'.")
    upsampler: Upsampler[Any] = members.member("upsampling", name)
    try:
        settings = upsampler.settings(**read_settings(name, upsampler.settings, words))
    except WrongUse as error:
        raise type(error)(f"In the upsampler '{text}': {error}") from None
    if not bias and hasattr(settings, "bias"):
        settings = replace(settings, bias=False)
    return Chosen(upsampler, settings)
