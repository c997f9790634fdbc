"""Parts: the files that a job makes besides its result, such as an error map or a page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse

from repix.studio.routes._state import jobs_of

router = APIRouter()


@runtime_checkable
class WithParts(Protocol):
    """Work that makes several files."""

    @property
    def parts(self) -> Mapping[str, Path]:
        """The files by name; one that does not exist was not made."""
        ...


KINDS: dict[str, dict[str, str]] = {"image/png": {}, "application/octet-stream": {}}
"""A picture to be shown, or a page to be saved."""


@router.get("/jobs/{id}/parts/{part}", response_class=FileResponse, responses={200: {"content": KINDS}})
def part(id: str, part: str, request: Request) -> FileResponse:  # noqa: A002 (the name in the path)
    """Return a file that a job made besides its result; a page is sent as a file to save."""
    job = jobs_of(request).find(id)
    if job is None:
        raise HTTPException(404, "There is no such job; the server may have been started again.")
    file = job.work.parts.get(part) if isinstance(job.work, WithParts) else None
    if file is None or not file.is_file():
        raise HTTPException(404, "The job has no such part.")
    if file.suffix == ".png":
        return FileResponse(file, media_type="image/png")
    return FileResponse(file, media_type="application/octet-stream", filename=f"{Path(job.work.name).stem}.html")
