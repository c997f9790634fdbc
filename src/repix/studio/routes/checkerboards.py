"""Checkerboards: untrained layers on a photo."""

from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile

from repix.audit.untrained_layer import UntrainedLayer
from repix.pictures import write
from repix.studio.answers import Png
from repix.studio.checkerboard import photo_pixels, shown_layer, square_photo
from repix.studio.routes._state import folder_of_request, read_options, uploads_of

router = APIRouter()

Layer = Annotated[str, Form(description="The layer as a JSON object, see the schema of GET.")]


@router.get("/checkerboard")
def checkerboard_settings() -> dict[str, Any]:
    """Return the settings of a layer, as JSON Schema."""
    return UntrainedLayer.schema()


@router.post("/checkerboard")
def checkerboard(request: Request, file: UploadFile | None = None, layer: Layer = "{}") -> dict[str, Any]:
    """Return what an untrained layer makes of a photo, or of a drawn one: pictures, phase sums and spectrum."""
    with folder_of_request(request) as folder:
        chosen = UntrainedLayer.from_dict(read_options(layer))
        source = None if file is None else uploads_of(request).keep(file, folder)
        return shown_layer(chosen, square_photo(None if source is None else source.path))


@router.post("/checkerboard/photo", response_class=Png)
def photo(file: UploadFile, request: Request) -> Png:
    """Return the gray square of a photo that layers enlarge, as PNG; sent back, it is decoded faster than the photo."""
    with folder_of_request(request) as folder:
        source = uploads_of(request).keep(file, folder)
        small = BytesIO()
        write(photo_pixels(square_photo(source.path)), small, format="png")
    return Png(small.getvalue())
