"""Losses: how far a prediction is from its target, one number that training makes small.

They take torch's tensors, and torch is imported when one that needs it is called. Predictions of pictures are N×C×H×W
like their targets; predictions of classes are scores N×C×H×W, before softmax, and their targets class numbers N×H×W.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from repix.errors import WrongShape
from repix.masks import IGNORED
from repix.members import library

if TYPE_CHECKING:
    from torch import Tensor

PictureLoss = Literal["l1", "mse", "charbonnier", "log-mse"]
SceneLoss = Literal[PictureLoss, "lines"]
ClassLoss = Literal["cross-entropy", "dice"]

ROUND_OFF = 1e-3
"""Charbonnier's bend: differences well above it count as they are, those below as their squares."""

STEEPNESS = 5
"""How much a difference in steepness counts beside one in colour: photos then lose about as much by either."""
SIZES = 4
"""At which steepness is asked, each half of the one before."""

LEAST_ERROR = 1e-8
"""Added before the logarithm: an error of 80 dB counts as nearly none."""


def l1(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Mean absolute error.

    >>> import torch
    >>> round(l1(torch.tensor([2.06, -4.36, -0.65]), torch.tensor([11.18, 11.66, 8.97])).item(), 3)
    11.587
    """
    return _difference(prediction, target).abs().mean()


def mse(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Mean squared error.

    >>> import torch
    >>> round(mse(torch.tensor([2.06, -4.36, -0.65]), torch.tensor([11.18, 11.66, 8.97])).item(), 2)
    144.12
    """
    return _difference(prediction, target).square().mean()


def charbonnier(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Mean of √(difference² + ε²) - ε: the absolute error, rounded off at zero."""
    return (_difference(prediction, target).square() + ROUND_OFF**2).sqrt().mean() - ROUND_OFF


def log_mse(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Mean over the pictures of log(mean squared error): each picture's decibels count alike, however noisy it is."""
    errors = _difference(prediction, target).square().flatten(1).mean(1)
    return (errors + LEAST_ERROR).log().mean()


def lines(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Mean absolute error, plus that of how steep each place is: a line must be there, whichever side of it is darker.

    How steep a place is, is asked of the channels' mean after smoothing, because fine dots are steep and no line; and
    at half, a quarter and an eighth of the size too, because what lies on two sides of a line differs as a whole.
    Places count as much as they are steep in the target: where nothing is to be seen, nothing is invented.

    >>> import torch
    >>> step = torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]).expand(1, 1, 8, 8)
    >>> round(lines(1 - step, step).item(), 3), round(lines(0 * step + 0.5, step).item(), 3)
    (1.0, 1.102)
    """
    error = _difference(prediction, target).abs().mean()
    pool = library("torch.nn.functional").avg_pool2d
    both = [picture.mean(1, keepdim=True) for picture in (_exact(prediction), target)]
    wrong = []
    for _ in range(SIZES):
        own, true = (_steepness(picture) for picture in both)
        wrong.append(((own - true).abs() * true).mean() / true.mean())
        both = [pool(picture, 2, ceil_mode=True) for picture in both]
    return error + STEEPNESS * sum(wrong) / SIZES


def cross_entropy(scores: "Tensor", labels: "Tensor", weights: Sequence[float] = ()) -> "Tensor":
    """Mean over the pixels of -log(probability of the true class), each pixel weighted by its class."""
    _require_classes(scores, labels)
    functional = library("torch.nn.functional")
    weight = scores.new_tensor(weights or [1.0] * scores.shape[1]).float()
    labels = labels.long()
    total = functional.cross_entropy(scores.float(), labels, weight, ignore_index=IGNORED, reduction="sum")
    counted: Tensor = weight[labels[labels != IGNORED]].sum()
    loss: Tensor = total / counted.clamp(min=1e-12)
    return loss


def dice(scores: "Tensor", labels: "Tensor") -> "Tensor":
    """1 less the mean over the true classes of 2·agreed / (predicted + true), counted in probabilities."""
    _require_classes(scores, labels)
    functional = library("torch.nn.functional")
    counted = labels != IGNORED
    truth = functional.one_hot((labels * counted).long(), scores.shape[1]).movedim(-1, 1) * counted.unsqueeze(1)
    probabilities = scores.float().softmax(1) * counted.unsqueeze(1)
    agreed = (probabilities * truth).sum((0, 2, 3))
    both = (probabilities + truth).sum((0, 2, 3))
    occurs = truth.sum((0, 2, 3)) > 0
    overlap: Tensor = (2 * agreed / both.clamp(min=1e-12) * occurs).sum() / occurs.sum().clamp(min=1)
    return 1 - overlap


LOSSES: dict[str, Callable[..., "Tensor"]] = {
    "l1": l1,
    "mse": mse,
    "charbonnier": charbonnier,
    "log-mse": log_mse,
    "lines": lines,
    "cross-entropy": cross_entropy,
    "dice": dice,
}
"""Every loss by its name."""


def _steepness(picture: "Tensor") -> "Tensor":
    """How long the gradient is, N×1×H×W, after two means of 3×3; beyond the edge all stays."""
    functional = library("torch.nn.functional")
    for _ in range(2):
        picture = functional.avg_pool2d(picture, 3, 1, 1, count_include_pad=False)
    larger = functional.pad(picture, (0, 1, 0, 1), mode="replicate")
    down, right = larger[..., 1:, :-1] - picture, larger[..., :-1, 1:] - picture
    steepness: Tensor = (down.square() + right.square() + ROUND_OFF**2).sqrt()
    return steepness


def _difference(prediction: "Tensor", target: "Tensor") -> "Tensor":
    if prediction.shape != target.shape:
        raise WrongShape(
            f"The prediction has shape {tuple(prediction.shape)} and the target {tuple(target.shape)}; "
            "they must be of one shape."
        )
    return _exact(prediction) - target


def _exact(tensor: "Tensor") -> "Tensor":
    """In 32 bits at least."""
    return tensor.float() if tensor.itemsize < 4 else tensor


def _require_classes(scores: "Tensor", labels: "Tensor") -> None:
    if scores.ndim != 4 or labels.shape != (scores.shape[0], *scores.shape[2:]):
        raise WrongShape(
            f"The scores have shape {tuple(scores.shape)} and the labels {tuple(labels.shape)}; "
            "they must be N×C×H×W and N×H×W."
        )
