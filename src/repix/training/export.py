"""Export: a torch module becomes a model file; it is refused if an engine's result differs from torch's."""

import copy
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from repix.arithmetic.arrays import Array
from repix.conversion import Contract, Provenance, open_model, write_model
from repix.conversion.peak_memory import bytes_per_pixel
from repix.errors import BrokenPromise, WrongUse
from repix.networks import Network
from repix.networks._mean_free import MeanFreeStem
from repix.networks._noise_level import NoiseThreshold
from repix.networks._resnet import StandardizedConv
from repix.pictures.atomic import check_free
from repix.side_inputs import CHOSEN, SideInput, channels_of_kind, side_channels
from repix.tasks import Task
from repix.training.flat import HINT_REACH, SURROUNDINGS, FlatSettled
from repix.training.weight_bits import WeightBits, narrow_weights, round_weights

TOLERANCE = 1e-4
"""The largest difference between an engine and torch, for values in [0, 1]: a fortieth of a gray level (8-bit)."""

TOUCH = 1e-6
"""About the size of accumulated rounding errors; where it changes a result visibly, engines cannot be compared."""

FEWEST = 5
"""The fewest sizes to compare at."""

ENGINES = ("openvino", "onnxruntime")
"""The engines to compare with, where they are installed."""

CHATTER = ("torch.onnx", "onnxscript", "onnx_ir")
"""Loggers of the exporter, which would log every step."""


def export(
    path: str | Path,
    module: nn.Module,
    network: Network[Any],
    config: Any,
    task: Task,
    about: Provenance | None = None,
    *,
    weight_bits: WeightBits = 32,
) -> Contract:
    """Write a module as a model file and return its contract; an existing file is replaced.

    With fewer than 32 weight bits, weights are rounded first. The caller's module is not changed.
    Nothing is written where the measured halo is larger than the declared one, or where the result of an installed
    engine differs by more than 0.0001 from torch's at any of several sizes.
    """
    check_free(Path(path), overwrite=True)
    about = about or Provenance()
    contract = promised(network, config, task)
    contract = replace(contract, data=about.data, trained=about.trained, metrics=about.metrics)
    plain = folded(copy.deepcopy(module).to("cpu", torch.float32).eval().requires_grad_(requires_grad=False))
    with torch.no_grad():
        round_weights(plain, weight_bits)
        wrapped = for_graph(plain, task)
        trials = trials_of(wrapped, contract)
        contract = replace(contract, halo_measured=_halo_measured(plain, network, config))
        graph = graph_of(wrapped, contract, weight_bits)
        with TemporaryDirectory(prefix="repix-") as folder:
            trial = Path(folder, "model.onnx")
            write_model(trial, graph, contract)
            contract = replace(contract, export_error=largest_difference(trial, trials, contract))
            contract = replace(contract, bytes_per_pixel=bytes_per_pixel(trial))
    write_model(path, graph, contract)
    return contract


def for_graph(module: nn.Module, task: Task) -> nn.Module:
    """Return the module with the layers that a task adds to the graph: softmax, and the correction of flat areas."""
    wrapped = Probabilities(module) if task.logits else module
    if task.flat is None:
        return wrapped
    return FlatSettled(wrapped, task.flat, task.side.channels, _hints(task))


def _hints(task: Task) -> tuple[slice, ...]:
    """Return the channels of color hints among the side inputs."""
    return channels_of_kind(task.side.inputs, "color-hints")


class Probabilities(nn.Module):
    """A module that returns scores, followed by softmax."""

    def __init__(self, scores: nn.Module) -> None:
        super().__init__()
        self.scores = scores

    def forward(self, x: Tensor) -> Tensor:
        """Return N×classes×H×W of N×C×H×W; the sum of each pixel is 1."""
        return torch.softmax(self.scores(x), dim=1)


class OneClass(nn.Module):
    """A module that returns the score or probability of one class, as probabilities of two classes."""

    def __init__(self, one: nn.Module, *, scores: bool) -> None:
        super().__init__()
        self.one, self.scores = one, scores

    def forward(self, x: Tensor) -> Tensor:
        """Return N×2×H×W of N×C×H×W: the probability that a pixel is not of the class, and that it is."""
        y = self.one(x)
        likely = torch.sigmoid(y) if self.scores else y
        return torch.cat([1 - likely, likely], 1)


def promised(network: Network[Any], config: Any, task: Task) -> Contract:
    """Return the contract of a network for a task, before anything is measured; refused if they do not fit."""
    channels = (config.in_channels, config.out_channels)
    scale = network.scale(config)
    if (channels, scale) != (task.channels, task.scale):
        raise WrongUse(
            f"{network.name} turns {channels[0]} channels into {channels[1]}, {scale} times larger, but {task.name} "
            f"needs {task.channels[0]} into {task.channels[1]}, {task.scale} times larger; change the network's "
            "in_channels, out_channels or scale."
        )
    return Contract(
        task=task.name,
        settings=task.settings.to_dict(),
        network=network.name,
        network_settings=config.to_dict(),
        parameters=network.cost(config).parameters,
        channels=channels,
        scale=scale,
        step=network.step(config),
        halo=_halo(network.halo(config), task),
        size=network.fixed(config),
        windows=network.windows(config),
        dimensions=network.dimensions,
        slices=network.third_side(config),
        side_inputs=_side_inputs(network, config, task),
    )


def _side_inputs(network: Network[Any], config: Any, task: Task) -> tuple[SideInput, ...]:
    """Return the task's side inputs, with the perception map as chosen by a network that can."""
    chosen = network.chooses(config)
    return tuple(replace(one, chosen=chosen and one.kind == "perception-map") for one in task.side.inputs)


def _halo(networks: int | None, task: Task) -> int | None:
    """Return the network's halo, or that of the correction of flat areas where this is wider."""
    if networks is None or task.flat is None:
        return networks
    return max(networks, HINT_REACH if _hints(task) else SURROUNDINGS)


def _halo_measured(module: nn.Module, network: Network[Any], config: Any) -> int | None:
    """Return the measured halo; one larger than declared is refused."""
    declared = network.halo(config)
    if declared is None:
        return None
    measured = network.measured_halo(module, config)
    third = network.third_side(config)
    halos = [("pixels", declared, measured, "receptive_field")]
    if third is not None and third.halo is not None:
        halos.append(("slices", third.halo, network.measured_slice_halo(module, config), "slices"))
    for what, promised_halo, found, field in halos:
        if found > promised_halo:
            raise BrokenPromise(
                f"{network.name} declares a halo of {promised_halo} {what}, but the measured halo is {found} {what}; "
                f"nothing was written, because its tiles would not equal the whole picture. Correct its `{field}`."
            )
    return measured


def graph_of(module: nn.Module, contract: Contract, weight_bits: WeightBits = 32) -> bytes:
    """Return the module as ONNX with dynamic batch and sides; with a fixed size where the contract has one."""
    sides = [contract.size or 4 * contract.step, contract.size or 5 * contract.step]
    if contract.slices is not None:
        sides.insert(0, 3 * contract.slices.step)
    free = (0,) if contract.size else (0, *range(2, 2 + len(sides)))
    example = torch.linspace(0, 1, 2 * contract.channels[0] * prod(sides))
    with _quiet():
        program = torch.onnx.export(
            module,
            (example.reshape(2, contract.channels[0], *sides),),
            input_names=["x"],
            output_names=["y"],
            dynamic_shapes=(dict.fromkeys(free, torch.export.Dim.AUTO),),
            dynamo=True,
            verbose=False,
        )
    if program is None:  # allowed by its type; the present exporter never returns it
        raise BrokenPromise(f"torch gave no graph of {contract.network}.")
    model = program.model_proto
    if weight_bits < 32:
        narrow_weights(model)
    return _without_notes(model)


def folded(module: nn.Module) -> nn.Module:
    """Return a module in evaluation mode with each batch normalization folded into the convolution before it.

    The kernels of mean-free and of standardized convolutions and the shares of noise thresholds are computed, too.

    >>> layers = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1)).eval()
    >>> [type(layer).__name__ for layer in folded(layers)]
    ['Conv2d', 'Identity']
    """
    for part in list(module.modules()):
        for name, layer in part.named_children():
            if isinstance(layer, MeanFreeStem | NoiseThreshold | StandardizedConv):
                setattr(part, name, layer.frozen())
        if isinstance(part, nn.Sequential):
            for place, (layer, norm) in enumerate(pairwise(part)):
                if isinstance(layer, nn.Conv2d | nn.Conv3d) and isinstance(norm, nn.BatchNorm2d | nn.BatchNorm3d):
                    part[place], part[place + 1] = fuse_conv_bn_eval(layer, norm), nn.Identity()
    return module


def _without_notes(model: Any) -> bytes:
    """Return the graph without the exporter's metadata, which holds lines of source code and their paths."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer, *model.functions):
        part.ClearField("metadata_props")
    graph.ClearField("value_info")
    content: bytes = model.SerializeToString(deterministic=True)
    return content


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the exporter's warnings and logs within a `with` block."""
    levels = {name: logging.getLogger(name).level for name in CHATTER}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in CHATTER:
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)


@dataclass(frozen=True)
class _Trial:
    """Padded pictures N×C×H×W, and torch's result."""

    size: tuple[int, ...]
    """Height and width before padding; of volumes, the number of slices first."""
    x: Array
    y: Array


def largest_difference(path: Path, trials: Sequence[_Trial], contract: Contract) -> float:
    """Return the largest difference between torch and an engine at any size; refused if it is too large or NaN."""
    largest = 0.0
    for name in ENGINES:
        if find_spec(name) is None:
            continue
        engine = open_model(path, name)
        for trial in trials:
            difference = _difference(engine.run(trial.x), trial.y)
            if not difference <= TOLERANCE:
                raise BrokenPromise(
                    f"The result of {contract.network} differs by {difference:.2g} between {name} and torch, for a "
                    f"picture of {shown_size(trial.size)}; at most {TOLERANCE:g} is allowed, so nothing was written."
                )
            largest = max(largest, difference)
    return largest


def _difference(result: Array, expected: Array) -> float:
    """Return the largest difference of two arrays; infinite where their shapes differ."""
    return float(np.abs(result - expected).max()) if result.shape == expected.shape else float("inf")


def trials_of(module: nn.Module, contract: Contract) -> list[_Trial]:
    """Return pictures of at least five sizes, or of the only one, for which torch's own result is stable.

    Unpooling puts a maximum at another pixel where two values differ by rounding only, and instance normalization of a
    flat picture amplifies rounding errors. There, even two results of torch differ.
    """
    sizes = _sizes(contract)
    trials = [trial for size in sizes if (trial := _steady(module, _trial(module, contract, size))) is not None]
    if len(trials) < min(FEWEST, len(sizes)):
        raise BrokenPromise(
            f"The result of {contract.network} changes by more than {TOLERANCE:g} where the picture changes by "
            f"{TOUCH:g}, at {len(sizes) - len(trials)} of {len(sizes)} sizes, so engines cannot be compared with it; "
            "nothing was written."
        )
    return trials


def _trial(module: nn.Module, contract: Contract, size: tuple[int, ...]) -> _Trial:
    x = replace(contract, windows=None).pad(_with_chosen(_pictures(contract.channels[0], size), contract.side_inputs))
    y = module(torch.from_numpy(x)).numpy()
    wanted = contract.blank(x).shape
    if y.shape != wanted:
        raise BrokenPromise(f"{contract.network} declares shape {wanted} for input {x.shape}, but returns {y.shape}.")
    if not np.isfinite(y).all():
        raise BrokenPromise(
            f"{contract.network} returns values that are not finite for a picture of {shown_size(size)}; its training "
            "failed, so nothing was written."
        )
    return _Trial(size, x, y)


def shown_size(size: tuple[int, ...]) -> str:
    """Return sides as text.

    >>> shown_size((5, 16, 9))
    '5×16×9'
    """
    return "×".join(map(str, size))


def _steady(module: nn.Module, trial: _Trial) -> _Trial | None:
    """Return the trial without pictures whose result is unstable; None if none is left."""
    rng = np.random.default_rng(8)
    steady = np.ones(len(trial.x), bool)
    for _ in range(2):
        touched = trial.x + rng.uniform(-TOUCH, TOUCH, trial.x.shape).astype(np.float32)
        change = np.abs(module(torch.from_numpy(touched)).numpy() - trial.y)
        steady &= change.reshape(len(change), -1).max(axis=1) <= TOLERANCE
    return replace(trial, x=trial.x[steady], y=trial.y[steady]) if steady.any() else None


def _pictures(channels: int, size: tuple[int, ...]) -> Array:
    """Return two pictures (or volumes) of noise, a ramp and a flat one: N×C×H×W."""
    noise = np.random.default_rng(7).random((2, channels, *size), np.float32)
    ramp = np.broadcast_to(np.linspace(0, 1, size[-1], dtype=np.float32), noise[:1].shape)
    return np.concatenate([noise, ramp, np.full_like(noise[:1], 0.4)])


def _with_chosen(pictures: Array, side_inputs: Sequence[SideInput]) -> Array:
    """Return pictures, every second one with side inputs that are left to the network's choice, where it has one."""
    start = pictures.shape[1] - side_channels(side_inputs)
    for one in side_inputs:
        if one.chosen:
            pictures[::2, start : start + one.channels] = CHOSEN
        start += one.channels
    return pictures


def _sizes(contract: Contract) -> Sequence[tuple[int, ...]]:
    """Return odd sizes, sizes close to multiples of the step, and the size of a window, which replaces the largest."""
    if contract.size:
        return [(contract.size, contract.size)]
    step = contract.step
    beside = [(step, 3 * step + 1), (2 * step + 1, step), (max(2 * step - 1, 1), 2 * step)]
    if contract.windows is not None:
        beside[-1] = (contract.windows.size, contract.windows.size)
    sizes = [(1, 1), (7, 5), (16, 9), (37, 53), *beside]
    if contract.slices is None:
        return sizes
    deep = contract.slices.step
    return [(count, *size) for count, size in zip((1, 5, 3, 2, deep, 2 * deep + 1, deep + 1), sizes, strict=True)]
