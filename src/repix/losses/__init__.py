"""Losses: how far a prediction is from its target, as one number with a gradient. One file each.

`repix.losses.charbonnier(prediction, target)` calls the function in the file `charbonnier.py`. It takes torch's tensors
and works in any training loop; torch is imported when a loss is called, not before.

Pictures are N×C×H×W, prediction and target alike. A prediction of classes holds scores N×C×H×W, before softmax; its
target holds class numbers N×H×W, where 255 marks pixels that do not count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from repix import registry

if TYPE_CHECKING:
    from torch import Tensor

    from repix.losses._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)

PictureLoss = Literal["l1", "mse", "charbonnier", "log-mse"]
"""The losses that a task offers for pictures."""
SceneLoss = Literal[PictureLoss, "lines"]
"""The losses that a task offers for pictures made out of lines."""
ClassLoss = Literal["cross-entropy", "dice"]
"""The losses that a task offers for classes."""


@dataclass(frozen=True)
class Loss:
    """What a file of this family offers: the function, and what it compares."""

    function: Callable[..., "Tensor"]
    target: Literal["picture", "classes"] = "picture"
    """What the prediction is compared with."""
    lowest: float | None = 0.0
    """The loss of a prediction that equals its target; None where only certainty without end would reach it."""


def loss_named(name: str) -> Callable[..., "Tensor"]:
    """Return the function of a loss; a plugin's has the name of its entry point.

    >>> loss_named("log-mse").__name__
    'log_mse'
    """
    loss: Loss = registry.get("losses", name)
    return loss.function


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo
    __all__ = ["ClassLoss", "Loss", "PictureLoss", "SceneLoss", "loss_named"]

    def __getattr__(name: str) -> Callable[..., "Tensor"]:
        """`repix.losses.mse` is the function in the file `mse.py`."""
        return registry.function("losses", name)


registry.open_family(__name__)
