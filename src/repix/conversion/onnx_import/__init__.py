"""ONNX import: measure a model without a contract, and write it with the contract that follows."""

from repix.conversion.onnx_import.importer import ImportResult, import_model
from repix.conversion.onnx_import.preprocessing import ImportOptions

__all__ = ["ImportOptions", "ImportResult", "import_model"]
