"""Bundled models."""

from typing import Any

from fastapi import APIRouter

from repix.conversion import read_model
from repix.models import catalog

router = APIRouter()


@router.get("/models")
def models() -> list[dict[str, Any]]:
    """Return the bundled models."""
    return [_model(name) for name in catalog()]


def _model(name: str) -> dict[str, Any]:
    found = catalog()[name]
    contract = read_model(found.path).contract
    return {
        "name": name,
        "task": found.task,
        "purpose": found.purpose,
        "limits": found.limits,
        "default": found.default,
        "scale": contract.scale,
        "keep_colors": contract.make_task().keeps_colors and contract.windows is None,
        "classes": contract.make_task().logits,
        "side_inputs": [{"name": one.name, "kind": one.kind} for one in contract.side_inputs],
    }
