"""Explanations of operations, step by step."""

import json
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from repix.errors import RepixError, UnknownName
from repix.studio.explanation import explained, operations

router = APIRouter()


@router.get("/explain")
def listed() -> list[dict[str, Any]]:
    """Return the operations, with their options as JSON Schema."""
    return operations()


@router.get("/explain/{operation}")
def explain(operation: str, request: Request) -> Response:
    """Return the steps of an operation that `repix explain OPERATION --json` prints; its options are the query."""
    given = {key: value for key, value in request.query_params.items() if key != "token"}
    try:
        trace = explained(operation, given)
    except UnknownName as problem:
        raise HTTPException(404, str(problem)) from None
    except RepixError as problem:
        raise HTTPException(422, str(problem)) from None
    return Response(json.dumps(trace, allow_nan=False) + "\n", media_type="application/json")
