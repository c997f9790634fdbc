"""Import of ONNX files: a contract from the graph, from the user's options and from measurements."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import fspath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.model_file import write_model
from repix.conversion.onnx_import import measurement
from repix.conversion.onnx_import.halo import GraphBytes, find_halo
from repix.conversion.onnx_import.onnx_graph import Graph, read_graph
from repix.conversion.onnx_import.preprocessing import IDENTITY, ImportOptions, ScoreKind
from repix.conversion.onnx_import.report import measured_facts, unknown_facts
from repix.conversion.onnx_import.signature import (
    GraphOpener,
    GraphSignature,
    RestartingEngine,
    find_signature,
    try_run,
)
from repix.conversion.peak_memory import bytes_per_pixel
from repix.errors import BrokenPromise, Unreadable, WrongUse
from repix.parameters import NONE
from repix.pictures.atomic import check_free, track, untrack

TOLERANCE = 1e-4
"""The largest difference between the imported file and the same preprocessing outside of the model."""

PROBABILITY_TOLERANCE = 1e-3
"""The largest difference of the sum of probabilities from 1."""


@dataclass(frozen=True)
class ImportResult:
    """The contract of an imported model, and reports for the user."""

    contract: Contract
    measured: tuple[str, ...]
    """Lines about what was measured, and how."""
    unknown: tuple[str, ...]
    """Lines about what cannot be measured, and warnings."""
    whole_reason: str = ""
    """The reason if there is no halo."""


def import_model(
    source: str | Path,
    target: str | Path,
    task: str,
    options: ImportOptions | None = None,
    settings: Mapping[str, Any] | None = None,
    engine: str = "auto",
) -> ImportResult:
    """Import an ONNX file without a contract: measure it, and write a model file with a contract.

    It needs the package `onnx` (extra `import`).

    Args:
        source: the ONNX file.
        target: the new model file; an existing file is replaced.
        task: the task of the model, such as "denoise".
        options: value range, channel order and the like, which an ONNX file does not contain.
        settings: settings of the task.
        engine: the engine that runs the model.

    Returns:
        The contract, what was measured, and what is unknown.

    Raises:
        Unreadable: the file is not an ONNX model that repix can run.
        WrongUse: the model does not fit the task or the options.
        BrokenPromise: the new file does not do the same as the old one.

    >>> import_model("nowhere.onnx", "out.onnx", "denoise", ImportOptions(range="0-255"))
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.onnx: there is no such file.
    """
    registry.require_libraries("onnx")
    path, target, options = Path(fspath(source)), Path(fspath(target)), options or ImportOptions()
    check_free(target, overwrite=True)
    registry.get("tasks", task)
    graph = read_graph(path)
    with _folder() as folder:
        opener = GraphOpener(path, graph, folder / "model.onnx", engine)
        signature, runner = find_signature(opener, options)
        signature = _with_ranges(path, signature, task, options)
        scores = _scores(path, signature, runner, task, options)
        contract = _contract(path, signature, task, settings or {}, scores)
        contract = replace(contract, trained=_origin(path, graph, options), parameters=graph.parameters)
        content = signature.rewritten(graph, scores)
        whole = opener.open(content, contract.channels)
        contract = replace(contract, export_error=_largest_difference(path, whole, signature, runner, scores))
        found = find_halo(path, signature, runner, GraphBytes(content, graph.opset), options)
        contract = replace(contract, step=found.step, halo=found.halo, halo_measured=found.measured)
        unknown = unknown_facts(signature, runner, contract, options)
        del runner, whole
        write_model(opener.place, content, contract)
        contract = replace(contract, bytes_per_pixel=bytes_per_pixel(opener.place, engine))
    write_model(target, content, contract)
    return ImportResult(contract, measured_facts(signature, found, contract), unknown, found.reason)


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield a temporary folder, which is always deleted."""
    with TemporaryDirectory(prefix="repix-") as name:
        folder = Path(name)
        track(folder)
        try:
            yield folder
        finally:
            untrack(folder)


def _with_ranges(path: Path, signature: GraphSignature, task: str, options: ImportOptions) -> GraphSignature:
    """Return the signature with the value ranges of input and output; probabilities have no value range."""
    channels_in, channels_out = signature.input.channels, signature.output.channels
    if options.bgr and 3 not in (channels_in, channels_out):
        raise WrongUse(
            f"{path} has {channels_in} input and {channels_out} output channels, so there is no BGR order; drop bgr."
        )
    output_affine = IDENTITY if _has_classes(task) else options.output_affine(channels_out)
    return replace(
        signature,
        input=replace(signature.input, affine=options.input_affine(channels_in)),
        output=replace(signature.output, affine=output_affine),
    )


def _has_classes(task: str) -> bool:
    """Return whether the task's results are classes, not pictures."""
    return registry.get("tasks", task).mask_settings is not None


def _contract(
    path: Path, signature: GraphSignature, task: str, settings: Mapping[str, Any], scores: ScoreKind
) -> Contract:
    """Return the contract with the task settings that fit the graph: color, scale, classes."""
    channels = (signature.input.channels, 2 if scores in ("one", "sigmoid") else signature.output.channels)
    maker = registry.get("tasks", task)
    known = getattr(getattr(maker, "settings", None), "__dataclass_fields__", {})
    if "scale" not in known and signature.scale != 1:
        raise WrongUse(
            f"{path} enlarges pictures {signature.scale} times, but {task} keeps their size; its task may be upscale."
        )
    if "scale" in known and not 2 <= signature.scale <= 4:
        size = f"{signature.scale} times larger" if signature.scale > 1 else "of the same size"
        raise WrongUse(f"{path} returns pictures {size}; {task} has the scales 2, 3 and 4.")
    given = {**({"scale": signature.scale} if "scale" in known else {}), **settings}
    if "values" in known and "values" not in given:
        given["values"] = list(range(channels[1]))
    choices = [True, False] if "color" in known and "color" not in given else [given.get("color")]
    wanted = []
    for color in choices:
        made = maker(given if color is None else {**given, "color": color})
        if (made.channels, made.scale) == (channels, signature.scale):
            return Contract(
                task,
                made.settings.to_dict(),
                channels=channels,
                scale=signature.scale,
                step=signature.step,
                size=signature.size,
                side_inputs=made.side.inputs,
            )
        wanted.append(f"{made.channels[0]} into {made.channels[1]}")
    raise WrongUse(
        f"{path} turns {channels[0]} channels into {channels[1]} with scale {signature.scale}, but {task} with these "
        f"settings needs {' or '.join(wanted)}."
    )


def _scores(
    path: Path, signature: GraphSignature, runner: RestartingEngine, task: str, options: ImportOptions
) -> ScoreKind:
    """Return how the result becomes probabilities; whether it already is probabilities is measured."""
    if not _has_classes(task):
        if options.softmax:
            raise WrongUse(f"softmax is for class scores, but results of {task} are pictures; leave it out.")
        return "no"
    y = _raw_result(path, signature, runner)
    if signature.output.channels == 1:
        is_share = y.min() >= -PROBABILITY_TOLERANCE and y.max() <= 1 + PROBABILITY_TOLERANCE
        if not options.softmax and not is_share:
            raise WrongUse(_no_probabilities(path, f"one class from {y.min():.3g} to {y.max():.3g}"))
        return "sigmoid" if options.softmax else "one"
    sums = y.sum(axis=1)
    is_share = y.min() >= -PROBABILITY_TOLERANCE and bool(np.abs(sums - 1).max() <= PROBABILITY_TOLERANCE)
    if not options.softmax and not is_share:
        raise WrongUse(_no_probabilities(path, f"classes whose sum is from {sums.min():.3g} to {sums.max():.3g}"))
    if options.softmax and is_share:
        raise WrongUse(f"{path} returns probabilities already; leave softmax out.")
    return "softmax" if options.softmax else "no"


def _no_probabilities(path: Path, what: str) -> str:
    return f"{path} returns {what}, not probabilities; if these are scores (logits), add softmax (--softmax)."


def _raw_result(path: Path, signature: GraphSignature, runner: RestartingEngine) -> Array:
    """Return the model's result for noise; refuse one that is not finite."""
    x = measurement.noise(signature.input.channels, *_sides(signature))
    y = try_run(signature, runner, signature.input.affine.apply_input(x))
    if y is None:
        raise Unreadable(f"{path} runs on gray pictures, but not on noise of the same size.")
    if not np.isfinite(y).all():
        raise Unreadable(
            f"{path} returns values that are not finite; its range may be another, or its weights are damaged."
        )
    return y


def _sides(signature: GraphSignature) -> tuple[int, int]:
    """Return height and width of a test picture, not square where the size is free."""
    many = signature.step * -(-64 // signature.step)
    return (signature.size, signature.size) if signature.size else (many, many + signature.step)


def _largest_difference(
    path: Path, engine: RestartingEngine, signature: GraphSignature, runner: RestartingEngine, scores: ScoreKind
) -> float:
    """Return the largest difference of the new file to the old graph with NumPy pre- and postprocessing."""
    x = measurement.noise(signature.input.channels, *_sides(signature))
    expected = _as_probabilities(signature.output.affine.apply_output(_raw_result(path, signature, runner)), scores)
    result = engine.run(x)
    largest = float(np.abs(expected).max())
    difference = float(np.abs(result - expected).max()) if result.shape == expected.shape else float("inf")
    if not difference <= TOLERANCE * max(1.0, largest):
        raise BrokenPromise(
            f"{path} differs by {difference:.2g} with its value range inside the graph; nothing was written. Please "
            "report this."
        )
    return difference


def _as_probabilities(y: Array, scores: ScoreKind) -> Array:
    """Return the result of the new nodes, computed in NumPy."""
    if scores == "no":
        return y
    if scores == "softmax":
        powers = np.exp(y - y.max(axis=1, keepdims=True))
        shares: Array = powers / powers.sum(axis=1, keepdims=True)
        return shares
    one = y if scores == "one" else 1 / (1 + np.exp(-y))
    return np.concatenate([1 - one, one], axis=1)


def _origin(path: Path, graph: Graph, options: ImportOptions) -> dict[str, Any]:
    """Return the origin of the model, for its card."""
    given = {name: value for name, value in options.to_dict().items() if value not in (NONE, False, "", [])}
    made = {"producer": graph.producer, "opset": graph.opset}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"imported": path.name, "sha256": digest, **made, **given}
