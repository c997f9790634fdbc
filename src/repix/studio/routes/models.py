"""Bundled models."""

from typing import Any

from fastapi import APIRouter

from repix.models import catalog
from repix.studio.bundled import contract_of, present

router = APIRouter()


@router.get("/models")
def models() -> list[dict[str, Any]]:
    """Return the bundled models, as far as their files are there."""
    return [_model(name) for name in present()]


def _model(name: str) -> dict[str, Any]:
    found = catalog()[name]
    contract = contract_of(name)
    return {
        "name": name,
        "task": found.task,
        "purpose": found.purpose,
        "limits": found.limits,
        "default": found.default,
        "scale": contract.scale,
        "keep_colors": contract.make_task().keeps_colors and contract.windows is None,
        "classes": contract.make_task().logits,
        "side_inputs": [{"name": one.name, "kind": one.kind, "chosen": one.chosen} for one in contract.side_inputs],
    }
