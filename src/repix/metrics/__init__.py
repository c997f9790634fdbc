"""Metrics, one file each. The name of a metric says how it is computed, so that values can be compared with papers.

    psnr = repix.metrics.psnr_rgb(result, truth)

Pictures are arrays H×W or H×W×C of float32 or float64 in [0, 1]; label maps are integer arrays H×W. Some metrics need
only the result (`niqe`), or only the truth. The further parameters of a metric are documented in their annotations;
those without a default are required. There is no metric `psnr`, because the common definitions differ by more than 1 dB
for the same pair of pictures.
"""

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from repix import registry
from repix.errors import WrongUse
from repix.parameters import Parameter, parameters

if typing.TYPE_CHECKING:
    from repix.metrics._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)


class Tally(typing.Protocol):
    """Statistics of one pair of pictures; tallies of several pairs are added before the metric's value is computed."""

    def __add__(self, other: typing.Any, /) -> typing.Self:
        """Return the tally of both pairs together."""
        ...

    @property
    def value(self) -> float:
        """The metric's value."""
        ...

    @property
    def parts(self) -> Mapping[str, float]:
        """Components of the value by name, such as the value of each class."""
        ...

    def as_json(self) -> Mapping[str, typing.Any]:
        """Return what `Metric.read_tally` takes as keywords."""
        ...


@dataclass(frozen=True)
class Metric:
    """A metric plugin: a function and its properties."""

    function: Callable[..., float]
    unit: str = ""
    better: typing.Literal["higher", "lower", "nearer to 1"] = "higher"
    best: float = 1.0
    """Value of a result that equals its truth."""
    labels: bool = False
    """The function compares label maps instead of pictures."""
    tally: Callable[..., Tally] | None = None
    """Function that returns the tally of a pair. The value over several pairs is that of the added tallies; without a
    tally, it is the mean of the pairs' values."""
    read_tally: Callable[..., Tally] | None = None
    """Makes a tally again from its `as_json`, so that measuring a folder can continue where it stopped."""
    note: str = ""
    """Words about the metric that its label shows, such as "of the truth alone"."""
    pool: Callable[[Sequence[float]], float] | None = None
    """Function that joins the values of several pairs better than their mean, which one value without a bound would
    dominate; None: the mean is good."""

    def __post_init__(self) -> None:
        if (self.tally is None) != (self.read_tally is None):
            raise WrongUse(f"{self.function.__name__} must offer both `tally` and `read_tally`, or neither.")

    @property
    def arrays(self) -> tuple[str, ...]:
        """The arrays that the function takes: "result", "truth", or both.

        >>> registry.get("metrics", "niqe").arrays, registry.get("metrics", "psnr-rgb").arrays
        (('result',), ('result', 'truth'))
        """
        return tuple(name for name in ("result", "truth") if name in inspect.signature(self.function).parameters)

    @property
    def settings(self) -> Mapping[str, Parameter]:
        """The function's parameters other than result and truth."""
        return parameters(self.function)

    def goodness(self, value: float) -> float:
        """Return a number that is larger for better values.

        >>> Metric(max, better="lower").goodness(0.25)
        -0.25
        """
        return {"higher": value, "lower": -value, "nearer to 1": -abs(value - 1)}[self.better]

    def complete(self, given: Mapping[str, typing.Any]) -> dict[str, typing.Any]:
        """Return the given settings, checked, with defaults for the others (`inspect.Parameter.empty` if required).

        Args:
            given: values by name of the setting; other keys are ignored.

        Raises:
            WrongUse: a value is out of range.
        """
        described = self.settings
        for key in described.keys() & given.keys():
            described[key].check(given[key])
        return {key: given.get(key, parameter.default) for key, parameter in described.items()}


if not typing.TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo

    def __getattr__(name: str) -> Callable[..., float]:
        """`repix.metrics.psnr_rgb` is the function in the file `psnr_rgb.py`."""
        return registry.function("metrics", name)


registry.open_family(__name__)
