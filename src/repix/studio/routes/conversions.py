"""Conversions with bundled models."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile

from repix.conversion.file import FileOptions
from repix.models import catalog
from repix.studio.conversion import Conversion
from repix.studio.routes._state import add_job, folder_of_job, uploads_of

router = APIRouter()

Strength = Annotated[float, Form(ge=0, le=1, description="1 is the result, 0 the source.")]
Quality = Annotated[int | None, Form(ge=1, le=100, description="Of JPEG, WebP and AVIF.")]
KeepColors = Annotated[bool, Form(description="Keep the low frequencies of the source's colors.")]
ModelName = Annotated[str, Form(description="A bundled model, see /models.")]


@router.post("/convert", status_code=202)
def convert(
    file: UploadFile,
    request: Request,
    model: ModelName,
    strength: Strength = 1.0,
    keep_colors: KeepColors = False,
    quality: Quality = None,
) -> dict[str, Any]:
    """Start a conversion; the answer has the id of its job."""
    if model not in catalog():
        raise HTTPException(422, f"There is no bundled model '{model[:60]}'; /api/v1/models lists them.")
    options = FileOptions(strength=strength, keep_colors=keep_colors, quality=quality)
    with folder_of_job(request) as folder:
        source = uploads_of(request).keep(file, folder)
        return add_job(Conversion(source, model, options), request).to_dict()
