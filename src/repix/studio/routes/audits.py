"""Audits of ONNX files for checkerboards."""

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile

from repix.studio.model_audit import LARGEST, ModelAudit
from repix.studio.routes._state import add_job, folder_of_job
from repix.studio.uploads import Upload, store

router = APIRouter()

Span = Annotated[
    Literal["0-1", "0-255", "-1-1"] | None,
    Form(alias="range", description="Black and white in the input of a foreign model; none: 0-1."),
]


@router.post("/audit", status_code=202)
def audit(file: UploadFile, request: Request, span: Span = None) -> dict[str, Any]:
    """Start the audit of an ONNX file; its result is the JSON that `repix audit MODEL --json` prints."""
    if not (file.filename or "").lower().endswith(".onnx"):
        raise HTTPException(415, "The audit takes ONNX files, whose name ends in .onnx.")
    if (file.size or 0) > LARGEST:
        raise HTTPException(413, f"The model is larger than the {LARGEST:,} bytes allowed here.")
    with folder_of_job(request) as folder:
        kept = Upload(folder / "model.onnx", Path(file.filename or "model.onnx").name, "The model")
        store(file, kept.path, kept.spoken)
        return add_job(ModelAudit(kept, span), request).to_dict()
