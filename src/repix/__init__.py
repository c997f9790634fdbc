"""Image-to-image conversion with neural networks: convert, train, evaluate, and explain the arithmetic.

>>> import repix
>>> picture = repix.Picture(pixels)                     # doctest: +SKIP
>>> repix.write(picture, "out.png")                     # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from repix._version import VERSION as __version__
from repix.lazy_names import lazy_name

if TYPE_CHECKING:
    from repix import (
        arithmetic,
        audit,
        conversion,
        data,
        degradations,
        errors,
        evaluation,
        explanation,
        filters,
        fusion,
        inspection,
        losses,
        masks,
        metrics,
        models,
        networks,
        pictures,
        registry,
        report,
        tasks,
        training,
        upsampling,
        volumes,
    )
    from repix.audit.model_audit import audit_model
    from repix.conversion.callable_model import converter
    from repix.conversion.convert import convert
    from repix.conversion.folder import convert_folder
    from repix.evaluation import evaluate
    from repix.fusion import fuse
    from repix.inspection import inspect
    from repix.pictures import Picture, read, write
    from repix.training import Recipe, train
    from repix.training.foreign_module import export

_PACKAGES = (
    "arithmetic",
    "audit",
    "conversion",
    "data",
    "degradations",
    "errors",
    "evaluation",
    "explanation",
    "filters",
    "fusion",
    "inspection",
    "losses",
    "masks",
    "registry",
    "metrics",
    "models",
    "networks",
    "pictures",
    "report",
    "studio",
    "tasks",
    "training",
    "upsampling",
    "volumes",
)
_HOMES = {
    "Picture": "pictures",
    "Recipe": "training",
    "audit_model": "audit",
    "convert": "conversion",
    "convert_folder": "conversion.folder",
    "converter": "conversion",
    "evaluate": "evaluation",
    "export": "training.foreign_module",
    "fuse": "fusion",
    "inspect": "inspection",
    "read": "pictures",
    "train": "training",
    "write": "pictures",
}

__all__ = [
    "Picture",
    "Recipe",
    "__version__",
    "arithmetic",
    "audit",
    "audit_model",
    "conversion",
    "convert",
    "convert_folder",
    "converter",
    "data",
    "degradations",
    "errors",
    "evaluate",
    "evaluation",
    "explanation",
    "export",
    "filters",
    "fuse",
    "fusion",
    "inspect",
    "inspection",
    "losses",
    "masks",
    "metrics",
    "models",
    "networks",
    "pictures",
    "read",
    "registry",
    "report",
    "studio",
    "tasks",
    "train",
    "training",
    "upsampling",
    "volumes",
    "write",
]


def __getattr__(name: str) -> Any:
    """Import a subpackage on first use, so that `import repix` stays fast."""
    if name in _PACKAGES:
        return import_module(f"repix.{name}")
    return lazy_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
