"""Losses: the distance between a prediction and its target, as a scalar tensor. One file each.

`repix.losses.charbonnier(prediction, target)` calls the function in the file `charbonnier.py`. It takes torch tensors
and works in any training loop. torch is imported when a loss is called.

Pictures are N×C×H×W, prediction and target alike. A prediction of classes consists of scores N×C×H×W (logits); its
target consists of class numbers N×H×W, where 255 marks ignored pixels.
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
"""The losses that a task offers for pictures made from lines."""
ClassLoss = Literal["cross-entropy", "dice"]
"""The losses that a task offers for classes."""


@dataclass(frozen=True)
class Loss:
    """A member of this family: the function, and its kind of target."""

    function: Callable[..., "Tensor"]
    target: Literal["picture", "classes"] = "picture"
    """The kind of the target."""
    lowest: float | None = 0.0
    """The loss of a perfect prediction; None if finite scores do not reach it."""
    needs_features: bool = False
    """True if the function takes a feature network, too."""


def loss_named(name: str) -> Callable[..., "Tensor"]:
    """Return the function of a loss, by the name of its file or entry point.

    >>> loss_named("log-mse").__name__
    'log_mse'
    """
    loss: Loss = registry.get("losses", name)
    return loss.function


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`
    __all__ = ["ClassLoss", "Loss", "PictureLoss", "SceneLoss", "loss_named"]

    def __getattr__(name: str) -> Callable[..., "Tensor"]:
        """Return the function of a loss: `repix.losses.mse` is in the file `mse.py`."""
        return registry.function("losses", name)


registry.open_family(__name__)
