"""Explanations of operations, step by step."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response

from repix.errors import RepixError, UnknownName
from repix.studio.drawing import Drawing
from repix.studio.drawing import Form as DrawingForm
from repix.studio.explanation import explained, operations
from repix.studio.routes._state import add_job, folder_of_job, read_options

router = APIRouter()

FormName = Annotated[DrawingForm, Form(description="An option of `repix explain` that draws.")]
Options = Annotated[str, Form(description='Options of the command as a JSON object of texts: {"kernel": "1 0; 0 -1"}.')]


@router.get("/explain")
def listed() -> list[dict[str, Any]]:
    """Return the operations, with their options as JSON Schema."""
    return operations()


@router.get("/explain/{operation}")
def explain(operation: str, request: Request) -> Response:
    """Return the steps of an operation that `repix explain OPERATION --json` prints; its options are the query."""
    with answers():
        trace = explained(operation, options_of(request))
    return Response(json.dumps(trace, allow_nan=False) + "\n", media_type="application/json")


@router.post("/explain/{operation}/drawing", status_code=202)
def draw(operation: str, request: Request, form: FormName, options: Options = "{}") -> dict[str, Any]:
    """Start a drawing; its result is the file that `repix explain OPERATION` writes with --svg, --png, --gif ..."""
    texts = {key: one if isinstance(one, str) else json.dumps(one) for key, one in read_options(options).items()}
    with folder_of_job(request) as folder, answers():
        return add_job(Drawing(folder, operation, texts, form), request, first=True).to_dict()


def options_of(request: Request) -> dict[str, str]:
    """Return the options of an operation that are in the query."""
    return {key: value for key, value in request.query_params.items() if key != "token"}


@contextmanager
def answers() -> Iterator[None]:
    """Make answers of errors: 404 for an unknown operation, else 422."""
    try:
        yield
    except UnknownName as problem:
        raise HTTPException(404, str(problem)) from None
    except RepixError as problem:
        raise HTTPException(422, str(problem)) from None
