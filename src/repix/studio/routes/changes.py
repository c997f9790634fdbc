"""Filters and degradations."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile

from repix.studio.picture_change import ChangeOptions, PictureChange, members, require_member
from repix.studio.routes._state import add_job, folder_of_job, read_options, uploads_of

router = APIRouter()

Name = Annotated[str, Form(description="A member of the family; the lists have all.")]
Options = Annotated[str, Form(description='Its options as a JSON object, such as {"sigma": 25}.')]
Seed = Annotated[int, Form(ge=0, lt=2**63, description="Random seed.")]
Depth = Annotated[str | None, Form(description="Bit depth of the result: 8, 16 or float; none: the source's.")]
Quality = Annotated[int | None, Form(ge=1, le=100, description="Of JPEG, WebP and AVIF.")]


@router.get("/filters")
def filters() -> list[dict[str, Any]]:
    """Return the filters, with their options as JSON Schema."""
    return members("filters")


@router.get("/degradations")
def degradations() -> list[dict[str, Any]]:
    """Return the degradations, with their options as JSON Schema."""
    return members("degradations")


@router.post("/filter", status_code=202)
def apply_filter(
    file: UploadFile,
    request: Request,
    name: Name,
    options: Options = "{}",
    seed: Seed = 0,
    depth: Depth = None,
    quality: Quality = None,
) -> dict[str, Any]:
    """Start a filter; its result is the file that `repix filter NAME` writes."""
    return _started(request, file, ("filters", name), options, (seed, depth or None, quality))


@router.post("/degrade", status_code=202)
def degrade(
    file: UploadFile,
    request: Request,
    name: Name,
    options: Options = "{}",
    seed: Seed = 0,
    depth: Depth = None,
    quality: Quality = None,
) -> dict[str, Any]:
    """Start a degradation; its result is the file that `repix degrade NAME` writes."""
    return _started(request, file, ("degradations", name), options, (seed, depth or None, quality))


def _started(
    request: Request,
    file: UploadFile,
    member: tuple[str, str],
    options: str,
    common: tuple[int, str | None, int | None],
) -> dict[str, Any]:
    with folder_of_job(request) as folder:
        settings = read_options(options)
        require_member(*member)
        chosen = ChangeOptions(*common)
        source = uploads_of(request).keep(file, folder)
        return add_job(PictureChange(source, *member, settings, chosen), request).to_dict()
