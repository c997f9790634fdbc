"""Filters and degradations."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, UploadFile

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


@dataclass(frozen=True)
class ChangeForm:
    """The form of a filter or degradation."""

    request: Request
    file: UploadFile
    name: Name
    options: Options = "{}"
    seed: Seed = 0
    depth: Depth = None
    quality: Quality = None

    def start(self, family: str) -> dict[str, Any]:
        """Start the member of a family that has the name."""
        with folder_of_job(self.request) as folder:
            settings = read_options(self.options)
            require_member(family, self.name)
            chosen = ChangeOptions(self.seed, self.depth or None, self.quality)
            source = uploads_of(self.request).keep(self.file, folder)
            return add_job(PictureChange(source, family, self.name, settings, chosen), self.request).to_dict()


Sent = Annotated[ChangeForm, Depends()]


@router.post("/filter", status_code=202)
def apply_filter(form: Sent) -> dict[str, Any]:
    """Start a filter; its result is the file that `repix filter NAME` writes."""
    return form.start("filters")


@router.post("/degrade", status_code=202)
def degrade(form: Sent) -> dict[str, Any]:
    """Start a degradation; its result is the file that `repix degrade NAME` writes."""
    return form.start("degradations")
