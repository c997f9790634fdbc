"""Side input: the description of an input besides the picture, which a contract carries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.parameters import Bounds, Range
from repix.printable import shown
from repix.settings import Settings

CHOSEN = -1.0
"""The value at which a model chooses the value of the pixel itself, where it can."""


@dataclass(frozen=True)
class SideInput(Settings):
    """An input of a model besides the picture, such as color hints or a noise level.

    >>> SideInput("level", "noise-level").channels
    1
    """

    name: Annotated[str, "its name, by which a conversion is given a value for it"]
    kind: Annotated[
        Literal["color-hints", "noise-level", "noise-map", "perception-map"],
        "what it means; a noise level is one number for the whole picture, its σ where white is 1; all others are maps",
    ]
    channels: Annotated[int, "channels of a map", Bounds(1, 4096)] = 1
    range: Annotated[Range, "the least and the greatest value"] = (0.0, 1.0)
    default: Annotated[float, "the value where none is given"] = 0.0
    chosen: Annotated[bool, "whether the model chooses the value itself at pixels where it is -1"] = False

    def __post_init__(self) -> None:
        """Check that the parts go together."""
        super().__post_init__()
        if not self.name:
            raise WrongUse("A side input has an empty name; a conversion is given its value by this name.")
        if self.kind == "noise-level" and self.channels != 1:
            raise WrongUse(f"The side input {shown(self.name)} has {self.channels} channels; a noise level has 1.")
        low, high = self.range
        if not low <= self.default <= high:
            raise WrongUse(
                f"The side input {shown(self.name)} has the default {self.default:g}; its range is {low:g} to {high:g}."
            )

    def require_inside(self, values: Array) -> None:
        """Refuse values outside the range, or that are not numbers.

        >>> SideInput("level", "noise-level").require_inside(np.array([25.0]))
        Traceback (most recent call last):
        repix.errors.WrongUse: The side input 'level' has the value 25; it must be from 0 to 1.
        """
        low, high = self.range
        inside = (values >= low) & (values <= high)
        if self.chosen:
            inside |= values == CHOSEN
        if not inside.all():
            first = values[~inside].flat[0]
            raise WrongUse(
                f"The side input {shown(self.name)} has the value {first:g}; it must be from {low:g} to {high:g}."
            )


def side_channels(side_inputs: Sequence[SideInput]) -> int:
    """Return the number of channels of some side inputs.

    >>> side_channels([SideInput("hints", "color-hints", 3, (-1, 1)), SideInput("level", "noise-level")])
    4
    """
    return sum(one.channels for one in side_inputs)


def channels_of_kind(side_inputs: Sequence[SideInput], kind: str) -> tuple[slice, ...]:
    """Return the channels of side inputs of a kind, among those of all side inputs.

    >>> channels_of_kind([SideInput("level", "noise-level"), SideInput("hints", "color-hints", 3)], "color-hints")
    (slice(1, 4, None),)
    """
    starts = [side_channels(side_inputs[:number]) for number in range(len(side_inputs))]
    return tuple(
        slice(start, start + one.channels) for start, one in zip(starts, side_inputs, strict=True) if one.kind == kind
    )


def with_defaults(x: Array, side_inputs: Sequence[SideInput]) -> Array:
    """Return N×C×H×W with the default values of side inputs as further channels.

    >>> with_defaults(np.ones((1, 1, 2, 2), np.float32), [SideInput("hints", "color-hints", 3)]).shape
    (1, 4, 2, 2)
    """
    if not side_inputs:
        return x
    added = side_channels(side_inputs)
    wider = np.empty((len(x), x.shape[1] + added, *x.shape[2:]), x.dtype)
    wider[:, : x.shape[1]] = x
    defaults = [one.default for one in side_inputs for _ in range(one.channels)]
    wider[:, x.shape[1] :] = np.array(defaults, x.dtype)[:, np.newaxis, np.newaxis]
    return wider
