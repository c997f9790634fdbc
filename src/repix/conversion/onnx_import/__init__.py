"""Other people's models: what an ONNX file without a contract does is measured, and the contract made of it."""

from repix.conversion.onnx_import.importer import ImportResult, import_model
from repix.conversion.onnx_import.preprocessing import ImportOptions

__all__ = ["ImportOptions", "ImportResult", "import_model"]
