"""Perceptual loss: the distance between features of the prediction and of the target, in a frozen network."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from repix.errors import WrongUse
from repix.losses import Loss
from repix.losses._tensors import at_least_float32, difference
from repix.registry import closest, library

if TYPE_CHECKING:
    from torch import Tensor, nn

SHARE = 1e-6
"""Of a map's mean square, added to that of each pixel; so pixels where all features are near zero count little."""
LEAST = 1e-12
"""Keeps the gradient finite where a whole map is zero."""


def perceptual(prediction: "Tensor", target: "Tensor", features: "nn.Module", layers: Sequence[str] = ()) -> "Tensor":
    """Return the mean over the feature maps of the squared distance between normalized feature vectors.

    Each pixel's vector of features is divided by its length, so a distance is between 0 and 4. The feature network is
    set to evaluation mode, and its weights get no gradients.

    Args:
        prediction: the result of a network, N×C×H×W.
        target: the truth, of the same shape.
        features: any module that takes such pictures; without `layers`, it returns a map N×F×h×w or several.
        layers: names of submodules whose outputs are the maps, as in `features.named_modules()`.

    Returns:
        A scalar tensor, 0 if all normalized vectors are equal.

    Raises:
        WrongShape: the shapes differ.
        WrongUse: the module has no such layer, or does not use it.

    >>> import torch
    >>> x, y = torch.tensor([[1.0, 0.0], [0.6, 0.8]]).reshape(2, 1, 2, 1, 1)
    >>> same = torch.nn.Identity()
    >>> round(perceptual(x, y, same).item(), 4), round(perceptual(2 * x, x, same).item(), 4)
    (0.8, 0.0)
    """
    distances = [one.mean() for one in feature_distances(prediction, target, features, layers)]
    mean: Tensor = library("torch").stack(distances).mean()
    return mean


def feature_distances(
    prediction: "Tensor", target: "Tensor", features: "nn.Module", layers: Sequence[str] = ()
) -> "list[Tensor]":
    """Return, for each feature map, the squared distance between normalized feature vectors at each of its pixels.

    The arguments are those of `perceptual`, which is the mean over the maps of these distances' means.

    Returns:
        A list of tensors N×1×h×w.

    Raises:
        WrongShape: the shapes differ.
        WrongUse: the module has no such layer, or does not use it.

    >>> import torch
    >>> x, y = torch.tensor([[1.0, 0.0], [0.6, 0.8]]).reshape(2, 1, 2, 1, 1)
    >>> [one.flatten().tolist() for one in feature_distances(x, 2 * x, torch.nn.Identity())]
    [[0.0]]
    """
    difference(prediction, target)  # refuses other shapes
    features.eval()
    with library("torch").no_grad():
        wanted = feature_maps(features, at_least_float32(target), layers)
    found = feature_maps(features, at_least_float32(prediction), layers)
    return [_distances(one, other) for one, other in zip(found, wanted, strict=True)]


def feature_maps(features: "nn.Module", pictures: "Tensor", layers: Sequence[str] = ()) -> "list[Tensor]":
    """Return the maps of some layers of a module, or those that it returns itself; its weights get no gradients.

    Args:
        features: the module.
        pictures: its input.
        layers: names of submodules; left out, the result of the module counts.

    Returns:
        A list of tensors, in the order of `layers`.

    Raises:
        WrongUse: the module has no such layer, or does not use it.

    >>> import torch
    >>> [tuple(one.shape) for one in feature_maps(torch.nn.AvgPool2d(2), torch.ones(1, 3, 4, 4))]
    [(1, 3, 2, 2)]
    """
    parts, seen = dict(features.named_modules()), dict[str, "Tensor"]()
    for name in layers:
        if name not in parts:
            raise WrongUse(f"The feature network has no layer '{name}'; {closest(name, tuple(parts)[1:])}")
    hooks = [parts[name].register_forward_hook(_keep_in(seen, name)) for name in layers]
    fixed = {name: weight.detach() for name, weight in features.named_parameters()}
    try:
        result = library("torch.func").functional_call(features, fixed, (pictures,))
    finally:
        for hook in hooks:
            hook.remove()
    for name in layers:
        if name not in seen:
            raise WrongUse(f"The feature network does not use its layer '{name}'; choose another one.")
    if layers:
        return [seen[name] for name in layers]
    return list(result) if isinstance(result, tuple | list) else [result]


def _keep_in(seen: "dict[str, Tensor]", name: str) -> Callable[[Any, Any, "Tensor"], None]:
    """Return a hook that keeps the output of a layer under this name."""

    def keep(_: Any, __: Any, output: "Tensor") -> None:
        seen[name] = output

    return keep


def _distances(found: "Tensor", wanted: "Tensor") -> "Tensor":
    """Return the squared distance between the normalized vectors of two maps at each pixel: N×1×h×w."""
    return difference(_normalized(found), _normalized(wanted)).square().sum(1, keepdim=True)


def _normalized(features: "Tensor") -> "Tensor":
    """Return features N×F×h×w, each pixel's vector divided by its length."""
    features = at_least_float32(features)
    squares = features.square().sum(1, keepdim=True)
    normalized: Tensor = features / (squares + SHARE * squares.mean((1, 2, 3), keepdim=True) + LEAST).sqrt()
    return normalized


LOSS = Loss(perceptual, needs_features=True)
