"""The libraries that training needs, looked for before a training begins."""

from repix import registry

LIBRARIES = ("torch", "lightning", "safetensors", "tensorboard", "tomli_w", "onnx", "onnxscript")


def require_libraries() -> None:
    """Refuse where one is not installed; all that are missing are named at once."""
    registry.require_libraries(*LIBRARIES)
