"""Import of OpenVINO without its model converter."""

import sys
from types import ModuleType
from typing import Any

from repix import registry

CONVERTER = "openvino.tools.ovc"


def openvino() -> Any:
    """Return the library; its model converter, which takes most of the import time, is imported when it is called.

    `openvino.convert_model` still works for other users of the library in this process.
    """
    if "openvino" in sys.modules or CONVERTER in sys.modules:
        return registry.library("openvino")
    stand_in = ModuleType(CONVERTER)
    stand_in.convert_model = _convert_model  # type: ignore[attr-defined]
    sys.modules[CONVERTER] = stand_in
    try:
        return registry.library("openvino")
    finally:
        sys.modules.pop(CONVERTER, None)


def _convert_model(*given: Any, **named: Any) -> Any:
    """Import the converter and call it."""
    return registry.library(CONVERTER).convert_model(*given, **named)
