"""A setting whose value is drawn for each picture.

sigma=25        always 25
sigma=5..50     uniform in a range
sigma=log(5..50)    uniform in the logarithm
style=canny|pencil  one of several
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from repix.errors import WrongUse
from repix.parameters import Parameter
from repix.printable import shown


@dataclass(frozen=True)
class Draw:
    """The values of one setting."""

    name: str
    values: tuple[Any, ...]
    """The least and the most of a range; otherwise the choices."""
    spacing: Literal["linear", "log", "choice"] = "choice"

    def draw(self, rng: np.random.Generator) -> Any:
        """Return one value: uniform in the range, in its logarithm, or among the choices.

        A single value takes nothing from the generator.
        """
        if self.spacing == "choice":
            return self.values[rng.integers(len(self.values))] if len(self.values) > 1 else self.values[0]
        low, high = self.values
        if isinstance(low, int):
            return int(rng.integers(low, high + 1))
        if self.spacing == "log":
            return math.exp(rng.uniform(math.log(low), math.log(high)))
        return rng.uniform(low, high)


def alternatives(text: str) -> list[str]:
    """Return the texts of the values: both ends of a range, or the choices.

    >>> alternatives("log(5..50)"), alternatives("canny|pencil"), alternatives("25")
    (['5', '50'], ['canny', 'pencil'], ['25'])
    """
    inner = text.removeprefix("log(").removesuffix(")")
    return inner.split("..") if ".." in inner else inner.split("|")


def read_draw(parameter: Parameter, text: str) -> Draw:
    """Parse the value of a setting.

    Args:
        parameter: the setting, with its bounds.
        text: such as "5..50".

    Raises:
        WrongUse: a value is out of range, or the range is not one.
    """
    values = tuple(parameter.read(one) for one in alternatives(text))
    if ".." not in text:
        return Draw(parameter.name, values)
    if len(values) != 2 or not all(isinstance(one, int | float) for one in values):
        raise WrongUse(f"{parameter.name} is {shown(text)}; a range is two numbers, such as 0.5..2.")
    low, high = values
    if low > high:
        raise WrongUse(f"{parameter.name} goes from {low:g} to {high:g}; write the smaller number first.")
    if text.startswith("log(") and low <= 0:
        raise WrongUse(f"{parameter.name} is {shown(text)}; a logarithmic range begins above 0.")
    return Draw(parameter.name, values, "log" if text.startswith("log(") else "linear")
