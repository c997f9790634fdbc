"""The receptive field of a graph, computed from its nodes."""

from repix.conversion.onnx_import.receptive_field.errors import MisalignedError, UnboundedError
from repix.conversion.onnx_import.receptive_field.traversal import ReceptiveField, receptive_field

__all__ = ["MisalignedError", "ReceptiveField", "UnboundedError", "receptive_field"]
