"""Other people's models: what an ONNX file without a contract does is measured, and the contract made of it."""

from repix.conversion.foreign.importing import Imported, import_model
from repix.conversion.foreign.numbers import Foreign

__all__ = ["Foreign", "Imported", "import_model"]
