"""The report of an audit: one verdict, one score, and a table of layers with predicted beside measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repix.audit.layers import Layer
from repix.audit.measurement import KindMeasurement, LayerMeasurement, Measurement
from repix.audit.prediction import LIMIT, LayerPrediction, Prediction
from repix.audit.spectrum import Strength

HEADER = ("layer", "stride", "period", "spread", "predicted", "measured", "texture", "result")
"""The columns of the table of layers: spread of the phase sums, and scores in dB. Predicted and measured are after the
layer, for constant inputs. The result is predicted: what the layers after it leave of its pattern."""
KIND_HEADER = ("inputs", "dB", "gray levels", "period", "strongest")
"""The columns of the table of inputs."""
GRADIENT_HEADER = ("strided convolution", "stride", "spread of its gradient")
"""The columns of the table of gradients."""
EVENNESS = {True: "even", False: "uneven", None: "?"}
"""The spread of a layer without phase sums, from the evaluation for constant inputs."""
KNOWN = {"constant": "constant inputs", "ramp": "ramps", "step": "steps", "texture": "texture", "pictures": "pictures"}


@dataclass(frozen=True)
class Audit:
    """The audit of a model."""

    model: Path
    prediction: Prediction
    measurement: Measurement | None
    """None if the model was not measured."""
    unmeasured: str = ""
    """The reason why it was not measured; empty if it was, or if nothing had to be."""

    @property
    def score(self) -> float | None:
        """The score in dB: measured for the worst kind of inputs, else predicted for constants; None if both fail.

        A model without upsampling has the score 0.
        """
        if self.measurement is not None:
            return self.measurement.worst.strength.score
        if not self.prediction.layers and not self.prediction.unknown:
            return 0.0
        return None if self.prediction.result is None else self.prediction.result.score

    @property
    def strength(self) -> Strength | None:
        """The strongest pattern."""
        return self.prediction.result if self.measurement is None else self.measurement.worst.strength

    @property
    def origin(self) -> LayerPrediction | None:
        """The layer at which the strongest pattern arises; None without a checkerboard, or if it is unknown."""
        found = self.strength
        if found is None or found.score <= LIMIT:
            return None
        period = max(part.denominator for part in found.frequency)
        fitting = [one for one in self.prediction.layers if one.is_even is not True and one.period == period]
        fitting = fitting or [one for one in self.prediction.layers if one.is_even is not True]
        return max(fitting, key=lambda one: -1.0 if one.alone is None else one.alone.score, default=None)

    @property
    def verdict(self) -> str:
        """One sentence."""
        if not self.prediction.layers and not self.prediction.unknown:
            return f"{self.model.name} has no upsampling layer, so it makes no checkerboard."
        found = self.strength
        if found is not None:
            return f"{self.model.name} {self._found(found)}."
        uneven = [one for one in self.prediction.layers if one.is_even is not True]
        layers = "all its upsampling layers are even" if not uneven else f"not even is {layer_name(uneven[0].layer)}"
        reason = self.unmeasured or self.prediction.unknown
        return f"{self.model.name} cannot be judged as a whole ({reason}); {layers}."

    @property
    def notes(self) -> list[str]:
        """Sentences about what could not be predicted or measured, as far as the verdict does not name it."""
        said = (
            (self.prediction.unknown, "the prediction is not complete"),
            (self.unmeasured, "nothing was measured"),
        )
        return [
            f"{reason.rstrip('.')}, so {effect}." for reason, effect in said if reason and reason not in self.verdict
        ]

    def _found(self, found: Strength) -> str:
        """Return the predicate of the verdict."""
        how = "predicted for constant inputs"
        if self.measurement is not None:
            how = f"on {KNOWN[self.measurement.worst.kind]}"
        if found.score <= LIMIT:
            most = f"at most {found.score:.1f} dB over the neighborhood ({how})"
            predicted = self.prediction.result
            far = ""
            if predicted is not None and predicted.score > LIMIT:
                far = f"; far from borders, {predicted.score:.1f} dB are predicted"
            return f"has no checkerboard: {most}, the limit is {LIMIT:g} dB{far}"
        period = max(part.denominator for part in found.frequency)
        origin = self.origin
        source = "" if origin is None else f"; it arises in the {layer_name(origin.layer)}"
        place = "" if self.measurement is None else f", strongest {_place(self.measurement.worst)}"
        return (
            f"has a checkerboard of period {period}: {found.score:.1f} dB over the neighborhood, "
            f"{_levels(found.amplitude)} gray levels ({how}){place}{source}"
        )

    def rows(self) -> list[list[str]]:
        """Return the table of layers, see HEADER."""
        measured = {one.name: one for one in self.measurement.layers} if self.measurement is not None else {}
        return [_row(one, measured.get(one.layer.output)) for one in self.prediction.layers]

    def gradient_rows(self) -> list[list[str]]:
        """Return the table of strided convolutions: name, stride, and spread of the gradient's phase sums."""
        return [[named(one), _times(one.strides), _spread(one)] for one in self.prediction.gradients]

    def kind_rows(self) -> list[list[str]]:
        """Return the table of inputs: kind, score, amplitude in gray levels, period, and place."""
        if self.measurement is None:
            return []
        return [
            [
                KNOWN[one.kind],
                f"{one.strength.score:.1f}",
                _levels(one.strength.amplitude),
                str(max(part.denominator for part in one.strength.frequency)),
                _place(one),
            ]
            for one in self.measurement.kinds
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the audit for JSON."""
        measured = {one.name: one for one in self.measurement.layers} if self.measurement is not None else {}
        return {
            "model": str(self.model),
            "verdict": self.verdict,
            "score": self.score,
            "predicted": _as_dict(self.prediction.result),
            "unpredicted": self.prediction.unknown,
            "unmeasured": self.unmeasured,
            "inputs": [] if self.measurement is None else [_kind(one) for one in self.measurement.kinds],
            "layers": [_layer(one, measured.get(one.layer.output)) for one in self.prediction.layers],
            "gradients": [
                {"layer": named(one), "strides": list(one.strides), **_phases(one)} for one in self.prediction.gradients
            ],
        }


def named(layer: Layer) -> str:
    """Return the name of a layer: that of its node, or of its result."""
    return layer.node.name or layer.output


def layer_name(layer: Layer) -> str:
    """Return the kind and the name of a layer."""
    return f"{layer.kind} '{named(layer)}'"


def _place(found: KindMeasurement) -> str:
    where = found.worst
    file = f" of {where.name}" if where.name else ""
    return f"at row {where.row + where.side // 2}, column {where.column + where.side // 2}{file}"


def _row(found: LayerPrediction, measured: LayerMeasurement | None) -> list[str]:
    layer = found.layer
    return [
        layer_name(layer),
        _times(layer.strides),
        "?" if found.period is None else str(found.period),
        _spread(layer) if layer.phases is not None else EVENNESS[found.is_even],
        _score(found.in_layer),
        _score(None if measured is None else measured.constant),
        _score(None if measured is None else measured.pictures),
        _score(found.alone),
    ]


def _spread(layer: Layer) -> str:
    if layer.phases is None:
        return layer.note or "no kernel"
    return "even" if layer.phases.even else f"{layer.phases.spread:.2g}"


def _times(strides: tuple[int, ...]) -> str:
    return "×".join(map(str, strides)) or "?"


def _score(found: Strength | None) -> str:
    return "" if found is None else f"{found.score:.1f}"


def _as_dict(found: Strength | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "score": found.score,
        "amplitude": found.amplitude,
        "frequency": [float(part) for part in found.frequency],
    }


def _phases(layer: Layer) -> dict[str, Any]:
    if layer.phases is None:
        return {"even": None, "spread": None, "note": layer.note}
    return {"even": layer.phases.even, "spread": layer.phases.spread, "note": layer.note}


def _kind(found: KindMeasurement) -> dict[str, Any]:
    where = found.worst
    return {
        "inputs": found.kind,
        **(_as_dict(found.strength) or {}),
        "worst": {"row": where.row, "column": where.column, "side": where.side, "file": where.name},
        "azimuthal": [float(one) for one in found.azimuthal],
        "azimuthal_truth": None if found.truth is None else [float(one) for one in found.truth],
    }


def _layer(found: LayerPrediction, measured: LayerMeasurement | None) -> dict[str, Any]:
    layer = found.layer
    return {
        "layer": named(layer),
        "kind": layer.kind,
        "strides": list(layer.strides),
        "period": found.period,
        **_phases(layer),
        "even": found.is_even,
        "predicted": _as_dict(found.in_layer),
        "measured": _as_dict(None if measured is None else measured.constant),
        "measured_pictures": _as_dict(None if measured is None else measured.pictures),
        "result": _as_dict(found.alone),
        "gain": found.gain,
    }


def _levels(amplitude: float) -> str:
    """Return an amplitude as text: two digits, but never an exponent for a large one.

    >>> _levels(0.0312), _levels(8.04), _levels(131.2)
    ('0.031', '8', '131')
    """
    return f"{amplitude:.2g}" if amplitude < 10 else f"{amplitude:.0f}"
