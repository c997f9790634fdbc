"""OpenVINO without what converts other programs' models."""

import sys
from types import ModuleType
from typing import Any

from repix import registry

CONVERTER = "openvino.tools.ovc"


def openvino() -> Any:
    """Return the library. Its converter, which nobody needs here, takes longer to import than all the rest: it comes later.

    `openvino.convert_model` is there for whoever else uses the library in this process, and loads it when it is called.
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
    """Return the library's own."""
    return registry.library(CONVERTER).convert_model(*given, **named)
