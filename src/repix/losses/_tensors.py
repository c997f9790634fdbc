"""Shared by losses: checks of shapes, and differences in at least 32 bits."""

from typing import TYPE_CHECKING

from repix.errors import WrongShape

if TYPE_CHECKING:
    from torch import Tensor


def difference(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Return prediction - target; refused if their shapes differ, which would broadcast."""
    if prediction.shape != target.shape:
        raise WrongShape(
            f"The prediction has shape {tuple(prediction.shape)} and the target {tuple(target.shape)}; "
            "they must have the same shape."
        )
    return at_least_float32(prediction) - target


def at_least_float32(tensor: "Tensor") -> "Tensor":
    """Return the tensor with at least 32 bits for each value."""
    return tensor.float() if tensor.itemsize < 4 else tensor


def require_classes(scores: "Tensor", labels: "Tensor") -> None:
    """Refuse scores and class numbers whose shapes do not fit together."""
    if scores.ndim != 4 or labels.shape != (scores.shape[0], *scores.shape[2:]):
        raise WrongShape(
            f"The scores have shape {tuple(scores.shape)} and the labels {tuple(labels.shape)}; "
            "they must be N×C×H×W and N×H×W."
        )
