"""Metrics with named protocols, so that a number can be compared with somebody else's. One file each.

`repix.metrics.rgb(result, truth)` calls the function in the file `rgb.py`. Pictures are arrays H×W or H×W×C of float32
or float64 where 0 is black and 1 is white; label maps are arrays H×W of whole class numbers. Settings that a protocol
has are its function's further parameters, documented in their annotations; those without a default must be given.
There is no default protocol: PSNR of one pair of pictures differs by more than 1 dB between the ways to compute it.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from repix import members
from repix.parameters import Parameter, parameters


class Tally(typing.Protocol):
    """What a protocol counts in one pair; tallies of many pairs are added before the number is made."""

    def __add__(self, other: typing.Any, /) -> typing.Self:
        """The tally of both pairs together."""
        ...

    @property
    def value(self) -> float:
        """The protocol's number."""
        ...

    @property
    def parts(self) -> Mapping[str, float]:
        """The numbers behind the value, by name."""
        ...


@dataclass(frozen=True)
class Protocol:
    """What a file of this family offers: the function, and how its number is read."""

    function: Callable[..., float]
    unit: str = ""
    better: typing.Literal["higher", "nearer to 1"] = "higher"
    best: float = 1.0
    """What a result equal to its truth gets."""
    labels: bool = False
    """Whether the function compares maps of classes instead of pictures."""
    tally: Callable[..., Tally] | None = None
    """What the function counts before it makes its number. Over many pairs tallies are added; without a tally, the
    number of many pairs is the mean of theirs."""

    @property
    def settings(self) -> Mapping[str, Parameter]:
        """The function's parameters besides result and truth."""
        return parameters(self.function)

    def complete(self, given: Mapping[str, typing.Any]) -> dict[str, typing.Any]:
        """These settings, checked, and the defaults of the others; `inspect.Parameter.empty` where there is none."""
        described = self.settings
        for key in described.keys() & given.keys():
            described[key].check(given[key])
        return {key: given.get(key, parameter.default) for key, parameter in described.items()}

    @property
    def looks_at_result(self) -> bool:
        """Whether the function takes a result, or measures what a baseline makes of the truth."""
        return "result" in inspect.signature(self.function).parameters


def __getattr__(name: str) -> Callable[..., float]:
    """`repix.metrics.rgb` is the function in the file `rgb.py`."""
    return members.function("metrics", name)


members.open_family(__name__)
