"""Conversion: model files, their contracts, and the engines that run them.

`open_model("model.onnx")` returns an engine; `engine.contract` describes the model. `convert(picture, engine)` runs it.
"""

from repix.conversion.budget import WHOLE, Budget
from repix.conversion.callable_model import Converter, converter
from repix.conversion.contract import Contract, Provenance
from repix.conversion.contract_parts import MeasuredPrecision, Slices, Windows
from repix.conversion.convert import convert, predict
from repix.conversion.echo import Echo
from repix.conversion.engine import Engine
from repix.conversion.model_file import ModelFile, read_model, write_model
from repix.conversion.model_loader import LoadedModel, open_model
from repix.side_inputs import SideInput

__all__ = [
    "WHOLE",
    "Budget",
    "Contract",
    "Converter",
    "Echo",
    "Engine",
    "LoadedModel",
    "MeasuredPrecision",
    "ModelFile",
    "Provenance",
    "SideInput",
    "Slices",
    "Windows",
    "convert",
    "converter",
    "open_model",
    "predict",
    "read_model",
    "write_model",
]
