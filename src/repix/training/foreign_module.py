"""Any torch module as a model file: its contract is measured.

The module is run with one and three channels, and on many sizes. Then torch exports its graph, and the graph is
imported like any foreign ONNX file, which measures the step and computes the halo. At last the engines are compared
with the module. torch loads when `export` is called.
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.conversion import Contract, read_model, write_model
from repix.conversion.onnx_import import ImportOptions, import_model
from repix.conversion.onnx_import.measurement import STEPS, Probe, smallest_step
from repix.errors import BrokenPromise, RepixError, WrongUse
from repix.parameters import Json
from repix.pictures.atomic import check_free

if TYPE_CHECKING:
    from torch import nn

CHANNELS = (3, 1)
"""Numbers of channels that a module may take: those of color and of gray pictures."""

FREE = ((64, 96), (128, 192), (256, 384), (512, 768))
"""Sizes to try first, for modules that take many sizes."""

FIXED = (32, 64, 96, 128, 160, 192, 224, 256, 384, 512)
"""Sizes to try for modules that take only one size."""


@dataclass(frozen=True)
class Exported:
    """A module's model file: its contract, and what was measured."""

    path: Path
    contract: Contract
    measured: tuple[str, ...]
    """The results of the measurements, as sentences."""


def export(
    module: "nn.Module",
    path: str | Path,
    task: str,
    *,
    settings: Mapping[str, Any] | None = None,
    scale: int | None = None,
    probabilities: bool = False,
) -> Exported:
    """Write any torch module as a model file that `repix convert` runs, and return its contract.

    The module takes pictures N×C×H×W with numbers in [0, 1], one or three channels, and returns pictures in the same
    range, or class scores (logits) for the task segment. A copy of it is run in evaluation mode. Measured are the
    channels, the scale, the step that heights and widths must be multiples of, and the halo, which also follows from
    the graph. OpenVINO and ONNX Runtime, where they are installed, are compared with torch at seven sizes.

    A module whose receptive field is the whole picture (attention over all pixels, global pooling, instance
    normalization) has no halo. Pictures are then converted whole, not in tiles; `measured` gives the reason.

    Args:
        module: The module. A wrapper of three lines adapts one with another range, or with several outputs.
        path: The model file to write, NAME.onnx; an existing file is replaced.
        task: What the module does: "denoise", "upscale", "segment" ...; `repix tasks` lists all.
        settings: The task's settings, as in a recipe. For segment, `{"values": [0, 255]}` says how classes are written
            in masks; left out: 0, 1, 2 and so on, as many as come out.
        scale: The scale factor from input to result; left out: measured. Given, the measured one must be the same.
        probabilities: For segment: the module returns probabilities already, so no softmax is added.

    Returns:
        The contract, the file, and what was measured.

    Raises:
        WrongUse: Channels, scale or settings do not fit the task.
        BrokenPromise: The module cannot become a model file, or an engine does not give what torch gives. Nothing is
            written.

    Example:
        >>> import tempfile, torch, repix
        >>> net = torch.nn.Conv2d(3, 3, 5, padding=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     contract = repix.export(net, f"{folder}/net.onnx", task="denoise").contract
        >>> contract.channels, contract.scale, contract.step, contract.halo
        ((3, 3), 1, 1, 2)
    """
    path = Path(path)
    registry.require_libraries("torch", "onnx", "onnxscript")
    check_free(path, overwrite=True)
    has_classes = registry.get("tasks", task).mask_settings is not None
    if probabilities and not has_classes:
        raise WrongUse(f"probabilities is for classes, and {task} gives pictures; leave it out.")
    subject = _Subject.of(module)
    found = _shape(subject)
    if scale is not None and scale != found.scale:
        raise WrongUse(f"{subject.name} gives pictures {found.scale} times larger, but scale is {scale}.")
    softmax = has_classes and not probabilities
    with TemporaryDirectory(prefix="repix-") as folder:
        graph_file, target = Path(folder, f"{subject.name}.onnx"), Path(folder, "model.onnx")
        _write_graph(subject, found, graph_file)
        with _errors_name(graph_file, subject.name):
            imported = import_model(graph_file, target, task, ImportOptions(softmax=softmax), settings)
        contract = replace(imported.contract, trained=subject.origin())
        contract = replace(contract, export_error=_compared(subject, target, contract, softmax=softmax))
        write_model(path, read_model(target).content, contract)
    return Exported(path, contract, _sentences(contract, imported.whole_reason))


@dataclass(frozen=True)
class _Subject:
    """A copy of a module in evaluation mode."""

    name: str
    module: "nn.Module"

    @classmethod
    def of(cls, module: "nn.Module") -> "_Subject":
        import torch

        from repix.training.export import folded

        if not isinstance(module, torch.nn.Module):
            raise WrongUse(f"A {type(module).__name__} was given; export takes a torch.nn.Module.")
        plain = copy.deepcopy(module).to("cpu", torch.float32).eval().requires_grad_(requires_grad=False)
        return cls(type(module).__name__, folded(plain))

    def origin(self) -> Json:
        """Return the origin of the model, for its card."""
        import torch

        return {"imported": self.name, "producer": f"torch {torch.__version__}"}

    def __call__(self, x: Array) -> Any:
        """Return the module's result; its errors pass through."""
        import torch

        with torch.no_grad():
            return self.module(torch.from_numpy(np.ascontiguousarray(x)))

    def run(self, x: Array) -> Array | None:
        """Return the result as an array; None if the module raises an error, or returns no picture."""
        try:
            y = self(x)
        except Exception:  # noqa: BLE001 (anybody's module: it may raise anything)
            return None
        return y.numpy() if _is_picture(y) else None


@dataclass(frozen=True)
class _Shape:
    """The channels, scale and sizes of a module."""

    channels: tuple[int, int]
    scale: int
    step: int
    size: int | None
    """The height and width, where the module takes only one size."""


def _is_picture(y: Any) -> bool:
    import torch

    return isinstance(y, torch.Tensor) and y.ndim == 4


def _shape(subject: _Subject) -> _Shape:
    """Return the channels, the scale, and the sizes that a module takes."""
    x, y = _first_result(subject)
    channels, height, width = x.shape[1:]
    if not _is_picture(y):
        what = f"a tensor of shape {tuple(y.shape)}" if hasattr(y, "shape") else f"a {type(y).__name__}"
        raise WrongUse(
            f"{subject.name} returns {what}; a model file needs one tensor N×C×H×W: wrap it in a module "
            "that returns one."
        )
    if not bool(y.isfinite().all()):
        raise WrongUse(f"{subject.name} returns values that are not finite for a gray picture; check its weights.")
    if bool((y != subject(x)).any()):
        raise WrongUse(
            f"{subject.name} returns another result for the same picture; remove what is random from forward."
        )
    scales = {after / before for after, before in zip(y.shape[2:], (height, width), strict=True)}
    scale = scales.pop() if len(scales) == 1 else 0.0
    if scale < 1 or scale % 1:
        raise WrongUse(
            f"{subject.name} returns {y.shape[2]}×{y.shape[3]} for a picture of {height}×{width}, which is not a whole "
            "multiple; pad its convolutions, or enlarge its result."
        )
    probe = Probe(subject.run, channels, int(scale))
    step = smallest_step(probe)
    if step is not None:
        return _Shape((channels, y.shape[1]), int(scale), step, None)
    size = next((side for side in FIXED if probe.runs(side, side)), None)
    if size is None or height != width:
        raise WrongUse(
            f"{subject.name} runs on {height}×{width}, but not on all multiples of any number up to {STEPS[-1]}; "
            "pad and crop inside the module, so that it takes every multiple of some number."
        )
    return _Shape((channels, y.shape[1]), int(scale), size, size)


def _first_result(subject: _Subject) -> tuple[Array, Any]:
    """Return the first picture on which the module runs, and its result."""
    refusal: Exception | None = None
    for size in (*FREE, *((side, side) for side in FIXED)):
        for channels in CHANNELS:
            x = np.full((1, channels, *size), 0.5, np.float32)
            try:
                return x, subject(x)
            except Exception as problem:  # noqa: BLE001 (anybody's module: it may raise anything)
                refusal = refusal or problem
    raise WrongUse(
        f"{subject.name} runs on none of the pictures tried, with 1 or 3 channels and many sizes; the error at 64×96: "
        f"{_first_line(refusal)}"
    )


def _first_line(problem: Exception | None) -> str:
    return str(problem).strip().partition("\n")[0] or type(problem).__name__


def _write_graph(subject: _Subject, found: _Shape, path: Path) -> None:
    """Write the module's graph as an ONNX file; refused if torch cannot export it, or only for one size."""
    from repix.conversion.onnx_import.onnx_graph import read_graph
    from repix.training.export import graph_of

    contract = Contract("denoise", channels=found.channels, scale=found.scale, step=found.step, size=found.size)
    try:
        path.write_bytes(graph_of(subject.module, contract))
    except RepixError:
        raise
    except Exception as problem:
        raise BrokenPromise(f"torch cannot export the graph of {subject.name}: {_first_line(problem)}") from problem
    graph = read_graph(path)
    sides = [side for end in (graph.inputs[0], graph.outputs[0]) for side in (end.shape or ())[2:]]
    if found.size is None and any(side is not None for side in sides):
        raise BrokenPromise(
            f"torch exported the graph of {subject.name} for one size of pictures only, because a size became a "
            "constant (by int(), round(), a list of sizes); compute with x.shape and scale factors instead."
        )


@contextmanager
def _errors_name(path: Path, name: str) -> Iterator[None]:
    """Let errors about the exported file name the module instead, within a `with` block."""
    try:
        yield
    except RepixError as problem:
        said = str(problem).replace(str(path), name)
        said = said.replace("leave softmax out", "pass probabilities=True").replace(" (--softmax)", "")
        raise type(problem)(said) from None


def _compared(subject: _Subject, target: Path, contract: Contract, *, softmax: bool) -> float:
    """Return the largest difference between torch and the engines at several sizes; refused if it is too large."""
    import torch

    from repix.training.export import OneClass, Probabilities, largest_difference, trials_of

    whole = Probabilities(subject.module) if softmax else subject.module
    with torch.no_grad():
        if contract.make_task().logits and _leaves_one(subject, contract):
            whole = OneClass(subject.module, scores=softmax)
        named = replace(contract, network=subject.name)
        return largest_difference(target, trials_of(whole, named), named)


def _leaves_one(subject: _Subject, contract: Contract) -> bool:
    side = contract.size or contract.step
    y = subject.run(np.zeros((1, contract.channels[0], side, side), np.float32))
    return y is not None and y.shape[1] == 1


def _sentences(contract: Contract, whole_reason: str) -> tuple[str, ...]:
    """Return the results of the measurements, as sentences."""
    sizes = f"only {contract.size}×{contract.size}" if contract.size else f"every multiple of {contract.step}"
    halo = (
        f"halo: none, so pictures are converted whole, not in tiles: {whole_reason.rstrip('.')}"
        if contract.halo is None
        else f"halo: {contract.halo} by its graph; the measured halo is {contract.halo_measured}"
    )
    return (
        f"channels: {contract.channels[0]} in, {contract.channels[1]} out",
        f"scale: {contract.scale}",
        f"sizes: {sizes}",
        halo,
        f"engines: at most {contract.export_error:.1e} from torch",
    )
