"""Conversions with bundled models."""

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile
from pydantic import Field

from repix.conversion.crop import Crop
from repix.conversion.file import FileOptions
from repix.models import catalog
from repix.studio.bundled import contract_of
from repix.studio.conversion import Conversion
from repix.studio.routes._state import Source, add_job, folder_of_job, kept_source, uploads_of
from repix.studio.side import MOST_HINTS, Given
from repix.studio.uploads import Upload

router = APIRouter()

Strength = Annotated[float, Form(ge=0, le=1, description="1 is the result, 0 the source.")]
Quality = Annotated[int | None, Form(ge=1, le=100, description="Of JPEG, WebP and AVIF.")]
KeepColors = Annotated[bool, Form(description="Keep the low frequencies of the source's colors.")]
ModelName = Annotated[str, Form(description="A bundled model, see /models.")]
CropText = Annotated[str, Form(max_length=50, description="X,Y,WIDTH,HEIGHT: convert only this part.")]
Hints = Annotated[
    str, Form(max_length=MOST_HINTS, description='Color hints: JSON, [{"x": 120, "y": 40, "color": "#c02018"}].')
]
Perception = Annotated[
    Annotated[float, Field(ge=0, le=1)] | Literal["auto"] | None,
    Form(description="Fidelity (0), detail (1), or auto: the model chooses at each pixel, if it can."),
]
Preview = Annotated[
    bool, Form(description="Convert before the jobs that wait; for a picture or crop of at most 512×512 pixels.")
]
LARGEST_PREVIEW = 2**18
"""Pixels."""


@router.post("/convert", status_code=202)
def convert(
    request: Request,
    model: ModelName,
    file: UploadFile | None = None,
    source: Source = "",
    strength: Strength = 1.0,
    keep_colors: KeepColors = False,
    quality: Quality = None,
    crop: CropText = "",
    hints: Hints = "",
    perception: Perception = None,
    perception_map: UploadFile | None = None,
    preview: Preview = False,
) -> dict[str, Any]:
    """Start a conversion; the answer has the id of its job."""
    if model not in catalog():
        raise HTTPException(422, f"There is no bundled model '{model[:60]}'; /api/v1/models lists them.")
    with folder_of_job(request) as folder:
        picture = kept_source(file, source, folder, request)
        painted = _kept_map(perception_map, folder, request)
        contract = contract_of(model)
        side = Given(hints, perception, painted).side(contract, picture)
        options = FileOptions(
            strength=strength,
            keep_colors=keep_colors,
            quality=quality,
            crop=Crop.read(crop) if crop else None,
            side=side,
        )
        further = () if painted is None else (painted,)
        work = Conversion(picture, model, contract, options, further)
        if preview and work.pixels > LARGEST_PREVIEW:
            raise HTTPException(422, f"A preview has at most {LARGEST_PREVIEW:,} pixels; give a smaller crop.")
        return add_job(work, request, first=preview).to_dict()


def _kept_map(file: UploadFile | None, folder: Path, request: Request) -> Upload | None:
    return None if file is None else uploads_of(request).keep(file, folder, "map", "The perception map")
