"""The audit of a model: predicted from its weights, and measured on its results."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from repix.audit.graph import ModelGraph, read_graph
from repix.audit.measurement import measure
from repix.audit.prediction import Prediction, predict
from repix.audit.report import Audit, layer_name
from repix.audit.runner import channels_of
from repix.conversion.model_loader import engine_for
from repix.errors import Unreadable, WrongUse

if TYPE_CHECKING:
    from torch import nn


def audit_model(
    model: "str | Path | nn.Module",
    *,
    pictures: str | Path | None = None,
    channels: int | None = None,
    levels: tuple[float, float] = (0.0, 1.0),
    engine: str = "auto",
) -> Audit:
    """Return the audit of a model for checkerboard artifacts: predicted from its weights, and measured.

    Args:
        model: an ONNX file, with or without a contract, the folder of a run, the name of a bundled model, or a torch
            module.
        pictures: a folder of pictures to measure with, besides constants, ramps, steps and texture.
        channels: the number of input channels of a torch module; by default those of its first convolution.
        levels: the values of black and white in the model's input.
        engine: the engine that runs the model: "auto", "openvino" or "onnxruntime".

    Returns:
        The verdict, the score in dB, the layers, and what was measured.

    Raises:
        Unreadable: the model cannot be read, or it can neither be predicted nor measured.
        UnknownName: there is no such engine.
        WrongUse: another argument has an invalid value.

    >>> audit_model("upscale-x2").verdict
    'upscale-x2.onnx has no checkerboard: at most ... dB over the neighborhood (on ...), the limit is 10 dB.'
    """
    require_levels(levels)
    folder = None if pictures is None else Path(pictures)
    return audit_graph(read_graph(model, channels), folder, levels=levels, engine=engine_for(engine))


def require_levels(levels: tuple[float, float]) -> None:
    """Refuse a white that is not above black."""
    if not levels[0] < levels[1]:
        raise WrongUse(f"levels is {levels}; the second value, white, must be larger than the first, black.")


def audit_graph(graph: ModelGraph, folder: Path | None, *, levels: tuple[float, float], engine: str) -> Audit:
    """Return the audit of a graph."""
    step = 1 if graph.contract is None else graph.contract.step
    with np.errstate(over="ignore", invalid="ignore"):  # of weights that are not finite, which are refused
        prediction = predict(graph, channels_of(graph), step, levels)
    _require_finite(graph, prediction)
    if not prediction.layers and not prediction.unknown:
        return Audit(graph.path, prediction, None)
    try:
        return Audit(graph.path, prediction, measure(graph, prediction, folder, levels=levels, engine=engine))
    except Unreadable as problem:
        if folder is not None or not prediction.layers:
            raise
        return Audit(graph.path, prediction, None, str(problem).rstrip("."))


def _require_finite(graph: ModelGraph, prediction: Prediction) -> None:
    """Refuse a model with an upsampling layer whose weights are NaN or infinite."""
    for one in prediction.layers:
        if one.layer.phases is not None and not np.isfinite(one.layer.phases.sums).all():
            raise Unreadable(
                f"{graph.path} has weights that are NaN or infinite, in the {layer_name(one.layer)}; train or export "
                "it again."
            )
