"""Conversion: model files, what they promise, and the engines that run them.

`open_model("model.onnx")` gives an engine, whose `contract` says what the model is; `convert(picture, engine)` uses it.
"""

from repix.conversion.budget import WHOLE, Budget
from repix.conversion.contract import About, Contract
from repix.conversion.contract_parts import MeasuredPrecision, SideInput, Windows
from repix.conversion.convert import convert, predicted
from repix.conversion.converter import Converter, converter
from repix.conversion.echo import Echo
from repix.conversion.engine import Engine
from repix.conversion.model_file import ModelFile, read_model, write_model
from repix.conversion.opening import Opened, open_model

__all__ = [
    "WHOLE",
    "About",
    "Budget",
    "Contract",
    "Converter",
    "Echo",
    "Engine",
    "MeasuredPrecision",
    "ModelFile",
    "Opened",
    "SideInput",
    "Windows",
    "convert",
    "converter",
    "open_model",
    "predicted",
    "read_model",
    "write_model",
]
