"""Foreign: a contract for somebody else's ONNX file, out of what its graph says, what is told and what is measured."""

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
from repix.pictures.atomic import check_free
from repix.pictures.temporary_files import track, untrack

TOLERANCE = 1e-4
"""How far the finished file may be from the same arithmetic done outside of the model."""

PROBABILITY_TOLERANCE = 1e-3
"""How far the sum of probabilities may be from 1."""


@dataclass(frozen=True)
class ImportResult:
    """What became of a foreign model."""

    contract: Contract
    measured: tuple[str, ...]
    """What was found by running it, and how."""
    unknown: tuple[str, ...]
    """What no measurement can say, and what looks doubtful."""
    whole_reason: str = ""
    """Why there is no halo, where there is none."""


def import_model(
    source: str | Path,
    target: str | Path,
    task: str,
    foreign: ImportOptions | None = None,
    settings: Mapping[str, Any] | None = None,
    engine: str = "auto",
) -> ImportResult:
    """Make a model file with a contract of an ONNX file that has none; a file of the target's name is replaced.

    It needs the package `onnx` (extra `import`).

    >>> import_model("nowhere.onnx", "out.onnx", "denoise", ImportOptions(range="0-255"))
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.onnx: there is no such file.
    """
    registry.require_libraries("onnx")
    path, target, foreign = Path(fspath(source)), Path(fspath(target)), foreign or ImportOptions()
    check_free(target, overwrite=True)
    registry.get("tasks", task)
    graph = read_graph(path)
    with _folder() as folder:
        trial = GraphOpener(path, graph, folder / "model.onnx", engine)
        plain, raw = find_signature(trial, foreign)
        plain = _with_numbers(path, plain, task, foreign)
        scores = _scores(path, plain, raw, task, foreign)
        contract = _promised(path, plain, task, settings or {}, scores)
        contract = replace(contract, trained=_origin(path, graph, foreign), parameters=graph.parameters)
        content = plain.rewritten(graph, scores)
        whole = trial.open(content, contract.channels)
        contract = replace(contract, export_error=_checked(path, whole, plain, raw, scores))
        found = find_halo(path, plain, raw, GraphBytes(content, graph.opset), foreign)
        contract = replace(contract, step=found.step, halo=found.halo, halo_measured=found.measured)
        unknown = unknown_facts(plain, raw, contract, foreign)
        del raw, whole
        write_model(trial.place, content, contract)
        contract = replace(contract, bytes_per_pixel=bytes_per_pixel(trial.place, engine))
    write_model(target, content, contract)
    return ImportResult(contract, measured_facts(plain, found, contract), unknown, found.reason)


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield a folder to try models in, which goes in every case."""
    with TemporaryDirectory(prefix="repix-") as name:
        folder = Path(name)
        track(folder)
        try:
            yield folder
        finally:
            untrack(folder)


def _with_numbers(path: Path, plain: GraphSignature, task: str, foreign: ImportOptions) -> GraphSignature:
    """Return the ends with what is told of their numbers; probabilities have no range of pictures."""
    arriving, leaving = plain.input.channels, plain.output.channels
    if foreign.bgr and 3 not in (arriving, leaving):
        raise WrongUse(f"{path} takes {arriving} channels and gives {leaving}, so no colors can be in another order.")
    behind = IDENTITY if _has_classes(task) else foreign.output_affine(leaving)
    return replace(
        plain,
        input=replace(plain.input, affine=foreign.input_affine(arriving)),
        output=replace(plain.output, affine=behind),
    )


def _has_classes(task: str) -> bool:
    """Return whether the task's results are classes, not pictures."""
    return registry.get("tasks", task).mask_settings is not None


def _promised(path: Path, plain: GraphSignature, task: str, settings: Mapping[str, Any], scores: ScoreKind) -> Contract:
    """Return the contract with the settings that fit the graph: one or three channels, the scale, the classes."""
    channels = (plain.input.channels, 2 if scores in ("one", "sigmoid") else plain.output.channels)
    maker = registry.get("tasks", task)
    known = getattr(getattr(maker, "settings", None), "__dataclass_fields__", {})
    if "scale" not in known and plain.scale != 1:
        raise WrongUse(
            f"{path} gives pictures {plain.scale} times larger, but {task} keeps their size; its task may be upscale."
        )
    if "scale" in known and not 2 <= plain.scale <= 4:
        size = f"{plain.scale} times larger" if plain.scale > 1 else "of the same size"
        raise WrongUse(f"{path} gives pictures {size}; {task} knows 2, 3 and 4 times.")
    given = {**({"scale": plain.scale} if "scale" in known else {}), **settings}
    if "values" in known and "values" not in given:
        given["values"] = list(range(channels[1]))
    choices = [True, False] if "color" in known and "color" not in given else [given.get("color")]
    wanted = []
    for color in choices:
        made = maker(given if color is None else {**given, "color": color})
        if (made.channels, made.scale) == (channels, plain.scale):
            return Contract(
                task, made.settings.to_dict(), channels=channels, scale=plain.scale, step=plain.step, size=plain.size
            )
        wanted.append(f"{made.channels[0]} into {made.channels[1]}")
    raise WrongUse(
        f"{path} turns {channels[0]} channels into {channels[1]}, {plain.scale} times the size, but {task} with "
        f"these settings needs {' or '.join(wanted)}."
    )


def _scores(path: Path, plain: GraphSignature, raw: RestartingEngine, task: str, foreign: ImportOptions) -> ScoreKind:
    """Return what makes probabilities of the result; whether it gives them already is measured."""
    if not _has_classes(task):
        if foreign.softmax:
            raise WrongUse(f"softmax is for probabilities of classes, and {task} gives pictures; leave it out.")
        return "no"
    y = _raw_result(path, plain, raw)
    if plain.output.channels == 1:
        is_share = y.min() >= -PROBABILITY_TOLERANCE and y.max() <= 1 + PROBABILITY_TOLERANCE
        if not foreign.softmax and not is_share:
            raise WrongUse(_no_probabilities(path, f"one class from {y.min():.3g} to {y.max():.3g}"))
        return "sigmoid" if foreign.softmax else "one"
    sums = y.sum(axis=1)
    is_share = y.min() >= -PROBABILITY_TOLERANCE and bool(np.abs(sums - 1).max() <= PROBABILITY_TOLERANCE)
    if not foreign.softmax and not is_share:
        raise WrongUse(_no_probabilities(path, f"classes whose sum is from {sums.min():.3g} to {sums.max():.3g}"))
    if foreign.softmax and is_share:
        raise WrongUse(f"{path} gives probabilities already; leave softmax out.")
    return "softmax" if foreign.softmax else "no"


def _no_probabilities(path: Path, what: str) -> str:
    return f"{path} gives {what}, no probabilities; if these are scores, ask for their softmax (--softmax)."


def _raw_result(path: Path, plain: GraphSignature, raw: RestartingEngine) -> Array:
    """Return what the model gives for noise; refused where that is no number."""
    x = measurement.noise(plain.input.channels, *_sides(plain))
    y = try_run(plain, raw, plain.input.affine.apply_input(x))
    if y is None:
        raise Unreadable(f"{path} runs on gray pictures, but not on noise of the same size.")
    if not np.isfinite(y).all():
        raise Unreadable(f"{path} gives numbers that are not finite; its range may be another, or its weights broken.")
    return y


def _sides(plain: GraphSignature) -> tuple[int, int]:
    """Return a picture that is not square, unless all must be."""
    many = plain.step * -(-64 // plain.step)
    return (plain.size, plain.size) if plain.size else (many, many + plain.step)


def _checked(
    path: Path, engine: RestartingEngine, plain: GraphSignature, raw: RestartingEngine, scores: ScoreKind
) -> float:
    """Return how far the finished file is from the foreign graph with its arithmetic done here."""
    x = measurement.noise(plain.input.channels, *_sides(plain))
    expected = _as_probabilities(plain.output.affine.apply_output(_raw_result(path, plain, raw)), scores)
    result = engine.run(x)
    largest = float(np.abs(expected).max())
    difference = float(np.abs(result - expected).max()) if result.shape == expected.shape else float("inf")
    if not difference <= TOLERANCE * max(1.0, largest):
        raise BrokenPromise(
            f"{path} gives {difference:.2g} more or less with its range inside than with it outside; nothing was "
            "written. Please report this."
        )
    return difference


def _as_probabilities(y: Array, scores: ScoreKind) -> Array:
    """Return what the new nodes do, in numpy."""
    if scores == "no":
        return y
    if scores == "softmax":
        powers = np.exp(y - y.max(axis=1, keepdims=True))
        shares: Array = powers / powers.sum(axis=1, keepdims=True)
        return shares
    one = y if scores == "one" else 1 / (1 + np.exp(-y))
    return np.concatenate([1 - one, one], axis=1)


def _origin(path: Path, graph: Graph, foreign: ImportOptions) -> dict[str, Any]:
    """Return where the model comes from, for its card."""
    told = {name: value for name, value in foreign.to_dict().items() if value not in (NONE, False, "", [])}
    made = {"producer": graph.producer, "opset": graph.opset}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"imported": path.name, "sha256": digest, **made, **told}
