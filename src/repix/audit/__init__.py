"""Checkerboard artifacts of any model: predicted from its weights, and measured on its results.

found = audit_model("upscale-x2")      # an ONNX file of any program, a run, a bundled model, a torch module
print(found.verdict)
found.score                            # dB over the spectral neighborhood
found.prediction.layers[0].layer.phases.sums
fix_model("old.onnx", "new.onnx")      # projects uneven kernels onto even ones
"""

from typing import TYPE_CHECKING, Any

from repix.lazy_names import lazy_name

if TYPE_CHECKING:
    from repix.audit.correction import Correction, fix_model
    from repix.audit.model_audit import audit_model
    from repix.audit.phases import PhaseSums, shuffled_phases, strided_phases, transposed_phases
    from repix.audit.projection import even_shuffled, even_transposed
    from repix.audit.report import Audit

_HOMES = {
    "Audit": "report",
    "Correction": "correction",
    "PhaseSums": "phases",
    "audit_model": "model_audit",
    "even_shuffled": "projection",
    "even_transposed": "projection",
    "fix_model": "correction",
    "shuffled_phases": "phases",
    "strided_phases": "phases",
    "transposed_phases": "phases",
}

__all__ = [
    "Audit",
    "Correction",
    "PhaseSums",
    "audit_model",
    "even_shuffled",
    "even_transposed",
    "fix_model",
    "shuffled_phases",
    "strided_phases",
    "transposed_phases",
]


def __getattr__(name: str) -> Any:
    """Import a module on first use."""
    return lazy_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
