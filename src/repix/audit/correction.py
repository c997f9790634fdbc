"""Correction of a model: uneven kernels are projected onto even ones, without training.

Only the layers become even. Layers after them were trained with the pattern, so results may become worse; the cost is
measured.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.audit.correction_cost import Cost, measure_cost
from repix.audit.graph import ModelGraph, graph_of, read_graph
from repix.audit.layers import Layer
from repix.audit.model_audit import audit_graph, require_levels
from repix.audit.prediction import Prediction
from repix.audit.projection import even_shuffled, even_transposed
from repix.audit.report import Audit, layer_name
from repix.audit.weight_edit import WeightEdit
from repix.conversion.contract import Contract
from repix.conversion.model_file import with_contract
from repix.conversion.model_loader import engine_for
from repix.conversion.onnx_reader import Node
from repix.errors import BrokenPromise, Unreadable, WrongUse
from repix.pictures.atomic import atomic_file, check_free

CHANGE_HEADER = ("layer", "largest change", "relative change", "spread before", "after")
"""The columns of the table of changes. The relative change is the root mean square of the changes over that of the
weights."""
CAUTION = "Only the layers are even now. The other layers were trained with the pattern, so results may be worse"
QUANTIZED = "its weights are not stored as 16-, 32- or 64-bit floats"


@dataclass(frozen=True)
class Change:
    """The change of the weights of one layer."""

    layer: Layer
    largest: float
    """The largest change of a weight or a bias."""
    relative: float
    """The root mean square of the changes, over that of the weights."""
    spread: float
    """The spread of the phase sums afterwards."""


@dataclass(frozen=True)
class Correction:
    """A model with even layers, beside the model that it was made from."""

    before: Audit
    after: Audit
    changes: tuple[Change, ...]
    skipped: tuple[str, ...]
    """Sentences about the uneven layers that cannot be made even."""
    cost: Cost | None
    """The difference of the results for pictures; None without pictures."""

    @property
    def largest_change(self) -> float:
        """The largest change of a weight or a bias."""
        return max(one.largest for one in self.changes)

    @property
    def verdicts(self) -> list[str]:
        """The verdicts before and after, and the largest change, as sentences."""
        largest = f"the largest change of a weight is {self.largest_change:.3g}"
        return [
            f"before: {self.before.verdict}",
            f"after: {self.after.verdict}",
            f"The score was {_score(self.before)} and is {_score(self.after)}; {largest}.",
        ]

    @property
    def caution(self) -> str:
        """One sentence about what the correction does not do."""
        advice = "compare them, or" if self.cost is not None else "measure them with --pictures, or"
        return f"{CAUTION}; {advice} fine-tune the model."

    def rows(self) -> list[list[str]]:
        """Return the table of changes, see CHANGE_HEADER."""
        return [
            [
                layer_name(one.layer),
                f"{one.largest:.3g}",
                f"{one.relative:.1%}",
                f"{one.layer.phases.spread:.2g}" if one.layer.phases else "?",
                f"{one.spread:.1g}",
            ]
            for one in self.changes
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the correction for JSON."""
        changes = [
            {"layer": layer_name(one.layer), "largest": one.largest, "relative": one.relative, "spread": one.spread}
            for one in self.changes
        ]
        return {
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "changes": changes,
            "largest_change": self.largest_change,
            "skipped": list(self.skipped),
            "cost": None if self.cost is None else self.cost.to_dict(),
        }


def fix_model(
    model: str | Path,
    output: str | Path,
    *,
    pictures: str | Path | None = None,
    levels: tuple[float, float] = (0.0, 1.0),
    engine: str = "auto",
    overwrite: bool = False,
) -> Correction:
    """Write a model whose uneven layers are projected onto even ones, closest in least squares, without training.

    It needs the package `onnx` (extras `train` and `import`). A contract is kept; measurements of the old weights
    (metrics, precisions, the measured halo) are removed from it.

    Args:
        model: an ONNX file, with or without a contract, the folder of a run, or the name of a bundled model.
        output: the new ONNX file.
        pictures: a folder of pictures, to measure by how much results change.
        levels: the values of black and white in the model's input.
        engine: the engine that runs the model: "auto", "openvino" or "onnxruntime".
        overwrite: replace an existing file; never the model itself.

    Returns:
        The audits before and after, the changes of the weights, and the cost.

    Raises:
        Unreadable: the model cannot be read.
        Unwritable: the output exists, or cannot be written.
        WrongUse: no layer is uneven, or none can be made even.
        MissingLibrary: the package `onnx` is missing.

    >>> fix_model("nowhere.onnx", "even.onnx")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.onnx: there is no such file.
    """
    target = Path(output)
    require_levels(levels)
    engine = engine_for(engine)
    graph = read_graph(model)
    _require_target(target, graph, overwrite)
    registry.require_libraries("onnx")
    folder = None if pictures is None else Path(pictures)
    before = audit_graph(graph, folder, levels=levels, engine=engine)
    content, changes, skipped = even_content(graph, before.prediction)
    contract = None if graph.contract is None else _kept(graph.contract, [layer_name(one.layer) for one in changes])
    if contract is not None:
        content = with_contract(content, contract)
    new = graph_of(target, content, contract)
    after = audit_graph(new, folder, levels=levels, engine=engine)
    changes = _checked(changes, after)
    cost = None if folder is None else measure_cost(graph, new, before, folder, levels=levels, engine=engine)
    with atomic_file(target, overwrite=overwrite) as file:
        file.write(content)
    return Correction(before, after, tuple(changes), tuple(skipped), cost)


def _require_target(target: Path, graph: ModelGraph, overwrite: bool) -> None:
    """Refuse an output that cannot be written, and the model itself."""
    if target.suffix.lower() != ".onnx":
        raise WrongUse(f"{target}: the file name of the new model must end in .onnx.")
    if target.exists() and target.samefile(graph.path):
        raise WrongUse(f"{target} is the model itself, which is never overwritten; give another name for the new one.")
    check_free(target, overwrite)
    if any(one.external for one in graph.graph.tensors):
        raise Unreadable(f"{graph.path} has its weights in another file; save it as a single file with `onnx` first.")


def _kept(contract: Contract, layers: Sequence[str]) -> Contract:
    """Return the contract without measurements of the old weights, and with a note of the change."""
    trained = {**contract.trained, "layers made even": list(layers)}
    return replace(contract, trained=trained, metrics=(), precisions=(), halo_measured=None)


def even_content(graph: ModelGraph, prediction: Prediction) -> tuple[bytes, list[Change], list[str]]:
    """Return the file with even layers and no contract, the changes, and sentences about layers that are left."""
    uneven = [one.layer for one in prediction.layers if one.is_even is not True]
    if not uneven and prediction.unknown:
        raise WrongUse(f"{graph.path} has no layer that repix could make even: {prediction.unknown}.")
    if not uneven:
        raise WrongUse(f"{graph.path} has no uneven layer, so there is nothing to fix.")
    edit = WeightEdit(graph.content)
    changes, skipped = [], []
    for layer in uneven:
        try:
            changes.append(_made_even(layer, edit, graph))
        except WrongUse as problem:
            skipped.append(f"{layer_name(layer)} stays as it is: {problem}".rstrip(".") + ".")
    if not changes:
        reasons = " ".join(one[:1].upper() + one[1:] for one in skipped)
        raise WrongUse(f"No layer of {graph.path} can be made even. {reasons}")
    return edit.content(), changes, skipped


def _made_even(layer: Layer, edit: WeightEdit, graph: ModelGraph) -> Change:
    """Make one layer even; refuse it with the reason."""
    source = layer.source
    if source is None:
        raise WrongUse(layer.note or "it has no kernel")
    node = source.node
    kernel = edit.array(node.inputs[1])
    if kernel is None:
        raise WrongUse(QUANTIZED)
    if node.kind == "ConvTranspose":
        made = even_transposed(kernel, layer.strides, node.integers("dilations") or None)
        return _change(layer, [(kernel, edit.replace(node.outputs[0], 1, made))])
    _require_alone(layer, graph)
    biases = [edit.array(one.inputs[at]) for one, at in source.biases]
    wide = [one.astype(np.float64).ravel() for one in biases if one is not None]
    if len(wide) < len(biases):
        raise WrongUse(QUANTIZED)
    total = sum(wide[1:], start=wide[0]) if wide else None
    columns_first = layer.node.text("mode", "DCR") == "CRD"
    made, offset = even_shuffled(kernel, total, layer.strides[0], columns_first=columns_first)
    pairs = [(kernel, edit.replace(node.outputs[0], 1, made))]
    if offset is not None and total is not None:
        (adder, at), old = source.biases[0], wide[0]  # of several biases, the first changes
        pairs.append((old, edit.replace(adder.outputs[0], at, old + offset - total).ravel()))
    return _change(layer, pairs)


def _require_alone(layer: Layer, graph: ModelGraph) -> None:
    """Refuse a convolution whose result is used elsewhere than in this pixel shuffle."""
    source = layer.source
    if source is None:
        return
    for node, reader in zip((source.node, *source.path[::-1]), (*source.path[::-1], layer.node), strict=True):
        for output in node.outputs:
            others = [one for one in _readers(graph, output) if one.outputs != reader.outputs]
            if others or output in graph.graph.outputs:
                where = str(others[0]) if others else "the model's result"
                raise WrongUse(f"the convolution before it is used by {where}, too")


def _readers(graph: ModelGraph, name: str) -> Iterator[Node]:
    """Return the nodes that read a tensor, also in a graph inside of them."""
    return (one for one in graph.graph.nodes if _reads(one, name))


def _reads(node: Node, name: str) -> bool:
    nested = [graph for one in node.attributes.values() for graph in one.graphs]
    return name in node.inputs or any(
        name in graph.outputs or any(_reads(one, name) for one in graph.nodes) for graph in nested
    )


def _change(layer: Layer, pairs: Sequence[tuple[Array, Array]]) -> Change:
    """Return the change from old to new arrays."""
    old, new = (
        np.concatenate([one.astype(np.float64).ravel() for one in several]) for several in zip(*pairs, strict=True)
    )
    moved, size = new - old, float(np.sqrt(np.mean(old**2)))
    relative = float(np.sqrt(np.mean(moved**2))) / size if size else 0.0
    return Change(layer, float(np.abs(moved).max()), relative, 0.0)


def _checked(changes: Sequence[Change], after: Audit) -> list[Change]:
    """Return the changes with the spread afterwards; refuse a file whose layers are not even."""
    now = {one.layer.output: one.layer.phases for one in after.prediction.layers}
    made = []
    for one in changes:
        phases = now.get(one.layer.output)
        if phases is None or not phases.even:
            raise BrokenPromise(f"{layer_name(one.layer)} is still uneven, so nothing was written.")
        made.append(replace(one, spread=phases.spread))
    return made


def _score(found: Audit) -> str:
    return "unknown" if found.score is None else f"{found.score:.1f} dB"
