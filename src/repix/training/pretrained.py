"""Pretrained weights that a training starts from: of a run, a model file, or a bundled model."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from safetensors.torch import load
from torch import Tensor, nn

from repix import registry
from repix.conversion import read_model
from repix.errors import Unreadable, WrongUse
from repix.models import is_bundled, model_named
from repix.networks import Network
from repix.pictures.atomic import read_error
from repix.tasks import Task
from repix.training.export import folded, for_graph
from repix.training.network_config import configured
from repix.training.run_folder import RunFolder
from repix.training.weight_bits import widened_weights

RENAMED = {"loudness": "channel_gain", "sense": "descriptor"}
"""Older names of network parts in weights, and their present names."""
CALIBRATED_BATCHES = 8
"""Batches that calibrate normalization layers, whose statistics a model file does not contain."""


@runtime_checkable
class Foldable(Protocol):
    """A layer that an export folds into another form."""

    def from_exported(self, exported: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the layer's weights from those of the exported form."""
        ...


@dataclass(frozen=True)
class Pretrained:
    """A model to start from; its files are read on first use.

    >>> Pretrained("denoise-gray").network
    'efficient-unet'
    """

    source: str
    """A run's folder, a weights file, a model file, or a bundled model's name."""

    @cached_property
    def path(self) -> Path:
        """The run's folder or the file."""
        return model_named(self.source) if is_bundled(self.source) else Path(self.source)

    @property
    def exported(self) -> bool:
        """True if the weights are those of a model file, with folded layers."""
        return self.path.suffix == ".onnx"

    @cached_property
    def _described(self) -> tuple[str, str | None, Mapping[str, Any], Mapping[str, Any]]:
        """Task, network, the network's settings as exported or trained, and the task's settings."""
        if self.path.is_dir():
            recipe = RunFolder(self.path).read_recipe()[0]
            return recipe.task, recipe.network, recipe.network_settings, recipe.settings
        if self.exported:
            contract = read_model(self.path).contract
            return contract.task, contract.network or None, contract.network_settings, contract.settings
        return "", None, {}, {}

    @property
    def network(self) -> str | None:
        """The network's name; None if it is unknown."""
        return self._described[1]

    @property
    def network_settings(self) -> dict[str, Any]:
        """The network's settings for training."""
        task, name, settings, task_settings = self._described
        if name is None:
            return {}
        network: Network[Any] = registry.get("networks", name)
        config = configured(network, registry.get("tasks", task)(task_settings), settings)
        return dict(network.widen(config).to_dict())

    @property
    def task(self) -> Task:
        """The task with its settings; a weights file has none."""
        name, _, _, settings = self._described
        task: Task = registry.get("tasks", name)(settings)
        return task

    def task_settings(self, task: str) -> dict[str, Any]:
        """Return the task's settings, if it is the same task; the encoding of masks comes from the folder instead."""
        own, _, _, settings = self._described
        makes_pairs = own == task and registry.get("tasks", task)(settings).make_pair is not None
        return dict(settings) if makes_pairs else {}

    def weights(self) -> dict[str, Tensor]:
        """Return the weights by name."""
        return exported_weights(self.path) if self.exported else read_weights(self.path)

    def load_into(self, module: nn.Module, channels: int = 1, side: int = 0) -> list[str]:
        """Load the weights that fit into a module; return the names of the others, which keep their random values.

        Args:
            module: the network.
            channels: its input channels without side inputs.
            side: its input channels for side inputs; the weights may come from a network without them.
        """
        own = module.state_dict()
        given = trainable_state(module, self.weights()) if self.exported else self.weights()
        given = {name: _widened(one, own[name], channels, side) for name, one in given.items() if name in own}
        fitting = {name: one for name, one in given.items() if one.shape == own[name].shape}
        share = sum(one.numel() for one in fitting.values()) / max(1, sum(one.numel() for one in own.values()))
        if share < 0.5:
            raise WrongUse(
                f"{self.source} fits only {share:.0%} of this network's weights; start from a model with the same "
                "network and settings (`repix show` prints them), or leave --network or --init-from out."
            )
        module.load_state_dict(own | fitting)
        return [name for name, _ in module.named_parameters() if name not in fitting]


def _widened(given: Tensor, own: Tensor, channels: int, side: int) -> Tensor:
    """Return the kernels of a first convolution with zeros for side inputs, or the tensor itself if it is not one.

    Side inputs are the last channels, also after a pixel unshuffle; so the network starts from the same results,
    whatever they hold.

    >>> _widened(torch.ones(1, 1, 1, 1), torch.zeros(1, 4, 1, 1), channels=1, side=3).flatten().tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    if not side or given.ndim != 4 or own.ndim != 4 or (len(given), *given.shape[2:]) != (len(own), *own.shape[2:]):
        return given
    if given.shape[1] * (channels + side) != own.shape[1] * channels:
        return given
    return torch.cat([given, given.new_zeros(len(own), own.shape[1] - given.shape[1], *own.shape[2:])], 1)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of a run's folder, or of a safetensors file."""
    file = RunFolder(path).weights if path.is_dir() else path
    try:
        content = file.read_bytes()
    except (OSError, ValueError) as problem:  # a ValueError: the path contains a NUL
        raise read_error(file, problem) from None
    try:
        return _present_names(load(content))
    except Exception:  # noqa: BLE001 (damage raises errors of safetensors and of torch)
        raise Unreadable(f"{file} contains no weights; name the folder of a run, or its model.safetensors.") from None


def exported_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of a model file by their names in the exported network."""
    import onnx
    from onnx import numpy_helper

    model = read_model(path)
    network = nn.Module()
    around = next(
        name for name, one in for_graph(network, model.contract.make_task()).named_modules() if one is network
    )
    prefix = f"{around}." if around else ""
    graph = onnx.load_from_string(model.content).graph
    arrays = widened_weights({one.name: numpy_helper.to_array(one) for one in graph.initializer})
    floats = {name: torch.from_numpy(array.copy()).float() for name, array in arrays.items() if array.dtype.kind == "f"}
    return _present_names({name.removeprefix(prefix): tensor for name, tensor in floats.items()})


def _present_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {".".join(RENAMED.get(part, part) for part in name.split(".")): one for name, one in weights.items()}


def trainable_state(module: nn.Module, exported: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a module's weights from those of its exported form.

    Mean-free and wide convolutions convert their own. A batch normalization that was folded into the convolution before
    it becomes the identity plus the exported bias.
    """
    exported = _renamed(module, exported)
    state = dict(exported)
    for place, part in module.named_modules():
        prefix = f"{place}." if place else ""
        inside = {name.removeprefix(prefix): one for name, one in exported.items() if name.startswith(prefix)}
        if isinstance(part, Foldable) and inside:
            state |= {f"{prefix}{name}": one for name, one in _unfolded(part, inside).items()}
    for convolution, prefix, norm in folded_norms(module):
        bias = exported.get(f"{convolution}.bias")
        if bias is None or bias.shape != norm.bias.shape:
            continue
        identity = {
            "weight": torch.full_like(bias, (1 + norm.eps) ** 0.5),
            "bias": bias,
            "running_mean": torch.zeros_like(bias),
            "running_var": torch.ones_like(bias),
        }
        state |= {f"{prefix}.{name}": one for name, one in identity.items()}
        state[f"{convolution}.bias"] = torch.zeros_like(bias)  # where the convolution has a bias, too
    return state


def _renamed(module: nn.Module, exported: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Return the weights by the names of a present export.

    In an older export a layer may be one level higher or deeper. It is found by the first and the last part of its name
    and its shape, where only one fits.
    """
    own = tuple(f"{place}." for place, part in module.named_modules() if isinstance(part, Foldable))
    expected = folded(copy.deepcopy(module).eval()).state_dict()
    renamed = dict(exported)
    for name, value in expected.items():
        spare = [one for one in renamed if one not in expected and not one.startswith(own)]
        alike = [one for one in spare if _ends(one) == _ends(name) and renamed[one].shape == value.shape]
        if name not in renamed and not name.startswith(own) and len(alike) == 1:
            renamed[name] = renamed.pop(alike[0])
    return renamed


def _ends(name: str) -> tuple[str, str]:
    """Return the first and the last part of a name."""
    parts = name.split(".")
    return parts[0], parts[-1]


def _unfolded(part: Foldable, exported: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Return a layer's own weights; none if the exported form has another shape."""
    try:
        return part.from_exported(exported)
    except (KeyError, RuntimeError):
        return {}


def folded_norms(module: nn.Module) -> Iterable[tuple[str, str, nn.BatchNorm2d]]:
    """Return the normalizations that an export folds into the convolution before them, with both names."""
    for place, part in module.named_modules():
        if isinstance(part, nn.Sequential):
            for number, (layer, norm) in enumerate(pairwise(part)):
                if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    prefix = f"{place}." if place else ""
                    yield f"{prefix}{number}", f"{prefix}{number + 1}", norm


def calibrate_norms(module: nn.Module, sources: Sequence[Tensor]) -> None:
    """Give folded normalizations the statistics of these pictures, so that training starts from the same function.

    The result in evaluation mode does not change. In training mode, where each batch is normalized by its own
    statistics, it is close to that; with an identity in place of the statistics it would be far off.
    """
    norms = [norm for _, _, norm in folded_norms(module)]
    seen: dict[nn.Module, list[Tensor]] = {norm: [] for norm in norms}

    def look(norm: nn.Module, given: tuple[Tensor, ...]) -> None:
        x = given[0].detach().double()
        seen[norm].append(torch.stack([x.mean((0, 2, 3)), x.square().mean((0, 2, 3))]))

    hooks = [norm.register_forward_pre_hook(look) for norm in norms]
    module.eval()
    with torch.no_grad():
        for source in sources:
            module(source)
        for norm in norms:
            mean, square = torch.stack(seen[norm]).mean(0)
            variance = (square - mean.square()).clamp(min=0)
            running_mean, running_var = norm.get_buffer("running_mean"), norm.get_buffer("running_var")
            scale = norm.weight / torch.sqrt(running_var + norm.eps)
            norm.bias.add_(scale * (mean - running_mean))
            norm.weight.copy_(scale * torch.sqrt(variance + norm.eps))
            running_mean.copy_(mean)
            running_var.copy_(variance)
    for hook in hooks:
        hook.remove()
    module.train()
