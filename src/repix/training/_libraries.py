"""The libraries that training needs, looked for before anything else of this room is imported."""

from repix import members

LIBRARIES = ("torch", "lightning", "safetensors", "tensorboard", "tomli_w", "onnx", "onnxscript")


def require_libraries() -> None:
    """Refuse with the extra that brings it where one is not installed."""
    for library in LIBRARIES:
        members.library(library)


require_libraries()
